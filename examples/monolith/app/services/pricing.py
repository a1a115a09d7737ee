from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.models import Customer, Listing, Offer


def best_offer(
    session: Session, listing: Listing, customer: Customer | None = None, code: str | None = None
) -> Offer | None:
    """The largest discount that this customer can have now, with this code if there is one."""
    now = datetime.now(UTC)
    groups = [group.id for group in customer.groups] if customer else []
    return session.scalar(
        select(Offer)
        .where(Offer.listing_id == listing.id)
        .where(Offer.valid_from <= now, or_(Offer.valid_until.is_(None), Offer.valid_until > now))
        .where(or_(Offer.customer_group_id.is_(None), Offer.customer_group_id.in_(groups)))
        .where(or_(Offer.code.is_(None), func.upper(Offer.code) == (code or "").upper()))
        .order_by(Offer.discount_percent.desc(), Offer.id)
        .limit(1)
    )


def discount_per_unit(price: Decimal, offer: Offer | None) -> Decimal:
    if offer is None:
        return Decimal(0)
    return (price * offer.discount_percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
