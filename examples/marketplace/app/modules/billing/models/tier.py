import enum
from decimal import Decimal

from sqlalchemy import ARRAY, CheckConstraint, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum


class BillingInterval(enum.StrEnum):
    MONTH = "month"
    YEAR = "year"


class SubscriptionTier(TimestampMixin, Base):
    __tablename__ = "subscription_tiers"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("max_stores > 0", name="max_stores_positive"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    price: Mapped[Decimal]
    interval: Mapped[BillingInterval] = mapped_column(
        pg_enum(BillingInterval, "billing_interval"), server_default=sql("'month'")
    )
    max_stores: Mapped[int | None] = mapped_column(comment="NULL: as many as they like")
    features: Mapped[list[str]] = mapped_column(
        ARRAY(String(40)), server_default=sql("'{}'::character varying[]")
    )
