from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.modules.customers.models import Customer
from app.modules.customers.schemas.customer import CustomerCreate, CustomerRead
from app.modules.customers.services.customers import get_or_create_customer
from app.modules.tenancy.services.tenants import get_tenant

router = APIRouter(prefix="/tenants/{slug}/customers", tags=["customers"])


@router.put("", response_model=CustomerRead)
def put_customer(
    slug: str, body: CustomerCreate, session: Annotated[Session, Depends(get_session)]
) -> Customer:
    tenant = get_tenant(session, slug)
    return get_or_create_customer(session, tenant, body.email, body.full_name)
