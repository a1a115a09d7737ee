from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import app.modules.marketplace.models as marketplace_models
import app.modules.orders.models.order as order_models
from app.modules.core.models import User
from app.modules.inventory.exceptions import OutOfStockError
from app.modules.inventory.models import (
    StockLevel,
    StockMove,
    StockMoveKind,
    StockReservation,
    Warehouse,
)

_RESERVATION_LIFETIME = timedelta(days=14)


def move(
    session: Session,
    warehouse: Warehouse,
    variant: marketplace_models.ProductVariant,
    quantity: int,
    kind: StockMoveKind,
    *,
    by: User | None = None,
    reason: str | None = None,
) -> StockMove:
    made = StockMove(
        warehouse=warehouse,
        variant=variant,
        quantity=quantity,
        kind=kind,
        moved_by=by,
        reason=reason,
    )
    session.add(made)
    session.flush()
    # The trigger changed it behind the session's back.
    level = session.get(StockLevel, (warehouse.id, variant.id))
    if level is not None:
        session.refresh(level)
    return made


def available(session: Session, warehouse_id: int, variant_id: int) -> int:
    """What is on hand and not yet promised to an order."""
    on_hand = session.scalar(
        select(StockLevel.on_hand).where(
            StockLevel.warehouse_id == warehouse_id, StockLevel.variant_id == variant_id
        )
    )
    reserved = session.scalar(
        select(func.coalesce(func.sum(StockReservation.quantity), 0))
        .join(StockReservation.order_line)
        .join(order_models.OrderLine.listing)
        .where(StockReservation.warehouse_id == warehouse_id)
        .where(StockReservation.released_at.is_(None))
        .where(marketplace_models.Listing.variant_id == variant_id)
    )
    return (on_hand or 0) - (reserved or 0)


def reserve(
    session: Session, warehouse: Warehouse, line: order_models.OrderLine
) -> StockReservation:
    free = available(session, warehouse.id, line.listing.variant_id)
    if free < line.quantity:
        raise OutOfStockError(f"Only {free} of {line.listing.variant.sku} in {warehouse.name}.")
    reservation = StockReservation(order_line=line, warehouse=warehouse, quantity=line.quantity)
    session.add(reservation)
    session.flush()
    return reservation


def release_stale(session: Session) -> int:
    """Give back what was held for orders that went nowhere."""
    now = datetime.now(UTC)
    stale = session.scalars(
        select(StockReservation).where(
            StockReservation.released_at.is_(None),
            StockReservation.created_at < now - _RESERVATION_LIFETIME,
        )
    ).all()
    for reservation in stale:
        reservation.released_at = now
    session.flush()
    return len(stale)


def low_levels(session: Session, warehouse: Warehouse) -> list[StockLevel]:
    return list(
        session.scalars(
            select(StockLevel)
            .where(StockLevel.warehouse_id == warehouse.id)
            .where(StockLevel.on_hand <= StockLevel.reorder_point)
            .order_by(StockLevel.variant_id)
        )
    )
