from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.config import load_settings
from app.modules.billing.exceptions import InvoiceNotOpenError
from app.modules.billing.models import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Subscription,
    SubscriptionStatus,
)
from app.modules.billing.services.subscriptions import next_renewal
from app.modules.payments.models import Payment


def issue_invoice(session: Session, subscription: Subscription) -> Invoice:
    """Bill the period that begins at the renewal date, and move that date on."""
    tier = subscription.tier
    period_start = subscription.renews_on
    period_end = next_renewal(tier.interval, period_start)
    invoice = Invoice(
        tenant_id=subscription.tenant_id,
        subscription=subscription,
        status=InvoiceStatus.OPEN,
        period_start=period_start,
        period_end=period_end,
        issued_at=datetime.now(UTC),
        due_on=period_start + timedelta(days=load_settings().invoice_due_days),
        lines=[InvoiceLine(position=1, description=tier.name, quantity=1, unit_price=tier.price)],
    )
    subscription.status = SubscriptionStatus.ACTIVE
    subscription.renews_on = period_end
    session.add(invoice)
    session.flush()
    return invoice


def issue_due_invoices(session: Session, today: date) -> list[Invoice]:
    due = session.scalars(
        select(Subscription)
        .where(Subscription.status != SubscriptionStatus.CANCELLED)
        .where(Subscription.renews_on <= today)
        .order_by(Subscription.id)
        # Two schedulers at once must not bill a tenant twice.
        .with_for_update(skip_locked=True)
    ).all()
    return [issue_invoice(session, subscription) for subscription in due]


def settle(session: Session, invoice: Invoice, payment: Payment) -> None:
    if invoice.status is not InvoiceStatus.OPEN:
        raise InvoiceNotOpenError(f"Invoice {invoice.number} is {invoice.status}.")
    invoice.payment = payment
    invoice.status = InvoiceStatus.PAID
    session.flush()


def mark_overdue(session: Session, today: date) -> int:
    """Subscriptions with an open invoice past its date are past due; say how many."""
    overdue = session.scalars(
        select(Subscription)
        .join(Invoice)
        .where(Invoice.status == InvoiceStatus.OPEN, Invoice.due_on < today)
        .where(Subscription.status == SubscriptionStatus.ACTIVE)
        .distinct()
    ).all()
    for subscription in overdue:
        subscription.status = SubscriptionStatus.PAST_DUE
    session.flush()
    return len(overdue)


def invoices_of(session: Session, tenant_id: int) -> list[Invoice]:
    return list(
        session.scalars(
            select(Invoice)
            .where(Invoice.tenant_id == tenant_id)
            .options(selectinload(Invoice.lines))
            .order_by(Invoice.number.desc())
        )
    )
