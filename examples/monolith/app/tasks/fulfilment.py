from app.celery_app import celery_app
from app.db import session_scope
from app.services.orders import get_order, mark_paid
from app.services.payments import capture


@celery_app.task(acks_late=True)
def capture_order_payments(order_number: int) -> str:
    """Queued when the warehouse has packed the order: nobody pays for what is not there."""
    with session_scope() as session:
        order = get_order(session, order_number)
        for payment in order.payments:
            capture(session, payment)
        mark_paid(session, order)
        return order.status.value
