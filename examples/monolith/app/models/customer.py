from datetime import datetime
from typing import TYPE_CHECKING, Optional

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

if TYPE_CHECKING:
    from app.models.customer_group import CustomerGroup
    from app.models.tenant import Tenant
    from app.models.user import User


class Customer(TimestampMixin, Base):
    __tablename__ = "customers"
    __table_args__ = (
        Index("uq_customers_tenant_email", "tenant_id", sql("lower(email)"), unique=True),
        Index(
            "ix_customers_consented",
            "tenant_id",
            postgresql_where=sql("marketing_consent_at IS NOT NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    email: Mapped[str] = mapped_column(String(254))
    full_name: Mapped[str] = mapped_column(String(160))
    phone: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    marketing_consent_at: Mapped[datetime | None] = mapped_column(
        comment="When the customer agreed to newsletters; NULL: never, or withdrawn"
    )

    tenant: Mapped["Tenant"] = relationship()
    user: Mapped[Optional["User"]] = relationship()
    addresses: Mapped[list["CustomerAddress"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan"
    )
    groups: Mapped[list["CustomerGroup"]] = relationship(
        secondary="customer_group_members", back_populates="customers"
    )


class CustomerAddress(TimestampMixin, Base):
    __tablename__ = "customer_addresses"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_format"),
        Index(
            "uq_customer_addresses_default",
            "customer_id",
            unique=True,
            postgresql_where=sql("is_default"),
        ),
    )

    id: Mapped[PrimaryKey]
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    label: Mapped[str] = mapped_column(String(60), server_default=sql("'home'"))
    line1: Mapped[str] = mapped_column(String(160))
    line2: Mapped[str | None] = mapped_column(String(160))
    postal_code: Mapped[str] = mapped_column(String(20))
    city: Mapped[str] = mapped_column(String(120))
    country: Mapped[str] = mapped_column(String(2))
    is_default: Mapped[bool] = mapped_column(server_default=sql("false"))

    customer: Mapped[Customer] = relationship(back_populates="addresses")
