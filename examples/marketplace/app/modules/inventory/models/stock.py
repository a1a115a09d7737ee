import enum
from datetime import datetime
from typing import TYPE_CHECKING, Optional

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.modules.core.models.user import User
    from app.modules.inventory.models.warehouse import Warehouse
    from app.modules.marketplace.models.product import ProductVariant
    from app.modules.orders.models.order import OrderLine


class StockMoveKind(enum.StrEnum):
    RECEIPT = "receipt"
    SALE = "sale"
    RETURN = "return"
    ADJUSTMENT = "adjustment"


class StockMove(Base):
    """Goods in (positive) or out (negative); rows are never changed."""

    __tablename__ = "stock_moves"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        CheckConstraint("kind <> 'sale' OR quantity < 0", name="sale_goes_out"),
        Index("ix_stock_moves_history", "warehouse_id", "variant_id", sql("moved_at DESC")),
    )

    id: Mapped[PrimaryKey]
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouses.id"))
    variant_id: Mapped[int] = mapped_column(ForeignKey("product_variants.id"))
    moved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    kind: Mapped[StockMoveKind] = mapped_column(pg_enum(StockMoveKind, "stock_move_kind"))
    quantity: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(200))
    moved_at: Mapped[datetime] = mapped_column(server_default=func.now())

    warehouse: Mapped["Warehouse"] = relationship()
    variant: Mapped["ProductVariant"] = relationship()
    moved_by: Mapped[Optional["User"]] = relationship()


class StockReservation(TimestampMixin, Base):
    __tablename__ = "stock_reservations"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index(
            "uq_stock_reservations_held",
            "order_line_id",
            "warehouse_id",
            unique=True,
            postgresql_where=sql("released_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id", ondelete="CASCADE"))
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouses.id"), index=True)
    quantity: Mapped[int]
    released_at: Mapped[datetime | None]

    order_line: Mapped["OrderLine"] = relationship()
    warehouse: Mapped["Warehouse"] = relationship()
