from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.modules.core.exceptions import NotFoundError
from app.modules.payments.models import Payment, Refund
from app.modules.payments.schemas.payment import RefundCreate, RefundRead
from app.modules.payments.services.payments import refund

router = APIRouter(prefix="/payments", tags=["payments"])


@router.post("/{payment_id}/refunds", status_code=201, response_model=RefundRead)
def post_refund(
    payment_id: int, body: RefundCreate, session: Annotated[Session, Depends(get_session)]
) -> Refund:
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise NotFoundError(f"There is no payment {payment_id}.")
    return refund(session, payment, body.amount, body.reason)
