from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.modules.tenancy.exceptions import StoreNotFoundError, StoreNotReadyError
from app.modules.tenancy.models import Store, StoreDomain, StoreStatus, Tenant


def get_store(session: Session, store_id: int) -> Store:
    store = session.get(Store, store_id)
    if store is None:
        raise StoreNotFoundError(f"There is no store {store_id}.")
    return store


def find_store_by_host(session: Session, hostname: str) -> Store | None:
    return session.scalar(
        select(Store)
        .join(StoreDomain)
        .where(func.lower(StoreDomain.hostname) == hostname.lower())
        .where(Store.status == StoreStatus.OPEN)
    )


def create_store(
    session: Session, tenant: Tenant, slug: str, name: str, currency: str = "EUR"
) -> Store:
    store = Store(tenant=tenant, slug=slug, name=name, currency=currency)
    session.add(store)
    session.flush()
    return store


def add_domain(session: Session, store: Store, hostname: str) -> StoreDomain:
    """The first domain of a store becomes its primary one."""
    domain = StoreDomain(hostname=hostname, is_primary=not store.domains)
    store.domains.append(domain)
    session.flush()
    return domain


def open_store(session: Session, store: Store) -> None:
    if not any(domain.is_primary for domain in store.domains):
        raise StoreNotReadyError(f"{store.name} has no primary domain.")
    store.status = StoreStatus.OPEN
    store.opened_at = store.opened_at or datetime.now(UTC)
    session.flush()
