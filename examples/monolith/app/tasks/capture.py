from app.celery_app import celery_app
from app.db import session_scope
from app.models import Payment
from app.services.payments import capture


@celery_app.task(acks_late=True)
def capture_payment(payment_id: int) -> str:
    with session_scope() as session:
        payment = session.get_one(Payment, payment_id, with_for_update=True)
        capture(session, payment)
        return payment.status.value
