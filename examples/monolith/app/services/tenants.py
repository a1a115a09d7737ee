from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exceptions import ConflictError, TenantNotFoundError
from app.models import Tenant, TenantMember, TenantRole, User
from app.services import audit


def get_tenant(session: Session, slug: str) -> Tenant:
    tenant = session.scalar(select(Tenant).where(Tenant.slug == slug))
    if tenant is None:
        raise TenantNotFoundError(f"There is no tenant {slug}.")
    return tenant


def create_tenant(session: Session, slug: str, name: str, owner: User) -> Tenant:
    if session.scalar(select(Tenant.id).where(Tenant.slug == slug)) is not None:
        raise ConflictError(f"The name {slug} is taken.")
    tenant = Tenant(slug=slug, name=name)
    tenant.members.append(TenantMember(user=owner, role=TenantRole.OWNER))
    session.add(tenant)
    session.flush()
    audit.record(session, "tenant.created", tenant, actor=owner)
    return tenant


def invite(session: Session, tenant: Tenant, user: User, *, by: User) -> TenantMember:
    member = TenantMember(user=user, invited_by=by)
    tenant.members.append(member)
    session.flush()
    return member
