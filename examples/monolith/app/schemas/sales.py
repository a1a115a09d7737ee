from decimal import Decimal

from pydantic import BaseModel


class SalesFigures(BaseModel):
    store_id: int
    currency: str
    orders: int
    total: Decimal


class VendorSales(BaseModel):
    vendor: str
    contact: str | None
    units: int
    total: Decimal
