import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from app.config import load_settings
from app.modules.marketplace.exceptions import ListingNotForSaleError, ListingNotFoundError
from app.modules.marketplace.models import Listing, ListingStatus
from app.modules.orders.exceptions import CartNotFoundError
from app.modules.orders.models import Cart, CartLine
from app.modules.tenancy.models import Store


def open_cart(session: Session, store: Store) -> Cart:
    lifetime = timedelta(hours=load_settings().cart_lifetime_hours)
    cart = Cart(
        store=store, token=secrets.token_urlsafe(32), expires_at=datetime.now(UTC) + lifetime
    )
    session.add(cart)
    session.flush()
    return cart


def get_cart(session: Session, token: str) -> Cart:
    cart = session.scalar(
        select(Cart).where(Cart.token == token, Cart.expires_at > datetime.now(UTC))
    )
    if cart is None:
        raise CartNotFoundError("There is no such cart, or it has expired.")
    return cart


def put_in_cart(session: Session, cart: Cart, listing_id: int, quantity: int) -> CartLine:
    """Put more of a listing in a cart; the quantity is added to what is there."""
    listing = session.get(Listing, listing_id)
    if listing is None or listing.store_id != cart.store_id:
        raise ListingNotFoundError(f"This store has no listing {listing_id}.")
    if listing.status is not ListingStatus.ACTIVE:
        raise ListingNotForSaleError(f"Listing {listing_id} is not for sale.")
    for line in cart.lines:
        if line.listing_id == listing.id:
            line.quantity += quantity
            break
    else:
        line = CartLine(listing=listing, quantity=quantity)
        cart.lines.append(line)
    session.flush()
    return line


def purge_expired(session: Session) -> int:
    result = session.execute(delete(Cart).where(Cart.expires_at <= datetime.now(UTC)))
    return cast("CursorResult[Any]", result).rowcount
