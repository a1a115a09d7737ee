"""The view `order_totals`: what an order comes to, without loading its lines."""

from decimal import Decimal

from sqlalchemy import BigInteger, DateTime, Numeric, column, select, table
from sqlalchemy.orm import Session

from app.modules.orders.models import Order

# A lightweight table, not one of the MetaData: autogenerate would want to create it.
order_totals = table(
    "order_totals",
    column("order_id", BigInteger),
    column("store_id", BigInteger),
    column("status", Order.__table__.c.status.type),
    column("placed_at", DateTime(timezone=True)),
    column("line_count", BigInteger),
    column("total", Numeric(12, 2)),
)


def order_total(session: Session, order: Order) -> Decimal:
    total = session.scalar(select(order_totals.c.total).where(order_totals.c.order_id == order.id))
    return total or Decimal(0)
