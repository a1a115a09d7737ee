import enum
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Optional

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Sequence,
    String,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.models.subscription import Subscription
    from app.modules.payments.models.payment import Payment
    from app.modules.tenancy.models.tenant import Tenant

# Numbers are shared by all tenants, and start where the old accounting system stopped.
invoice_numbers = Sequence("invoice_number_seq", start=10001, metadata=Base.metadata)


class InvoiceStatus(enum.StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"


class Invoice(TimestampMixin, Base):
    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("period_end > period_start", name="period_in_order"),
        CheckConstraint("status <> 'paid' OR payment_id IS NOT NULL", name="paid_has_payment"),
        Index("ix_invoices_due", "due_on", postgresql_where=sql("status = 'open'")),
        UniqueConstraint("subscription_id", "period_start"),
    )

    id: Mapped[PrimaryKey]
    number: Mapped[int] = mapped_column(BigInteger, invoice_numbers, unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), index=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    status: Mapped[InvoiceStatus] = mapped_column(
        pg_enum(InvoiceStatus, "invoice_status"), server_default=sql("'draft'")
    )
    period_start: Mapped[date]
    period_end: Mapped[date]
    issued_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)

    tenant: Mapped["Tenant"] = relationship()
    subscription: Mapped["Subscription"] = relationship(back_populates="invoices")
    payment: Mapped[Optional["Payment"]] = relationship()
    lines: Mapped[list["InvoiceLine"]] = relationship(
        back_populates="invoice", cascade="all, delete-orphan", order_by="InvoiceLine.position"
    )

    @property
    def total(self) -> Decimal:
        return sum((line.quantity * line.unit_price for line in self.lines), Decimal(0))


class InvoiceLine(Base):
    __tablename__ = "invoice_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    description: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column(server_default=sql("1"))
    unit_price: Mapped[Decimal]
    amount: Mapped[Decimal] = mapped_column(
        Computed("quantity::numeric * unit_price", persisted=True)
    )

    invoice: Mapped[Invoice] = relationship(back_populates="lines")
