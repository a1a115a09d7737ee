from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.exceptions import NotFoundError
from app.models import Store, Tenant
from app.schemas.tenant import StoreRead, TenantCreate, TenantRead
from app.services.tenants import create_tenant, get_tenant
from app.services.users import find_user

router = APIRouter(prefix="/tenants", tags=["tenants"])


@router.post("", status_code=201, response_model=TenantRead)
def post_tenant(body: TenantCreate, session: Annotated[Session, Depends(get_session)]) -> Tenant:
    owner = find_user(session, body.owner_email)
    if owner is None:
        raise NotFoundError(f"There is no user {body.owner_email}.")
    return create_tenant(session, body.slug, body.name, owner)


@router.get("/{slug}/stores", response_model=list[StoreRead])
def list_stores(slug: str, session: Annotated[Session, Depends(get_session)]) -> list[Store]:
    return get_tenant(session, slug).stores
