from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import app.modules.tenancy.models.tenant as tenant_models
from app.modules.billing.exceptions import NoLiveSubscriptionError
from app.modules.billing.models import (
    BillingInterval,
    Subscription,
    SubscriptionStatus,
    SubscriptionTier,
)

_TRIAL = timedelta(days=30)


def next_renewal(interval: BillingInterval, after: date) -> date:
    """The same day of the next month or year, or the last day that such a month has."""
    month_index = (
        after.year * 12 + after.month - 1 + (12 if interval == BillingInterval.YEAR else 1)
    )
    first = date(month_index // 12, month_index % 12 + 1, 1)
    last_day = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(after.day, last_day.day))


def live_subscription(session: Session, tenant: tenant_models.Tenant) -> Subscription:
    subscription = session.scalar(
        select(Subscription).where(
            Subscription.tenant_id == tenant.id,
            Subscription.status != SubscriptionStatus.CANCELLED,
        )
    )
    if subscription is None:
        raise NoLiveSubscriptionError(f"{tenant.name} has no subscription.")
    return subscription


def subscribe(
    session: Session, tenant: tenant_models.Tenant, tier: SubscriptionTier, today: date
) -> Subscription:
    subscription = Subscription(
        tenant=tenant, tier=tier, started_on=today, renews_on=today + _TRIAL
    )
    session.add(subscription)
    session.flush()
    return subscription


def cancel(session: Session, tenant: tenant_models.Tenant) -> Subscription:
    subscription = live_subscription(session, tenant)
    subscription.status = SubscriptionStatus.CANCELLED
    subscription.cancelled_at = datetime.now(UTC)
    session.flush()
    return subscription
