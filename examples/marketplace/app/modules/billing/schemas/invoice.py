from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from app.modules.billing.models import InvoiceStatus


class InvoiceLineRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    description: str
    quantity: int
    amount: Decimal


class InvoiceRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int
    status: InvoiceStatus
    period_start: date
    period_end: date
    due_on: date | None
    total: Decimal
    lines: list[InvoiceLineRead]
