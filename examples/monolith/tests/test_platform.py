"""Users, tenants, pages, billing, messages, flags and health."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exceptions import ConversationClosedError, StoreNotReadyError
from app.models import (
    AuditEvent,
    BillingInterval,
    FeatureFlag,
    FeatureFlagOverride,
    HealthCheck,
    InvoiceStatus,
    Store,
    SubscriptionTier,
    Tenant,
    Theme,
    User,
)
from app.services.conversations import close, reply, start_conversation
from app.services.customers import (
    get_or_create_customer,
    newsletter_recipients,
    set_marketing_consent,
)
from app.services.flags import is_enabled
from app.services.invoicing import settle
from app.services.notifications import notify
from app.services.pages import create_page, publish_page
from app.services.payments import authorize
from app.services.stores import create_store, find_store_by_host, open_store
from app.services.subscriptions import cancel, next_renewal, subscribe
from app.services.themes import available_themes, palette, wear_theme
from app.services.users import find_user, grant_role
from app.tasks import (
    issue_due_invoices,
    mark_overdue_subscriptions,
    prune_audit_events,
    queue_pending_notifications,
    run_health_checks,
)


def test_users_and_tenants_over_http(client: TestClient) -> None:
    user = {"email": "Bob@example.com", "display_name": "Bob"}
    assert client.post("/users", json=user).json()["locale"] == "en"
    again = client.post("/users", json={**user, "email": "bob@EXAMPLE.com"})
    assert again.status_code == 409

    tenant = {"slug": "books", "name": "Books", "owner_email": "bob@example.com"}
    assert client.post("/tenants", json=tenant).status_code == 201
    assert client.post("/tenants", json=tenant).status_code == 409
    assert client.get("/tenants/books/stores").json() == []
    assert client.get("/tenants/nobody/stores").status_code == 404
    grace = {"email": "grace@example.com", "full_name": "Grace"}
    first = client.put("/tenants/books/customers", json=grace).json()
    assert client.put("/tenants/books/customers", json=grace).json() == first


def test_what_happens_to_users_is_recorded(session: Session, owner: User) -> None:
    grant_role(session, owner, "support_agent")
    grant_role(session, owner, "support_agent")

    found = find_user(session, "ada@EXAMPLE.com")
    assert found is owner
    assert [role.name for role in owner.roles] == ["Support agent"]
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["user.created", "user.role_granted"]


def test_old_audit_events_are_pruned(session: Session, owner: User) -> None:
    event = session.scalars(select(AuditEvent)).one()
    event.occurred_at = datetime.now(UTC) - timedelta(days=1000)
    session.commit()

    assert prune_audit_events.delay().get() == 1


def test_a_store_opens_once_it_has_a_domain(session: Session, store: Store) -> None:
    assert find_store_by_host(session, "TEA.example.com") is store

    second = create_store(session, store.tenant, "second", "Second", currency="CHF")
    with pytest.raises(StoreNotReadyError):
        open_store(session, second)


def test_only_published_pages_are_shown(
    client: TestClient, session: Session, store: Store, owner: User
) -> None:
    page = create_page(session, store, "about", "About us", "We like tea.", owner)
    session.commit()
    assert client.get(f"/stores/{store.id}/pages/about").status_code == 404

    publish_page(session, page)
    session.commit()
    assert client.get(f"/stores/{store.id}/pages/about").json()["title"] == "About us"


def test_a_store_wears_a_theme(session: Session, store: Store) -> None:
    plain = Theme(code="plain", name="Plain", palette={"ink": "black", "paper": "white"})
    own = Theme(code="leaf", name="Leaf", palette={"ink": "green"}, tenant=store.tenant)
    session.add_all([plain, own])
    session.flush()
    assert available_themes(session, store) == [own, plain]

    chosen = wear_theme(session, store, plain)
    chosen.overrides = {"ink": "navy"}
    assert palette(chosen) == {"ink": "navy", "paper": "white"}


def test_newsletters_go_to_those_who_agreed(session: Session, tenant: Tenant) -> None:
    grace = get_or_create_customer(session, tenant, "grace@example.com", "Grace")
    get_or_create_customer(session, tenant, "alan@example.com", "Alan")

    set_marketing_consent(session, grace, True)
    assert newsletter_recipients(session, tenant) == ["grace@example.com"]
    set_marketing_consent(session, grace, False)
    assert newsletter_recipients(session, tenant) == []


@pytest.mark.parametrize(
    ("interval", "after", "expected"),
    [
        (BillingInterval.MONTH, date(2024, 1, 31), date(2024, 2, 29)),
        (BillingInterval.MONTH, date(2024, 12, 15), date(2025, 1, 15)),
        (BillingInterval.YEAR, date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_renewals_fall_on_days_that_exist(
    interval: BillingInterval, after: date, expected: date
) -> None:
    assert next_renewal(interval, after) == expected


def test_a_tenant_is_billed_and_pays(client: TestClient, session: Session, tenant: Tenant) -> None:
    tier = SubscriptionTier(code="pro", name="Pro", price=Decimal("49"), features=["themes"])
    subscription = subscribe(session, tenant, tier, date.today() - timedelta(days=60))
    session.commit()

    [number] = issue_due_invoices.delay().get()
    assert mark_overdue_subscriptions.delay().get() == 1

    [shown] = client.get(f"/tenants/{tenant.slug}/invoices").json()
    assert (shown["number"], shown["total"]) == (number, "49.00")
    session.expire_all()
    [invoice] = subscription.invoices
    payment = authorize(session, tenant, invoice.total, "EUR", idempotency_key=f"inv-{number}")
    settle(session, invoice, payment)
    assert invoice.status is InvoiceStatus.PAID
    assert invoice.lines[0].amount == Decimal("49.00")
    assert cancel(session, tenant).cancelled_at is not None


def test_a_closed_conversation_stays_closed(
    client: TestClient, session: Session, store: Store, owner: User
) -> None:
    grace = get_or_create_customer(session, store.tenant, "grace@example.com", "Grace")
    conversation = start_conversation(session, store, grace, "Cold tea", "It came cold.")
    reply(session, conversation, owner, "It is tea leaves, Grace.")
    close(session, conversation)
    session.commit()

    with pytest.raises(ConversationClosedError):
        reply(session, conversation, grace, "Still cold.")
    shown = client.get(f"/conversations/{conversation.id}").json()
    assert [message["body"] for message in shown["messages"]] == [
        "It came cold.",
        "It is tea leaves, Grace.",
    ]


def test_notifications_are_delivered_once(session: Session, owner: User) -> None:
    notification = notify(session, owner, "welcome", name=owner.display_name)
    session.commit()

    assert queue_pending_notifications.delay().get() == 1
    assert queue_pending_notifications.delay().get() == 0
    session.refresh(notification)
    assert (notification.locale, notification.attempts) == ("en-GB", 1)


def test_an_override_beats_the_flag(session: Session, tenant: Tenant) -> None:
    flag = FeatureFlag(code="new-cart", description="The new cart", is_enabled=True)
    session.add(flag)
    session.flush()
    assert is_enabled(session, "new-cart", tenant)
    assert not is_enabled(session, "no-such-flag", tenant)

    session.add(FeatureFlagOverride(flag=flag, tenant=tenant, is_enabled=False))
    session.flush()
    assert not is_enabled(session, "new-cart", tenant)


def test_health_is_checked_and_shown(client: TestClient, session: Session) -> None:
    session.add(HealthCheck(code="database", name="Database"))
    session.commit()

    assert client.get("/health").json()["state"] in ("up", "degraded")
    assert set(run_health_checks.delay().get()) == {"database"}
