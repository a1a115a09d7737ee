"""Indexes."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, warning

CHANGES: list[TrueChange] = [
    change(
        "index: missing",
        "DROP INDEX ix_orders_open",
        error("index", "public.orders.ix_orders_open", None, "orders", "c0f7db9713a1"),
    ),
    change(
        "index: extra",
        "CREATE INDEX ix_orders_note ON orders (note)",
        error("index", "public.orders.ix_orders_note", None, "orders", "8d62e0d1645b"),
    ),
    change(
        "index: name",
        "ALTER INDEX ix_orders_open RENAME TO orders_open",
        warning("index", "public.orders.ix_orders_open", "name", "orders", "c0f7db9713a1"),
    ),
    change(
        "index: predicate",
        (
            "DROP INDEX ix_orders_open; CREATE INDEX ix_orders_open ON orders (placed_at) "
            "WHERE status = 'placed'"
        ),
        error("index", "public.orders.ix_orders_open", "predicate", "orders", "c0f7db9713a1"),
    ),
    change(
        "index: order of columns",
        (
            "DROP INDEX ix_stock_moves_history; CREATE INDEX ix_stock_moves_history ON "
            "stock_moves (variant_id, warehouse_id, moved_at DESC)"
        ),
        error(
            "index",
            "public.stock_moves.ix_stock_moves_history",
            "columns",
            "inventory",
            "8bf63d41ceaa",
        ),
    ),
    change(
        "index: descending",
        (
            "DROP INDEX ix_orders_store_placed_at; CREATE INDEX ix_orders_store_placed_at ON "
            "orders (store_id, placed_at)"
        ),
        error(
            "index", "public.orders.ix_orders_store_placed_at", "order", "orders", "8d62e0d1645b"
        ),
    ),
    change(
        "index: expression",
        (
            "DROP INDEX uq_users_email_lower; CREATE UNIQUE INDEX uq_users_email_lower ON "
            "users (upper(email))"
        ),
        error("index", "public.users.uq_users_email_lower", "columns", "core", "02ad250aca16"),
    ),
    change(
        "index: unique",
        (
            "DROP INDEX uq_users_email_lower; CREATE INDEX uq_users_email_lower ON users "
            "(lower(email))"
        ),
        error("index", "public.users.uq_users_email_lower", "unique", "core", "02ad250aca16"),
    ),
    change(
        "index: method",
        (
            "DROP INDEX ix_carts_expires_at; CREATE INDEX ix_carts_expires_at ON carts USING "
            "brin (expires_at)"
        ),
        error("index", "public.carts.ix_carts_expires_at", "method", "orders", "791af25e9b4a"),
        error(
            "index",
            "public.carts.ix_carts_expires_at",
            "operator-classes",
            "orders",
            "791af25e9b4a",
        ),
    ),
    change(
        "index: operator class",
        (
            "DROP INDEX ix_product_variants_barcode; CREATE INDEX "
            "ix_product_variants_barcode ON product_variants (barcode) INCLUDE (product_id)"
        ),
        error(
            "index",
            "public.product_variants.ix_product_variants_barcode",
            "operator-classes",
            "marketplace",
            "2a0642c1ad86",
        ),
    ),
    change(
        "index: included columns",
        (
            "DROP INDEX ix_product_variants_barcode; CREATE INDEX "
            "ix_product_variants_barcode ON product_variants (barcode varchar_pattern_ops) "
            "INCLUDE (sku)"
        ),
        error(
            "index",
            "public.product_variants.ix_product_variants_barcode",
            "include",
            "marketplace",
            "2a0642c1ad86",
        ),
    ),
    change(
        "index: collation",
        (
            "DROP INDEX ix_product_variants_barcode; CREATE INDEX "
            'ix_product_variants_barcode ON product_variants (barcode COLLATE "POSIX" '
            "varchar_pattern_ops) INCLUDE (product_id)"
        ),
        error(
            "index",
            "public.product_variants.ix_product_variants_barcode",
            "collations",
            "marketplace",
            "2a0642c1ad86",
        ),
    ),
    change(
        "index: nulls not distinct",
        (
            "DROP INDEX uq_themes_owner_code; CREATE UNIQUE INDEX uq_themes_owner_code ON "
            "themes (COALESCE(tenant_id, 0), code) NULLS NOT DISTINCT"
        ),
        error(
            "index",
            "public.themes.uq_themes_owner_code",
            "nulls-not-distinct",
            "cms",
            "58bb6196a2e2",
        ),
        since=15,
    ),
    change(
        "index: valid",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_orders_open'::regclass",
        error("index", "public.orders.ix_orders_open", "valid", "orders", "c0f7db9713a1"),
    ),
    change(
        "index: options",
        "ALTER INDEX ix_orders_open SET (fillfactor = 60)",
        warning("index", "public.orders.ix_orders_open", "options", "orders", "c0f7db9713a1"),
    ),
    change(
        "index: clustered",
        "ALTER TABLE orders CLUSTER ON ix_orders_store_placed_at",
        warning(
            "index",
            "public.orders.ix_orders_store_placed_at",
            "clustered",
            "orders",
            "8d62e0d1645b",
        ),
    ),
    change(
        "index: comment",
        "COMMENT ON INDEX ix_orders_open IS 'For the packing list'",
        warning("index", "public.orders.ix_orders_open", "comment", "orders", "c0f7db9713a1"),
    ),
    change(
        "index: of a partitioned table",
        "DROP INDEX ix_request_samples_route",
        error(
            "index",
            "public.request_samples.ix_request_samples_route",
            None,
            "monitoring",
            "a8e1e4ff4daf",
        ),
    ),
    change(
        "index: of a partition",
        "CREATE INDEX samples_slow ON partitions.request_samples_2025 (milliseconds)",
        error(
            "index",
            "partitions.request_samples_2025.samples_slow",
            None,
            "monitoring",
            "a8e1e4ff4daf",
        ),
    ),
]
