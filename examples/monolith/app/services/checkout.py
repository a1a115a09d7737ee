from sqlalchemy.orm import Session

from app.exceptions import EmptyCartError
from app.models import Cart, Customer, CustomerAddress, Order, OrderLine
from app.services.payments import authorize
from app.services.pricing import best_offer, discount_per_unit
from app.services.totals import order_total


def place_order(
    session: Session,
    cart: Cart,
    customer: Customer,
    *,
    address: CustomerAddress | None = None,
    code: str | None = None,
) -> Order:
    """Turn the cart into an order at today's prices, with an authorized payment."""
    if not cart.lines:
        raise EmptyCartError("There is nothing in the cart.")
    order = Order(
        store=cart.store,
        customer=customer,
        shipping_address=address,
        currency=cart.store.currency,
    )
    ordered = sorted(cart.lines, key=lambda line: line.listing_id)
    for position, line in enumerate(ordered, start=1):
        offer = best_offer(session, line.listing, customer, code)
        order.lines.append(
            OrderLine(
                position=position,
                listing=line.listing,
                offer=offer,
                quantity=line.quantity,
                unit_price=line.listing.price,
                discount=discount_per_unit(line.listing.price, offer),
            )
        )
    session.add(order)
    session.flush()
    total = order_total(session, order)
    if total > 0:
        order.payments.append(
            authorize(
                session,
                cart.store.tenant,
                total,
                order.currency,
                idempotency_key=f"order-{order.number}",
            )
        )
    session.delete(cart)
    session.flush()
    return order
