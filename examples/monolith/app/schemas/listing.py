from decimal import Decimal

from pydantic import BaseModel, ConfigDict


class ListingRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    sku: str
    product: str
    price: Decimal
