"""Views and materialised views."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, warning

CHANGES: list[TrueChange] = [
    change(
        "view: missing",
        "DROP VIEW order_totals",
        error("view", "public.order_totals", None, "orders", "5757c95dfa83"),
    ),
    change(
        "view: extra",
        "CREATE VIEW open_orders AS SELECT id FROM orders WHERE status = 'placed'",
        warning("view", "public.open_orders", None, None, None),
    ),
    change(
        "view: definition",
        (
            "CREATE OR REPLACE VIEW order_totals AS SELECT o.id AS order_id, o.store_id, "
            "o.status, o.placed_at, count(l.id) AS line_count, COALESCE(sum(l.quantity * "
            "l.unit_price), 0) AS total FROM orders o LEFT JOIN order_lines l ON l.order_id "
            "= o.id GROUP BY o.id"
        ),
        error("view", "public.order_totals", "definition", "orders", "5757c95dfa83"),
    ),
    change(
        "view: name of a column",
        "ALTER VIEW order_totals RENAME COLUMN total TO amount",
        error("view", "public.order_totals", "definition", "orders", "5757c95dfa83"),
    ),
    change(
        "view: name",
        "ALTER VIEW order_totals RENAME TO totals_of_orders",
        error("view", "public.order_totals", None, "orders", "5757c95dfa83"),
        warning("view", "public.totals_of_orders", None, None, None),
    ),
    change(
        "view: security barrier",
        "ALTER VIEW order_totals SET (security_barrier = true)",
        error("view", "public.order_totals", "options", "orders", "5757c95dfa83"),
    ),
    change(
        "view: comment",
        "COMMENT ON VIEW order_totals IS 'Without discounts'",
        warning("view", "public.order_totals", "comment", "orders", "5757c95dfa83"),
    ),
    change(
        "view: comment of a column",
        "COMMENT ON COLUMN order_totals.total IS 'Without discounts'",
        warning("column", "public.order_totals.total", "comment", "orders", "5757c95dfa83"),
    ),
    change(
        "view: default of a column",
        "ALTER VIEW order_totals ALTER status SET DEFAULT 'placed'",
        error("column", "public.order_totals.status", "default", "orders", "5757c95dfa83"),
    ),
    change(
        "view: trigger",
        (
            "CREATE TRIGGER totals_are_read INSTEAD OF INSERT ON order_totals FOR EACH ROW "
            "EXECUTE FUNCTION announce_notification('totals')"
        ),
        error("trigger", "public.order_totals.totals_are_read", None, "orders", "5757c95dfa83"),
    ),
    change(
        "view: rule",
        "CREATE RULE totals_are_read AS ON INSERT TO order_totals DO INSTEAD NOTHING",
        error("rule", "public.order_totals.totals_are_read", None, "orders", "5757c95dfa83"),
    ),
    change(
        "materialized view: missing",
        "DROP MATERIALIZED VIEW product_ratings",
        error("materialized view", "public.product_ratings", None, "marketplace", "2a0642c1ad86"),
    ),
    change(
        "materialized view: definition",
        (
            "DROP MATERIALIZED VIEW product_ratings; CREATE MATERIALIZED VIEW "
            "product_ratings AS SELECT product_id, count(*) AS review_count, "
            "avg(rating)::numeric(3, 2) AS rating FROM product_reviews GROUP BY product_id; "
            "CREATE UNIQUE INDEX uq_product_ratings_product ON product_ratings (product_id); "
            "COMMENT ON MATERIALIZED VIEW product_ratings IS 'Refreshed every night'"
        ),
        error(
            "materialized view",
            "public.product_ratings",
            "definition",
            "marketplace",
            "2a0642c1ad86",
        ),
    ),
    change(
        "materialized view: a view now",
        (
            "DROP MATERIALIZED VIEW product_ratings; CREATE VIEW product_ratings AS SELECT "
            "product_id, count(*) AS review_count, avg(rating)::numeric(3, 2) AS rating FROM "
            "product_reviews WHERE is_published GROUP BY product_id"
        ),
        error("materialized view", "public.product_ratings", None, "marketplace", "2a0642c1ad86"),
        warning("view", "public.product_ratings", None, "marketplace", "2a0642c1ad86"),
    ),
    change(
        "materialized view: index missing",
        "DROP INDEX uq_product_ratings_product",
        error(
            "index",
            "public.product_ratings.uq_product_ratings_product",
            None,
            "marketplace",
            "2a0642c1ad86",
        ),
    ),
    change(
        "materialized view: options",
        "ALTER MATERIALIZED VIEW product_ratings SET (fillfactor = 90)",
        warning(
            "materialized view", "public.product_ratings", "options", "marketplace", "2a0642c1ad86"
        ),
    ),
    change(
        "materialized view: comment",
        "COMMENT ON MATERIALIZED VIEW product_ratings IS NULL",
        warning(
            "materialized view", "public.product_ratings", "comment", "marketplace", "2a0642c1ad86"
        ),
    ),
    change(
        "materialized view: statistics of a column",
        "ALTER MATERIALIZED VIEW product_ratings ALTER rating SET STATISTICS 500",
        warning(
            "column", "public.product_ratings.rating", "statistics", "marketplace", "2a0642c1ad86"
        ),
    ),
]
