from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import app.modules.tenancy.models as tenancy_models
from app.modules.analytics.schemas.sales import SalesFigures, VendorSales
from app.modules.core.models import User
from app.modules.marketplace.models import Listing, Product, ProductVariant, Vendor
from app.modules.orders.models import Order, OrderLine, OrderStatus
from app.modules.orders.services.totals import order_totals

# Days are cut where the accountants cut them.
_BOOKKEEPING: tzinfo = ZoneInfo("UTC")


def _day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    start = datetime.combine(first, time(), tzinfo=_BOOKKEEPING)
    return start, datetime.combine(last + timedelta(days=1), time(), tzinfo=_BOOKKEEPING)


def sales_of_store(
    session: Session, store: tenancy_models.Store, first: date, last: date
) -> SalesFigures:
    start, end = _day_bounds(first, last)
    orders, total = session.execute(
        select(
            func.count(order_totals.c.order_id), func.coalesce(func.sum(order_totals.c.total), 0)
        ).where(
            order_totals.c.store_id == store.id,
            order_totals.c.status != OrderStatus.CANCELLED,
            order_totals.c.placed_at >= start,
            order_totals.c.placed_at < end,
        )
    ).one()
    return SalesFigures(
        store_id=store.id, currency=store.currency, orders=orders, total=Decimal(total)
    )


def sales_by_vendor(
    session: Session, tenant: tenancy_models.Tenant, first: date, last: date
) -> list[VendorSales]:
    start, end = _day_bounds(first, last)
    total = func.sum(OrderLine.quantity * (OrderLine.unit_price - OrderLine.discount))
    rows = session.execute(
        select(Vendor.name, User.email, func.sum(OrderLine.quantity), total)
        .select_from(OrderLine)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Listing, Listing.id == OrderLine.listing_id)
        .join(ProductVariant, ProductVariant.id == Listing.variant_id)
        .join(Product, Product.id == ProductVariant.product_id)
        .join(Vendor, Vendor.id == Product.vendor_id)
        .outerjoin(User, User.id == Vendor.contact_user_id)
        .where(Vendor.tenant_id == tenant.id, Order.status != OrderStatus.CANCELLED)
        .where(Order.placed_at >= start, Order.placed_at < end)
        .group_by(Vendor.id, User.id)
        .order_by(total.desc())
    )
    return [
        VendorSales(vendor=vendor, contact=contact, units=units, total=Decimal(amount))
        for vendor, contact, units, amount in rows
    ]
