from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.modules.orders.exceptions import OrderNotFoundError, OrderNotShippableError
from app.modules.orders.models import Order, OrderStatus, Shipment, ShipmentStatus
from app.modules.payments.models import PaymentStatus


def get_order(session: Session, number: int) -> Order:
    order = session.scalar(
        select(Order).where(Order.number == number).options(selectinload(Order.lines))
    )
    if order is None:
        raise OrderNotFoundError(f"There is no order {number}.")
    return order


def mark_paid(session: Session, order: Order) -> None:
    """A placed order is paid once each of its payments is captured."""
    captured = all(payment.status is PaymentStatus.CAPTURED for payment in order.payments)
    if order.status is OrderStatus.PLACED and captured:
        order.status = OrderStatus.PAID
        session.flush()


def ship(session: Session, order: Order, carrier: str, tracking_code: str) -> Shipment:
    if order.status is not OrderStatus.PAID:
        raise OrderNotShippableError(f"Order {order.number} is {order.status}.")
    shipment = Shipment(
        carrier=carrier,
        tracking_code=tracking_code,
        status=ShipmentStatus.IN_TRANSIT,
        shipped_at=datetime.now(UTC),
    )
    order.shipments.append(shipment)
    order.status = OrderStatus.SHIPPED
    session.flush()
    return shipment
