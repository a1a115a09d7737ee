"""From a cart to an order, its payment, its stock and its figures."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.exceptions import OutOfStockError, RefundTooLargeError
from app.models import (
    Customer,
    Listing,
    Offer,
    Order,
    OrderStatus,
    RefundReason,
    StockMoveKind,
    Warehouse,
)
from app.services.carts import open_cart, put_in_cart
from app.services.checkout import place_order
from app.services.customers import create_group, get_or_create_customer
from app.services.orders import get_order, ship
from app.services.payments import refund
from app.services.pricing import best_offer
from app.services.reviews import average_rating, review
from app.services.sales import sales_by_vendor
from app.services.stock import available, low_levels, move, reserve
from app.tasks import capture_order_payments, purge_expired_carts


@pytest.fixture
def customer(session: Session, listing: Listing) -> Customer:
    return get_or_create_customer(session, listing.store.tenant, "grace@example.com", "Grace")


@pytest.fixture
def order(session: Session, listing: Listing, customer: Customer) -> Order:
    cart = open_cart(session, listing.store)
    put_in_cart(session, cart, listing.id, 2)
    put_in_cart(session, cart, listing.id, 1)
    return place_order(session, cart, customer)


def test_a_customer_buys_over_http(client: TestClient, listing: Listing) -> None:
    found = client.get(f"/stores/{listing.store_id}/listings", params={"search": "green"}).json()
    token = client.post(f"/stores/{listing.store_id}/carts").json()["token"]
    client.post(f"/carts/{token}/lines", json={"listing_id": found[0]["id"], "quantity": 3})
    placed = client.post(
        f"/carts/{token}/checkout", json={"email": "g@example.com", "full_name": "Grace"}
    )

    assert placed.status_code == 201
    body = client.get(f"/orders/{placed.json()['number']}").json()
    assert body["status"] == "placed"
    assert body["lines"] == [
        {"listing_id": listing.id, "quantity": 3, "unit_price": "8.50", "discount": "0.00"}
    ]
    assert client.post(f"/carts/{token}/lines", json={"listing_id": 1}).status_code == 404

    today = datetime.now(UTC).date().isoformat()
    figures = client.get(
        f"/stores/{listing.store_id}/sales", params={"first": today, "last": today}
    ).json()
    assert figures["orders"] == 1
    assert Decimal(figures["total"]) == Decimal("25.50")


def test_an_empty_cart_is_refused(client: TestClient, listing: Listing) -> None:
    token = client.post(f"/stores/{listing.store_id}/carts").json()["token"]

    refused = client.post(
        f"/carts/{token}/checkout", json={"email": "g@example.com", "full_name": "Grace"}
    )

    assert refused.status_code == 409
    assert refused.json() == {"detail": "There is nothing in the cart."}


def test_payments_are_captured_and_the_order_ships(session: Session, order: Order) -> None:
    assert [payment.amount for payment in order.payments] == [Decimal("25.50")]

    assert capture_order_payments.delay(order.number).get() == "paid"

    session.expire_all()
    paid = get_order(session, order.number)
    ship(session, paid, "Post", "RR123")
    assert paid.status is OrderStatus.SHIPPED


def test_no_more_is_refunded_than_was_paid(session: Session, order: Order) -> None:
    [payment] = order.payments
    refund(session, payment, Decimal("20"), RefundReason.DAMAGED)

    with pytest.raises(RefundTooLargeError, match="5.50"):
        refund(session, payment, Decimal("6"), RefundReason.REQUESTED)


def test_the_best_offer_depends_on_group_and_code(
    session: Session, listing: Listing, customer: Customer
) -> None:
    friends = create_group(session, listing.store.tenant, "Friends")
    for_all = Offer(listing=listing, discount_percent=Decimal("5"))
    for_friends = Offer(listing=listing, discount_percent=Decimal("10"), customer_group=friends)
    with_code = Offer(listing=listing, discount_percent=Decimal("20"), code="Spring")
    session.add_all([for_all, for_friends, with_code])
    session.flush()

    assert best_offer(session, listing) is for_all
    assert best_offer(session, listing, customer) is for_all
    assert best_offer(session, listing, customer, "SPRING") is with_code
    customer.groups.append(friends)
    session.flush()
    assert best_offer(session, listing, customer) is for_friends


def test_stock_moves_keep_the_levels(session: Session, listing: Listing, order: Order) -> None:
    warehouse = Warehouse(tenant=listing.store.tenant, code="N1", name="North")
    session.add(warehouse)
    session.flush()
    [line] = order.lines
    with pytest.raises(OutOfStockError):
        reserve(session, warehouse, line)

    move(session, warehouse, listing.variant, 10, StockMoveKind.RECEIPT)
    move(session, warehouse, listing.variant, -6, StockMoveKind.SALE)
    assert available(session, warehouse.id, listing.variant_id) == 4
    assert low_levels(session, warehouse) == []

    reserve(session, warehouse, line)
    assert available(session, warehouse.id, listing.variant_id) == 1


def test_sales_are_counted_per_vendor(session: Session, order: Order) -> None:
    today: date = order.placed_at.astimezone(UTC).date()

    [row] = sales_by_vendor(session, order.store.tenant, today, today)
    assert (row.vendor, row.units, row.total) == ("High Hills", 3, Decimal("25.50"))
    tomorrow = today + timedelta(days=1)
    assert sales_by_vendor(session, order.store.tenant, tomorrow, tomorrow) == []


def test_reviews_with_a_text_wait(session: Session, listing: Listing, customer: Customer) -> None:
    product = listing.variant.product
    waiting = review(session, product, customer, 2, "Too green.")
    assert average_rating(session, product) is None

    waiting.is_published = True
    session.flush()
    assert average_rating(session, product) == 2


def test_expired_carts_are_purged(session: Session, listing: Listing) -> None:
    open_cart(session, listing.store).expires_at = datetime.now(UTC) - timedelta(minutes=1)
    open_cart(session, listing.store)
    session.commit()

    assert purge_expired_carts.delay().get() == 1
