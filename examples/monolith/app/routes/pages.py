from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.models import ContentPage
from app.schemas.page import PageRead
from app.services.pages import get_published_page

router = APIRouter(prefix="/stores/{store_id}/pages", tags=["pages"])


@router.get("/{slug}", response_model=PageRead)
def get_page(
    store_id: int, slug: str, session: Annotated[Session, Depends(get_session)]
) -> ContentPage:
    return get_published_page(session, store_id, slug)
