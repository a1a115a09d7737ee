import enum
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.modules.billing.models.invoice import Invoice
    from app.modules.billing.models.tier import SubscriptionTier
    from app.modules.tenancy.models.tenant import Tenant


class SubscriptionStatus(enum.StrEnum):
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELLED = "cancelled"


class Subscription(TimestampMixin, Base):
    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_date"
        ),
        Index(
            "uq_subscriptions_live",
            "tenant_id",
            unique=True,
            postgresql_where=sql("status <> 'cancelled'"),
        ),
    )

    id: Mapped[PrimaryKey]
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    tier_id: Mapped[int] = mapped_column(ForeignKey("subscription_tiers.id"), index=True)
    status: Mapped[SubscriptionStatus] = mapped_column(
        pg_enum(SubscriptionStatus, "subscription_status"), server_default=sql("'trialing'")
    )
    started_on: Mapped[date] = mapped_column(server_default=func.current_date())
    renews_on: Mapped[date]
    cancelled_at: Mapped[datetime | None]

    tenant: Mapped["Tenant"] = relationship()
    tier: Mapped["SubscriptionTier"] = relationship()
    invoices: Mapped[list["Invoice"]] = relationship(back_populates="subscription")
