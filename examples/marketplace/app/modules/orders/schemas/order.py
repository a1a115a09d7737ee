from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from app.modules.orders.models import OrderStatus


class CartLineCreate(BaseModel):
    listing_id: int
    quantity: int = Field(default=1, gt=0)


class CheckoutCreate(BaseModel):
    email: str
    full_name: str
    code: str | None = None


class OrderLineRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    listing_id: int
    quantity: int
    unit_price: Decimal
    discount: Decimal


class OrderRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int
    status: OrderStatus
    currency: str
    placed_at: datetime
    lines: list[OrderLineRead]
