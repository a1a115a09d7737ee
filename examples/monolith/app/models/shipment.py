import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.models.order import Order


class ShipmentStatus(enum.StrEnum):
    PREPARING = "preparing"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RETURNED = "returned"


class Shipment(TimestampMixin, Base):
    __tablename__ = "shipments"
    __table_args__ = (
        CheckConstraint("delivered_at >= shipped_at", name="delivered_after_shipped"),
        Index(
            "uq_shipments_tracking",
            "carrier",
            "tracking_code",
            unique=True,
            postgresql_where=sql("tracking_code IS NOT NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    carrier: Mapped[str] = mapped_column(String(60))
    tracking_code: Mapped[str | None] = mapped_column(String(80))
    status: Mapped[ShipmentStatus] = mapped_column(
        pg_enum(ShipmentStatus, "shipment_status"), server_default=sql("'preparing'")
    )
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

    order: Mapped["Order"] = relationship(back_populates="shipments")
