from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.schemas.sales import SalesFigures
from app.services.sales import sales_of_store
from app.services.stores import get_store

router = APIRouter(prefix="/stores/{store_id}/sales", tags=["analytics"])


@router.get("")
def get_sales(
    store_id: int, first: date, last: date, session: Annotated[Session, Depends(get_session)]
) -> SalesFigures:
    return sales_of_store(session, get_store(session, store_id), first, last)
