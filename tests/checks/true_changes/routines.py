"""Functions, procedures, aggregates, and what is known by its statement."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, warning

CHANGES: list[TrueChange] = [
    change(
        "function: missing",
        "DROP FUNCTION summarise_order(bigint)",
        error("function", "public.summarise_order(bigint)", None, "orders", "fdc210bf0c68"),
    ),
    change(
        "function: extra",
        "CREATE FUNCTION answer() RETURNS integer LANGUAGE sql AS 'SELECT 42'",
        warning("function", "public.answer()", None, None, None),
    ),
    change(
        "function: body",
        (
            "CREATE OR REPLACE FUNCTION discounted(remaining numeric, percent numeric) "
            "RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT "
            "remaining - percent'"
        ),
        error(
            "function", "public.discounted(numeric, numeric)", "body", "marketplace", "2a0642c1ad86"
        ),
    ),
    change(
        "function: default of an argument",
        (
            "CREATE OR REPLACE FUNCTION latest_orders(store bigint, at_most integer DEFAULT "
            "50) RETURNS SETOF bigint LANGUAGE sql STABLE ROWS 20 AS $$\n            SELECT "
            "id FROM orders WHERE store_id = store ORDER BY placed_at DESC LIMIT at_most\n   "
            "     $$"
        ),
        error(
            "function",
            "public.latest_orders(bigint, integer)",
            "arguments",
            "orders",
            "fdc210bf0c68",
        ),
    ),
    change(
        "function: result",
        (
            "DROP FUNCTION latest_orders(bigint, integer); CREATE FUNCTION "
            "latest_orders(store bigint, at_most integer DEFAULT 20) RETURNS bigint LANGUAGE "
            "sql STABLE AS $$\n            SELECT id FROM orders WHERE store_id = store "
            "ORDER BY placed_at DESC LIMIT at_most\n        $$"
        ),
        error(
            "function", "public.latest_orders(bigint, integer)", "returns", "orders", "fdc210bf0c68"
        ),
        error(
            "function", "public.latest_orders(bigint, integer)", "rows", "orders", "fdc210bf0c68"
        ),
    ),
    change(
        "function: language",
        (
            "CREATE OR REPLACE FUNCTION discounted(remaining numeric, percent numeric) "
            "RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS 'BEGIN "
            "RETURN remaining * (1 - percent / 100); END'"
        ),
        error(
            "function", "public.discounted(numeric, numeric)", "body", "marketplace", "2a0642c1ad86"
        ),
        error(
            "function",
            "public.discounted(numeric, numeric)",
            "language",
            "marketplace",
            "2a0642c1ad86",
        ),
    ),
    change(
        "function: volatility",
        "ALTER FUNCTION summarise_order(bigint) VOLATILE",
        error("function", "public.summarise_order(bigint)", "volatility", "orders", "fdc210bf0c68"),
    ),
    change(
        "function: strict",
        "ALTER FUNCTION summarise_order(bigint) CALLED ON NULL INPUT",
        error("function", "public.summarise_order(bigint)", "strict", "orders", "fdc210bf0c68"),
    ),
    change(
        "function: security definer",
        "ALTER FUNCTION summarise_order(bigint) SECURITY DEFINER",
        error(
            "function",
            "public.summarise_order(bigint)",
            "security-definer",
            "orders",
            "fdc210bf0c68",
        ),
    ),
    change(
        "function: parallel",
        "ALTER FUNCTION summarise_order(bigint) PARALLEL UNSAFE",
        error("function", "public.summarise_order(bigint)", "parallel", "orders", "fdc210bf0c68"),
    ),
    change(
        "function: leakproof",
        "ALTER FUNCTION summarise_order(bigint) LEAKPROOF",
        error("function", "public.summarise_order(bigint)", "leakproof", "orders", "fdc210bf0c68"),
    ),
    change(
        "function: cost",
        "ALTER FUNCTION summarise_order(bigint) COST 500",
        error("function", "public.summarise_order(bigint)", "cost", "orders", "fdc210bf0c68"),
    ),
    change(
        "function: rows",
        "ALTER FUNCTION latest_orders(bigint, integer) ROWS 100",
        error(
            "function", "public.latest_orders(bigint, integer)", "rows", "orders", "fdc210bf0c68"
        ),
    ),
    change(
        "function: settings",
        "ALTER FUNCTION summarise_order(bigint) SET search_path = public",
        error("function", "public.summarise_order(bigint)", "settings", "orders", "fdc210bf0c68"),
    ),
    change(
        "function: comment",
        "COMMENT ON FUNCTION apply_stock_move() IS NULL",
        warning("function", "public.apply_stock_move()", "comment", "inventory", "8bf63d41ceaa"),
    ),
    change(
        "function: other arguments",
        (
            "DROP FUNCTION latest_orders(bigint, integer); CREATE FUNCTION "
            "latest_orders(store bigint) RETURNS SETOF bigint LANGUAGE sql STABLE ROWS 20 AS "
            "'SELECT id FROM orders WHERE store_id = store'"
        ),
        error("function", "public.latest_orders(bigint, integer)", None, "orders", "fdc210bf0c68"),
        warning("function", "public.latest_orders(bigint)", None, "orders", "fdc210bf0c68"),
    ),
    change(
        "procedure: missing",
        "DROP PROCEDURE release_reservations(interval)",
        error(
            "procedure", "public.release_reservations(interval)", None, "inventory", "ff87e2f775d7"
        ),
    ),
    change(
        "procedure: body",
        (
            "CREATE OR REPLACE PROCEDURE release_reservations(older_than interval DEFAULT "
            "'30 minutes') LANGUAGE plpgsql AS 'BEGIN NULL; END'"
        ),
        error(
            "procedure",
            "public.release_reservations(interval)",
            "body",
            "inventory",
            "ff87e2f775d7",
        ),
    ),
    change(
        "procedure: security definer",
        "ALTER PROCEDURE release_reservations(interval) SECURITY DEFINER",
        error(
            "procedure",
            "public.release_reservations(interval)",
            "security-definer",
            "inventory",
            "ff87e2f775d7",
        ),
    ),
    change(
        "aggregate: missing",
        "DROP AGGREGATE remaining_after(numeric)",
        error("aggregate", "public.remaining_after(numeric)", None, "marketplace", "2a0642c1ad86"),
    ),
    change(
        "aggregate: initial value",
        (
            "CREATE OR REPLACE AGGREGATE remaining_after(numeric) (SFUNC = discounted, STYPE "
            "= numeric, INITCOND = '100')"
        ),
        error(
            "aggregate", "public.remaining_after(numeric)", "body", "marketplace", "2a0642c1ad86"
        ),
    ),
    change(
        "aggregate: parallel",
        (
            "CREATE OR REPLACE AGGREGATE remaining_after(numeric) (SFUNC = discounted, STYPE "
            "= numeric, INITCOND = '1', PARALLEL = SAFE)"
        ),
        error(
            "aggregate",
            "public.remaining_after(numeric)",
            "parallel",
            "marketplace",
            "2a0642c1ad86",
        ),
    ),
    change(
        "aggregate: comment",
        "COMMENT ON AGGREGATE remaining_after(numeric) IS 'Of one'",
        warning(
            "aggregate", "public.remaining_after(numeric)", "comment", "marketplace", "2a0642c1ad86"
        ),
    ),
    change(
        "statistics: missing",
        "DROP STATISTICS product_reviews_published",
        error(
            "statistics", "public.product_reviews_published", None, "marketplace", "2a0642c1ad86"
        ),
    ),
    change(
        "statistics: definition",
        (
            "DROP STATISTICS product_reviews_published; CREATE STATISTICS "
            "product_reviews_published (ndistinct) ON product_id, is_published FROM "
            "product_reviews"
        ),
        error(
            "statistics",
            "public.product_reviews_published",
            "definition",
            "marketplace",
            "2a0642c1ad86",
        ),
    ),
    change(
        "statistics: extra",
        "CREATE STATISTICS addresses ON country, city FROM customer_addresses",
        warning("statistics", "public.addresses", None, None, None),
    ),
    change(
        "collation: extra",
        "CREATE COLLATION plain (LOCALE = 'C')",
        warning("collation", "public.plain", None, None, None),
    ),
]
