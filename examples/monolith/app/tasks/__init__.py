"""Every task of the shop."""

from app.tasks.audit_trail import prune_audit_events
from app.tasks.capture import capture_payment
from app.tasks.carts import purge_expired_carts
from app.tasks.fulfilment import capture_order_payments
from app.tasks.health import run_health_checks
from app.tasks.invoicing import issue_due_invoices, mark_overdue_subscriptions
from app.tasks.notifications import (
    deliver_notification,
    queue_pending_notifications,
)
from app.tasks.reports import weekly_vendor_sales
from app.tasks.reservations import release_stale_reservations

__all__ = [
    "capture_order_payments",
    "capture_payment",
    "deliver_notification",
    "issue_due_invoices",
    "mark_overdue_subscriptions",
    "prune_audit_events",
    "purge_expired_carts",
    "queue_pending_notifications",
    "release_stale_reservations",
    "run_health_checks",
    "weekly_vendor_sales",
]
