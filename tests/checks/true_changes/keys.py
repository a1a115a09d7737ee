"""Primary keys, unique and exclusion constraints."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, warning

CHANGES: list[TrueChange] = [
    change(
        "primary key: missing",
        "ALTER TABLE cart_lines DROP CONSTRAINT pk_cart_lines",
        error("constraint", "public.cart_lines.pk_cart_lines", None, "orders", "791af25e9b4a"),
    ),
    change(
        "primary key: columns",
        (
            "ALTER TABLE store_opening_hours DROP CONSTRAINT pk_store_opening_hours, ADD "
            "CONSTRAINT pk_store_opening_hours PRIMARY KEY (store_id, weekday)"
        ),
        error(
            "constraint",
            "public.store_opening_hours.pk_store_opening_hours",
            "columns",
            "tenancy",
            "36e114970b0b",
        ),
    ),
    change(
        "primary key: name",
        "ALTER TABLE cart_lines RENAME CONSTRAINT pk_cart_lines TO cart_lines_pkey",
        warning("constraint", "public.cart_lines.pk_cart_lines", "name", "orders", "791af25e9b4a"),
    ),
    change(
        "unique: missing",
        "ALTER TABLE carts DROP CONSTRAINT uq_carts_token",
        error("constraint", "public.carts.uq_carts_token", None, "orders", "791af25e9b4a"),
    ),
    change(
        "unique: columns",
        (
            "ALTER TABLE vendors DROP CONSTRAINT uq_vendors_tenant_id_slug, ADD CONSTRAINT "
            "uq_vendors_tenant_id_slug UNIQUE (slug)"
        ),
        error(
            "constraint",
            "public.vendors.uq_vendors_tenant_id_slug",
            "columns",
            "marketplace",
            "a7c3f29e88ad",
        ),
    ),
    change(
        "unique: name",
        "ALTER TABLE vendors RENAME CONSTRAINT uq_vendors_tenant_id_slug TO vendors_slug_key",
        warning(
            "constraint",
            "public.vendors.uq_vendors_tenant_id_slug",
            "name",
            "marketplace",
            "a7c3f29e88ad",
        ),
    ),
    change(
        "unique: extra",
        "ALTER TABLE vendors ADD CONSTRAINT uq_vendors_name UNIQUE (name)",
        error("constraint", "public.vendors.uq_vendors_name", None, "marketplace", "a7c3f29e88ad"),
    ),
    change(
        "unique: deferral",
        (
            "ALTER TABLE order_lines DROP CONSTRAINT uq_order_lines_order_id_position, ADD "
            "CONSTRAINT uq_order_lines_order_id_position UNIQUE (order_id, position) "
            "DEFERRABLE INITIALLY DEFERRED"
        ),
        error(
            "constraint",
            "public.order_lines.uq_order_lines_order_id_position",
            "deferral",
            "orders",
            "8d62e0d1645b",
        ),
    ),
    change(
        "unique: nulls not distinct",
        (
            "ALTER TABLE carts DROP CONSTRAINT uq_carts_token, ADD CONSTRAINT uq_carts_token "
            "UNIQUE NULLS NOT DISTINCT (token)"
        ),
        error(
            "constraint",
            "public.carts.uq_carts_token",
            "nulls-not-distinct",
            "orders",
            "791af25e9b4a",
        ),
        since=15,
    ),
    change(
        "unique: included columns",
        (
            "ALTER TABLE carts DROP CONSTRAINT uq_carts_token, ADD CONSTRAINT uq_carts_token "
            "UNIQUE (token) INCLUDE (store_id)"
        ),
        error("constraint", "public.carts.uq_carts_token", "include", "orders", "791af25e9b4a"),
    ),
    change(
        "unique: options",
        "ALTER INDEX uq_carts_token SET (fillfactor = 80)",
        warning("constraint", "public.carts.uq_carts_token", "options", "orders", "791af25e9b4a"),
    ),
    change(
        "unique: clustered",
        "ALTER TABLE carts CLUSTER ON uq_carts_token",
        warning("constraint", "public.carts.uq_carts_token", "clustered", "orders", "791af25e9b4a"),
    ),
    change(
        "unique: comment",
        "COMMENT ON CONSTRAINT uq_carts_token ON carts IS 'A secret'",
        warning("constraint", "public.carts.uq_carts_token", "comment", "orders", "791af25e9b4a"),
    ),
    change(
        "exclusion: missing",
        "ALTER TABLE store_opening_hours DROP CONSTRAINT ex_store_opening_hours_overlap",
        error(
            "constraint",
            "public.store_opening_hours.ex_store_opening_hours_overlap",
            None,
            "tenancy",
            "36e114970b0b",
        ),
    ),
    change(
        "exclusion: definition",
        (
            "ALTER TABLE store_opening_hours DROP CONSTRAINT ex_store_opening_hours_overlap, "
            "ADD CONSTRAINT ex_store_opening_hours_overlap EXCLUDE USING gist (store_id WITH "
            "=, weekday WITH =, open_between WITH -|-)"
        ),
        error(
            "constraint",
            "public.store_opening_hours.ex_store_opening_hours_overlap",
            "definition",
            "tenancy",
            "36e114970b0b",
        ),
    ),
    change(
        "exclusion: deferral",
        (
            "ALTER TABLE store_opening_hours DROP CONSTRAINT ex_store_opening_hours_overlap, "
            "ADD CONSTRAINT ex_store_opening_hours_overlap EXCLUDE USING gist (store_id WITH "
            "=, weekday WITH =, open_between WITH &&) DEFERRABLE"
        ),
        error(
            "constraint",
            "public.store_opening_hours.ex_store_opening_hours_overlap",
            "deferral",
            "tenancy",
            "36e114970b0b",
        ),
    ),
    change(
        "exclusion: name",
        (
            "ALTER TABLE store_opening_hours RENAME CONSTRAINT "
            "ex_store_opening_hours_overlap TO no_overlap"
        ),
        warning(
            "constraint",
            "public.store_opening_hours.ex_store_opening_hours_overlap",
            "name",
            "tenancy",
            "36e114970b0b",
        ),
    ),
]
