import enum
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Optional

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.models.shipment import Shipment
    from app.modules.customers.models.customer import Customer, CustomerAddress
    from app.modules.marketplace.models.listing import Listing, Offer
    from app.modules.payments.models.payment import Payment
    from app.modules.tenancy.models.store import Store

order_numbers = Sequence("order_number_seq", start=1000, metadata=Base.metadata)

order_payments = Table(
    "order_payments",
    Base.metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("payment_id", ForeignKey("payments.id"), primary_key=True, unique=True),
)


class OrderStatus(enum.StrEnum):
    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Order(TimestampMixin, Base):
    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_format"),
        Index("ix_orders_store_placed_at", "store_id", sql("placed_at DESC")),
        Index(
            "ix_orders_open",
            "placed_at",
            postgresql_where=sql("status IN ('placed', 'paid')"),
        ),
    )

    id: Mapped[PrimaryKey]
    number: Mapped[int] = mapped_column(BigInteger, order_numbers, unique=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    shipping_address_id: Mapped[int | None] = mapped_column(
        ForeignKey("customer_addresses.id", ondelete="SET NULL")
    )
    status: Mapped[OrderStatus] = mapped_column(
        pg_enum(OrderStatus, "order_status"), server_default=sql("'placed'")
    )
    currency: Mapped[str] = mapped_column(String(3))
    note: Mapped[str | None] = mapped_column(Text)
    placed_at: Mapped[datetime] = mapped_column(server_default=func.now())

    store: Mapped["Store"] = relationship()
    customer: Mapped["Customer"] = relationship()
    shipping_address: Mapped[Optional["CustomerAddress"]] = relationship()
    payments: Mapped[list["Payment"]] = relationship(secondary=order_payments)
    shipments: Mapped[list["Shipment"]] = relationship(back_populates="order")
    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="order", cascade="all, delete-orphan", order_by="OrderLine.position"
    )


class OrderLine(Base):
    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("discount >= 0 AND discount <= unit_price", name="discount_range"),
    )

    id: Mapped[PrimaryKey]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    position: Mapped[int]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), index=True)
    offer_id: Mapped[int | None] = mapped_column(
        ForeignKey("offers.id", ondelete="SET NULL"), index=True
    )
    quantity: Mapped[int]
    unit_price: Mapped[Decimal] = mapped_column(comment="As it was when the order was placed")
    discount: Mapped[Decimal] = mapped_column(server_default=sql("0"), comment="Per unit")

    order: Mapped[Order] = relationship(back_populates="lines")
    listing: Mapped["Listing"] = relationship()
    offer: Mapped[Optional["Offer"]] = relationship()
