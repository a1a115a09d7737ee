"""Fixtures: a migrated Postgres, and a shop in it that each test may change.

`DATABASE_URL` names the database. It is migrated to heads and otherwise left as it was:
every test runs in a transaction that is rolled back.
"""

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import modalembic
import pytest
from fastapi.testclient import TestClient
from modalembic import Project
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import db
from app.celery_app import celery_app
from app.main import app
from app.modules.core.models import User
from app.modules.core.services.users import create_user
from app.modules.marketplace.models import Listing, Vendor
from app.modules.marketplace.services.catalog import add_product, list_variant
from app.modules.tenancy.models import Store, Tenant
from app.modules.tenancy.services.stores import add_domain, create_store, open_store
from app.modules.tenancy.services.tenants import create_tenant

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    url = os.environ.get("DATABASE_URL")
    if not url:
        pytest.skip("DATABASE_URL is not set: this test needs a Postgres database")
    modalembic.upgrade(Project.load(ROOT), database=url)
    engine = db.get_engine()
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with engine.connect() as connection, connection.begin() as transaction:
        # Requests and tasks open sessions of their own: on this connection, in savepoints.
        db.SessionFactory.configure(bind=connection, join_transaction_mode="create_savepoint")
        with Session(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        db.SessionFactory.configure(bind=engine)
        transaction.rollback()


@pytest.fixture
def client(session: Session) -> TestClient:
    return TestClient(app)


@pytest.fixture(scope="session", autouse=True)
def eager_tasks() -> None:
    celery_app.conf.update(task_always_eager=True, task_eager_propagates=True)


@pytest.fixture
def owner(session: Session) -> User:
    return create_user(session, "Ada@example.com", "Ada", locale="en-GB")


@pytest.fixture
def tenant(session: Session, owner: User) -> Tenant:
    return create_tenant(session, "tea-house", "The Tea House", owner)


@pytest.fixture
def store(session: Session, tenant: Tenant) -> Store:
    store = create_store(session, tenant, "main", "Tea for Two")
    add_domain(session, store, "Tea.example.com")
    open_store(session, store)
    return store


@pytest.fixture
def listing(session: Session, store: Store) -> Listing:
    vendor = Vendor(tenant=store.tenant, slug="hills", name="High Hills")
    product = add_product(session, vendor, "green", "Green tea", {"GREEN-100": Decimal("8.50")})
    return list_variant(session, store, product.variants[0])
