"""Columns."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, info, warning

CHANGES: list[TrueChange] = [
    change(
        "column: missing",
        "ALTER TABLE customers DROP COLUMN phone",
        error("column", "public.customers.phone", None, "customers", "58f05dac73f1"),
    ),
    change(
        "column: extra",
        "ALTER TABLE customers ADD COLUMN fax varchar(40)",
        error("column", "public.customers.fax", None, "customers", "58f05dac73f1"),
    ),
    change(
        "column: name",
        "ALTER TABLE customers RENAME COLUMN phone TO telephone",
        error("column", "public.customers.phone", None, "customers", "58f05dac73f1"),
        error("column", "public.customers.telephone", None, "customers", "58f05dac73f1"),
    ),
    change(
        "column: type",
        "ALTER TABLE product_variants ALTER weight_grams TYPE bigint",
        error(
            "column", "public.product_variants.weight_grams", "type", "marketplace", "a684d80423b6"
        ),
    ),
    change(
        "column: type, length",
        "ALTER TABLE users ALTER display_name TYPE varchar(200)",
        error("column", "public.users.display_name", "type", "core", "35630ef75f24"),
    ),
    change(
        "column: type, precision",
        "ALTER TABLE payments ALTER amount TYPE numeric(14, 2)",
        error("column", "public.payments.amount", "type", "payments", "526e5b023b3f"),
    ),
    change(
        "column: type, time zone",
        "ALTER TABLE carts ALTER expires_at TYPE timestamp",
        error("column", "public.carts.expires_at", "type", "orders", "791af25e9b4a"),
        error(
            "index",
            "public.carts.ix_carts_expires_at",
            "operator-classes",
            "orders",
            "791af25e9b4a",
        ),
    ),
    change(
        "column: type, domain to its base",
        "ALTER TABLE tenants ALTER vat_number TYPE varchar(20)",
        error("column", "public.tenants.vat_number", "type", "tenancy", "36e114970b0b"),
    ),
    change(
        "column: not null",
        "ALTER TABLE orders ALTER currency DROP NOT NULL",
        error("column", "public.orders.currency", "not-null", "orders", "8d62e0d1645b"),
    ),
    change(
        "column: nullable",
        "ALTER TABLE orders ALTER note SET NOT NULL",
        error("column", "public.orders.note", "not-null", "orders", "8d62e0d1645b"),
    ),
    change(
        "column: default",
        "ALTER TABLE stores ALTER currency SET DEFAULT 'USD'",
        error("column", "public.stores.currency", "default", "tenancy", "1f62aa4c3bb6"),
    ),
    change(
        "column: default missing",
        "ALTER TABLE users ALTER created_at DROP DEFAULT",
        error("column", "public.users.created_at", "default", "core", "35630ef75f24"),
    ),
    change(
        "column: default, spelling",
        "ALTER TABLE users ALTER created_at SET DEFAULT CURRENT_TIMESTAMP",
        info("column", "public.users.created_at", "default", "core", "35630ef75f24"),
    ),
    change(
        "column: identity",
        "ALTER TABLE orders ALTER id SET GENERATED ALWAYS",
        error("column", "public.orders.id", "identity", "orders", "8d62e0d1645b"),
    ),
    change(
        "column: identity missing",
        "ALTER TABLE orders ALTER id DROP IDENTITY",
        error("column", "public.orders.id", "identity", "orders", "8d62e0d1645b"),
    ),
    change(
        "column: generated",
        (
            "ALTER TABLE invoice_lines DROP COLUMN amount; ALTER TABLE invoice_lines ADD "
            "COLUMN amount numeric(12, 2) GENERATED ALWAYS AS (unit_price) STORED NOT NULL"
        ),
        error("column", "public.invoice_lines.amount", "generated", "billing", "29e213346c10"),
    ),
    change(
        "column: no longer generated",
        "ALTER TABLE invoice_lines ALTER amount DROP EXPRESSION",
        error("column", "public.invoice_lines.amount", "generated", "billing", "29e213346c10"),
    ),
    change(
        "column: generated when it is read",
        (
            "ALTER TABLE invoice_lines DROP COLUMN amount; ALTER TABLE invoice_lines ADD "
            "COLUMN amount numeric(12, 2) GENERATED ALWAYS AS (quantity::numeric * "
            "unit_price) VIRTUAL NOT NULL"
        ),
        error("column", "public.invoice_lines.amount", "generated-kind", "billing", "29e213346c10"),
        since=18,
    ),
    change(
        "column: collation",
        'ALTER TABLE customers ALTER full_name TYPE varchar(160) COLLATE "C"',
        error("column", "public.customers.full_name", "collation", "customers", "58f05dac73f1"),
    ),
    change(
        "column: storage",
        "ALTER TABLE products ALTER description SET STORAGE EXTERNAL",
        warning("column", "public.products.description", "storage", "marketplace", "45aafebae6b5"),
    ),
    change(
        "column: compression",
        "ALTER TABLE products ALTER description SET COMPRESSION pglz",
        warning(
            "column", "public.products.description", "compression", "marketplace", "45aafebae6b5"
        ),
    ),
    change(
        "column: statistics",
        "ALTER TABLE orders ALTER customer_id SET STATISTICS 500",
        warning("column", "public.orders.customer_id", "statistics", "orders", "8d62e0d1645b"),
    ),
    change(
        "column: options",
        "ALTER TABLE orders ALTER customer_id SET (n_distinct = -0.2)",
        warning("column", "public.orders.customer_id", "options", "orders", "8d62e0d1645b"),
    ),
    change(
        "column: comment",
        "COMMENT ON COLUMN order_lines.discount IS 'In all'",
        warning("column", "public.order_lines.discount", "comment", "orders", "5757c95dfa83"),
    ),
    change(
        "column: order",
        (
            "ALTER TABLE health_checks DROP COLUMN name; ALTER TABLE health_checks ADD "
            "COLUMN name varchar(120) NOT NULL"
        ),
        info("table", "public.health_checks", "column-order", "monitoring", "d266bed681c0"),
    ),
    change(
        "column: name of NOT NULL",
        "ALTER TABLE roles RENAME CONSTRAINT roles_name_not_null TO role_has_name",
        warning("column", "public.roles.name", "not-null-name", "core", "7199f9d2a943"),
        since=18,
    ),
    change(
        "column: NOT NULL not valid",
        (
            "ALTER TABLE roles ALTER name DROP NOT NULL; ALTER TABLE roles ADD CONSTRAINT "
            "roles_name_not_null NOT NULL name NOT VALID"
        ),
        error("column", "public.roles.name", "not-null-valid", "core", "7199f9d2a943"),
        since=18,
    ),
]
