"""Settings, all from the environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    database_url: str
    broker_url: str
    cart_lifetime_hours: int
    audit_retention_days: int
    invoice_due_days: int


def load_settings() -> Settings:
    """Read at each call: tests and workers set the environment after import."""
    return Settings(
        database_url=os.environ.get("DATABASE_URL", "postgresql://localhost/shop"),
        broker_url=os.environ.get("CELERY_BROKER_URL", "memory://"),
        cart_lifetime_hours=int(os.environ.get("CART_LIFETIME_HOURS", "72")),
        audit_retention_days=int(os.environ.get("AUDIT_RETENTION_DAYS", "400")),
        invoice_due_days=int(os.environ.get("INVOICE_DUE_DAYS", "14")),
    )
