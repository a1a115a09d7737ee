from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.models import Order
from app.schemas.order import CartLineCreate, CheckoutCreate, OrderRead
from app.services.carts import get_cart, open_cart, put_in_cart
from app.services.checkout import place_order
from app.services.customers import get_or_create_customer
from app.services.orders import get_order
from app.services.stores import get_store

router = APIRouter(tags=["orders"])


@router.post("/stores/{store_id}/carts", status_code=201)
def post_cart(store_id: int, session: Annotated[Session, Depends(get_session)]) -> dict[str, str]:
    return {"token": open_cart(session, get_store(session, store_id)).token}


@router.post("/carts/{token}/lines", status_code=204)
def post_cart_line(
    token: str, body: CartLineCreate, session: Annotated[Session, Depends(get_session)]
) -> None:
    put_in_cart(session, get_cart(session, token), body.listing_id, body.quantity)


@router.post("/carts/{token}/checkout", status_code=201, response_model=OrderRead)
def post_checkout(
    token: str, body: CheckoutCreate, session: Annotated[Session, Depends(get_session)]
) -> Order:
    cart = get_cart(session, token)
    customer = get_or_create_customer(session, cart.store.tenant, body.email, body.full_name)
    return place_order(session, cart, customer, code=body.code)


@router.get("/orders/{number}", response_model=OrderRead)
def read_order(number: int, session: Annotated[Session, Depends(get_session)]) -> Order:
    return get_order(session, number)
