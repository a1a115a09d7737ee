from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

if TYPE_CHECKING:
    from app.models.product import ProductVariant
    from app.models.tenant import Tenant


class Warehouse(TimestampMixin, Base):
    __tablename__ = "warehouses"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    id: Mapped[PrimaryKey]
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))

    tenant: Mapped["Tenant"] = relationship()
    levels: Mapped[list["StockLevel"]] = relationship(back_populates="warehouse")


class StockLevel(Base):
    """Kept by the trigger on stock_moves; the application never writes `on_hand`."""

    __tablename__ = "stock_levels"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
        Index(
            "ix_stock_levels_low",
            "warehouse_id",
            postgresql_where=sql("on_hand <= reorder_point"),
        ),
    )

    warehouse_id: Mapped[int] = mapped_column(
        ForeignKey("warehouses.id", ondelete="CASCADE"), primary_key=True
    )
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("product_variants.id"), primary_key=True, index=True
    )
    on_hand: Mapped[int] = mapped_column(server_default=sql("0"))
    reorder_point: Mapped[int] = mapped_column(server_default=sql("0"))

    warehouse: Mapped[Warehouse] = relationship(back_populates="levels")
    variant: Mapped["ProductVariant"] = relationship()
