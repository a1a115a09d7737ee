from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.modules.customers.models import Customer, CustomerGroup
from app.modules.tenancy.models import Tenant


def get_or_create_customer(
    session: Session, tenant: Tenant, email: str, full_name: str
) -> Customer:
    customer = session.scalar(
        select(Customer).where(
            Customer.tenant_id == tenant.id, func.lower(Customer.email) == email.lower()
        )
    )
    if customer is None:
        customer = Customer(tenant=tenant, email=email, full_name=full_name)
        session.add(customer)
        session.flush()
    return customer


def set_marketing_consent(session: Session, customer: Customer, agreed: bool) -> None:
    """The first date of an unbroken consent is the one that counts."""
    if not agreed:
        customer.marketing_consent_at = None
    elif customer.marketing_consent_at is None:
        customer.marketing_consent_at = datetime.now(UTC)
    session.flush()


def newsletter_recipients(session: Session, tenant: Tenant) -> list[str]:
    return list(
        session.scalars(
            select(Customer.email)
            .where(Customer.tenant_id == tenant.id, Customer.marketing_consent_at.is_not(None))
            .order_by(Customer.email)
        )
    )


def create_group(session: Session, tenant: Tenant, name: str) -> CustomerGroup:
    group = CustomerGroup(tenant_id=tenant.id, name=name)
    session.add(group)
    session.flush()
    return group
