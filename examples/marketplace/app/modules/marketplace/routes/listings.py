from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.modules.marketplace.schemas.listing import ListingRead
from app.modules.marketplace.services.catalog import active_listings
from app.modules.tenancy.services.stores import get_store

router = APIRouter(prefix="/stores/{store_id}/listings", tags=["listings"])


@router.get("", response_model=list[ListingRead])
def list_listings(
    store_id: int,
    session: Annotated[Session, Depends(get_session)],
    search: str | None = None,
    category: str | None = None,
) -> list[ListingRead]:
    store = get_store(session, store_id)
    return [
        ListingRead(
            id=listing.id,
            sku=listing.variant.sku,
            product=listing.variant.product.name,
            price=listing.price,
        )
        for listing in active_listings(session, store.id, search=search, category=category)
    ]
