from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from app.models import RefundReason


class RefundCreate(BaseModel):
    amount: Decimal = Field(gt=0)
    reason: RefundReason = RefundReason.REQUESTED


class RefundRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    payment_id: int
    amount: Decimal
    reason: RefundReason
