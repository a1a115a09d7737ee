from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.celery_app import celery_app
from app.db import session_scope
from app.models import Tenant
from app.services.sales import sales_by_vendor


@celery_app.task
def weekly_vendor_sales() -> dict[str, list[dict[str, Any]]]:
    """Last week's sales of every active tenant, as JSON for the reporting bucket."""
    last = datetime.now(UTC).date() - timedelta(days=1)
    with session_scope() as session:
        tenants = session.scalars(select(Tenant).where(Tenant.is_active).order_by(Tenant.slug))
        return {
            tenant.slug: [
                row.model_dump(mode="json")
                for row in sales_by_vendor(session, tenant, last - timedelta(days=6), last)
            ]
            for tenant in tenants
        }
