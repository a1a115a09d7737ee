"""The Celery application: which tasks there are, and when the scheduled ones run."""

from celery import Celery
from celery.schedules import crontab

from app.config import load_settings
from app.modules.base import import_models

import_models()

# Names keep the path at which a task was first written, wherever its code lives now:
# queued messages, routes and schedules know a task by its name.
SCHEDULE = {
    "issue due invoices": {
        "task": "app.tasks.invoicing.issue_due_invoices",
        "schedule": crontab(hour="4", minute="0"),
    },
    "mark overdue subscriptions": {
        "task": "app.tasks.invoicing.mark_overdue_subscriptions",
        "schedule": crontab(hour="5", minute="0"),
    },
    "purge expired carts": {
        "task": "app.tasks.carts.purge_expired_carts",
        "schedule": crontab(minute="15"),
    },
    "release stale reservations": {
        "task": "app.tasks.reservations.release_stale_reservations",
        "schedule": crontab(hour="3", minute="30"),
    },
    "weekly vendor sales": {
        "task": "app.tasks.reports.weekly_vendor_sales",
        "schedule": crontab(day_of_week="mon", hour="6", minute="0"),
    },
    "queue pending notifications": {
        "task": "app.tasks.notifications.queue_pending_notifications",
        "schedule": 60.0,
    },
    "run health checks": {
        "task": "app.tasks.health.run_health_checks",
        "schedule": 30.0,
    },
    "prune audit events": {
        "task": "app.tasks.audit_trail.prune_audit_events",
        "schedule": crontab(day_of_month="1", hour="2", minute="0"),
    },
}

celery_app = Celery(
    "shop",
    broker=load_settings().broker_url,
    include=[
        "app.modules.analytics.tasks",
        "app.modules.billing.tasks",
        "app.modules.core.tasks",
        "app.modules.inventory.tasks",
        "app.modules.messaging.tasks",
        "app.modules.monitoring.tasks",
        "app.modules.orders.tasks",
        "app.modules.payments.tasks",
    ],
)
celery_app.conf.update(
    beat_schedule=SCHEDULE,
    task_routes={
        "app.tasks.capture.*": {"queue": "payments"},
        "app.tasks.fulfilment.*": {"queue": "payments"},
    },
    task_ignore_result=True,
    timezone="UTC",
)
