import enum
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Optional

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.modules.core.models.user import User
    from app.modules.customers.models.customer import Customer
    from app.modules.tenancy.models.tenant import Tenant


class PaymentMethodKind(enum.StrEnum):
    CARD = "card"
    BANK_TRANSFER = "bank_transfer"
    WALLET = "wallet"


class PaymentStatus(enum.StrEnum):
    PENDING = "pending"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RefundReason(enum.StrEnum):
    REQUESTED = "requested"
    DAMAGED = "damaged"
    FRAUD = "fraud"


class PaymentMethod(TimestampMixin, Base):
    __tablename__ = "payment_methods"
    __table_args__ = (
        CheckConstraint("last_four ~ '^[0-9]{4}$'", name="last_four_digits"),
        UniqueConstraint("provider", "token"),
    )

    id: Mapped[PrimaryKey]
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[PaymentMethodKind] = mapped_column(
        pg_enum(PaymentMethodKind, "payment_method_kind")
    )
    provider: Mapped[str] = mapped_column(String(40))
    token: Mapped[str] = mapped_column(
        String(120), comment="The provider's reference; card numbers are never stored"
    )
    last_four: Mapped[str | None] = mapped_column(String(4))
    expires_on: Mapped[date | None]

    customer: Mapped["Customer"] = relationship()


class Payment(TimestampMixin, Base):
    """Money from anyone: a customer for an order, or a tenant for an invoice."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_format"),
        Index(
            "ix_payments_open",
            "created_at",
            postgresql_where=sql("status IN ('pending', 'authorized')"),
        ),
    )

    id: Mapped[PrimaryKey]
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), index=True)
    payment_method_id: Mapped[int | None] = mapped_column(
        ForeignKey("payment_methods.id", ondelete="SET NULL")
    )
    amount: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[PaymentStatus] = mapped_column(
        pg_enum(PaymentStatus, "payment_status"), server_default=sql("'pending'")
    )
    provider_reference: Mapped[str | None] = mapped_column(String(120))
    captured_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    tenant: Mapped["Tenant"] = relationship()
    payment_method: Mapped[PaymentMethod | None] = relationship()
    refunds: Mapped[list["Refund"]] = relationship(back_populates="payment")


class Refund(TimestampMixin, Base):
    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    id: Mapped[PrimaryKey]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    amount: Mapped[Decimal]
    reason: Mapped[RefundReason] = mapped_column(
        pg_enum(RefundReason, "refund_reason"), server_default=sql("'requested'")
    )
    note: Mapped[str | None] = mapped_column(Text)

    payment: Mapped[Payment] = relationship(back_populates="refunds")
    requested_by: Mapped[Optional["User"]] = relationship()
