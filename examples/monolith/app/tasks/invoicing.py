from datetime import UTC, datetime

from app.celery_app import celery_app
from app.db import session_scope
from app.services import invoicing


@celery_app.task
def issue_due_invoices() -> list[int]:
    with session_scope() as session:
        invoices = invoicing.issue_due_invoices(session, datetime.now(UTC).date())
        return [invoice.number for invoice in invoices]


@celery_app.task
def mark_overdue_subscriptions() -> int:
    with session_scope() as session:
        return invoicing.mark_overdue(session, datetime.now(UTC).date())
