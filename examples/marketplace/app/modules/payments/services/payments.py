from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

import app.modules.tenancy.models as tenancy_models
from app.modules.core.models import User
from app.modules.payments.exceptions import PaymentNotCapturableError, RefundTooLargeError
from app.modules.payments.models import (
    Payment,
    PaymentMethod,
    PaymentStatus,
    Refund,
    RefundReason,
)


def authorize(
    session: Session,
    tenant: tenancy_models.Tenant,
    amount: Decimal,
    currency: str,
    *,
    idempotency_key: str,
    method: PaymentMethod | None = None,
) -> Payment:
    """A second call with the same key gives the payment of the first."""
    payment = session.scalar(select(Payment).where(Payment.idempotency_key == idempotency_key))
    if payment is None:
        payment = Payment(
            tenant=tenant,
            payment_method=method,
            amount=amount,
            currency=currency,
            status=PaymentStatus.AUTHORIZED,
            idempotency_key=idempotency_key,
        )
        session.add(payment)
        session.flush()
    return payment


def capture(session: Session, payment: Payment) -> None:
    if payment.status is PaymentStatus.CAPTURED:
        return
    if payment.status is not PaymentStatus.AUTHORIZED:
        raise PaymentNotCapturableError(f"The payment is {payment.status}.")
    payment.status = PaymentStatus.CAPTURED
    payment.captured_at = datetime.now(UTC)
    session.flush()


def refund(
    session: Session,
    payment: Payment,
    amount: Decimal,
    reason: RefundReason,
    *,
    requested_by: User | None = None,
) -> Refund:
    refunded = sum((earlier.amount for earlier in payment.refunds), Decimal(0))
    if refunded + amount > payment.amount:
        raise RefundTooLargeError(f"Only {payment.amount - refunded} is left to refund.")
    made = Refund(amount=amount, reason=reason, requested_by=requested_by)
    payment.refunds.append(made)
    session.flush()
    return made
