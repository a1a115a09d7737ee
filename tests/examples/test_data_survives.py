"""Rows that were there before the split come through the revisions after it, in both histories."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.examples.shops import MARKETPLACE, MONOLITH, Shop

if TYPE_CHECKING:
    import psycopg

LEGACY_HEAD = "c0f7db9713a1"

ROWS = """
INSERT INTO users (email, display_name) VALUES ('ada@example.com', 'Ada');
INSERT INTO tenants (slug, name) VALUES ('api', 'Apiary'), ('tea', 'Tea');
INSERT INTO stores (tenant_id, slug, name) VALUES (1, 'main', 'Honey'), (2, 'main', 'Tea');
INSERT INTO store_domains (store_id, hostname, is_primary)
    VALUES (1, 'a.example.com', true), (1, 'b.example.com', true), (2, 'c.example.com', true);
INSERT INTO customers (tenant_id, email, full_name, accepts_marketing, updated_at)
    VALUES (1, 'yes@example.com', 'Yes', true, '2023-05-01'),
           (1, 'no@example.com', 'No', false, now());
INSERT INTO content_pages (store_id, slug, title, status, updated_at)
    VALUES (1, 'a', 'A', 'published', '2023-06-01'), (1, 'b', 'B', 'draft', now());
INSERT INTO payments (tenant_id, amount, currency) VALUES (1, 5, 'EUR');
INSERT INTO refunds (payment_id, amount, reason)
    VALUES (1, 1, 'Arrived broken'), (1, 1, 'card fraud'), (1, 1, NULL);
INSERT INTO subscription_tiers (code, name, price) VALUES ('pro', 'Pro', 49);
INSERT INTO subscriptions (tenant_id, tier_id, status, renews_on, updated_at)
    VALUES (1, 1, 'cancelled', '2023-01-01', '2023-02-02'), (2, 1, 'active', '2025-01-01', now());
INSERT INTO invoices (number, tenant_id, subscription_id, status, period_start, period_end)
    VALUES (nextval('invoice_number_seq'), 1, 1, 'paid', '2022-01-01', '2022-02-01'),
           (nextval('invoice_number_seq'), 1, 1, 'paid', '2022-02-01', '2022-03-01');
INSERT INTO invoice_lines (invoice_id, position, description, quantity, unit_price)
    VALUES (1, 1, 'Pro', 2, 49);
INSERT INTO vendors (tenant_id, slug, name) VALUES (1, 'hills', 'Hills');
INSERT INTO products (vendor_id, slug, name) VALUES (1, 'honey', 'Honey');
INSERT INTO product_variants (product_id, sku, name, list_price) VALUES (1, 'H1', 'Jar', 5);
INSERT INTO warehouses (tenant_id, code, name) VALUES (1, 'N', 'North');
INSERT INTO stock_levels (warehouse_id, variant_id, on_hand) VALUES (1, 1, 7);
INSERT INTO health_checks (code, name, last_state, last_checked_at)
    VALUES ('db', 'Database', 'degraded', '2024-01-01'), ('mq', 'Queue', NULL, NULL);
"""

EXPECTED = {
    "SELECT slug FROM tenants ORDER BY id": [("api-shop",), ("tea",)],
    "SELECT locale FROM users": [("en",)],
    "SELECT is_primary FROM store_domains ORDER BY id": [(True,), (False,), (True,)],
    "SELECT marketing_consent_at::date::text FROM customers ORDER BY id": [
        ("2023-05-01",),
        (None,),
    ],
    "SELECT published_at::date::text FROM content_pages ORDER BY id": [("2023-06-01",), (None,)],
    "SELECT reason::text, note FROM refunds ORDER BY id": [
        ("damaged", "Arrived broken"),
        ("fraud", "card fraud"),
        ("requested", None),
    ],
    "SELECT cancelled_at::date::text FROM subscriptions ORDER BY id": [("2023-02-02",), (None,)],
    """SELECT i.status::text, p.amount::text, p.idempotency_key
       FROM invoices i LEFT JOIN payments p ON p.id = i.payment_id ORDER BY i.id""": [
        ("paid", "98.00", "old-invoice-10001"),
        ("void", None, None),
    ],
    # The opening balance is recorded, and not counted twice.
    "SELECT kind::text, quantity FROM stock_moves": [("adjustment", 7)],
    "SELECT on_hand FROM stock_levels": [(7,)],
    """SELECT c.code, r.state::text, r.checked_at::date::text
       FROM health_check_results r JOIN health_checks c ON c.id = r.check_id""": [
        ("db", "degraded", "2024-01-01")
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shop", "downgrades"),
    [
        (MONOLITH, [LEGACY_HEAD]),
        # Only a revision of the same branch is a target of stock Alembic's downgrade.
        (MARKETPLACE, ["customers@base", "monitoring@base", "payments@base"]),
    ],
    ids=["monolith", "marketplace"],
)
def test_rows_come_through(
    shop: Shop,
    downgrades: list[str],
    database_url: str,
    connect_to: Callable[[str], psycopg.Connection[Any]],
) -> None:
    shop.alembic(database_url, "upgrade", LEGACY_HEAD)
    connection = connect_to(database_url)
    connection.execute("SET timezone = 'UTC'")
    connection.execute(ROWS)

    shop.alembic(database_url, "upgrade", "heads")
    assert {query: connection.execute(query).fetchall() for query in EXPECTED} == EXPECTED

    for target in downgrades:
        shop.alembic(database_url, "downgrade", target)
    consented = connection.execute("SELECT accepts_marketing FROM customers ORDER BY id")
    assert consented.fetchall() == [(True,), (False,)]
    checked = connection.execute("SELECT last_state FROM health_checks ORDER BY id")
    assert checked.fetchall() == [("degraded",), (None,)]
    assert connection.execute("SELECT count(*) FROM payments").fetchall() == [(1,)]
