from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.modules.billing.models import Invoice
from app.modules.billing.schemas.invoice import InvoiceRead
from app.modules.billing.services.invoicing import invoices_of
from app.modules.tenancy.services.tenants import get_tenant

router = APIRouter(prefix="/tenants/{slug}/invoices", tags=["billing"])


@router.get("", response_model=list[InvoiceRead])
def list_invoices(slug: str, session: Annotated[Session, Depends(get_session)]) -> list[Invoice]:
    return invoices_of(session, get_tenant(session, slug).id)
