"""Schemas, extensions, types and sequences."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, info, warning

CHANGES: list[TrueChange] = [
    change(
        "schema: comment",
        "COMMENT ON SCHEMA partitions IS 'Of old'",
        warning("schema", "partitions", "comment", "monitoring", "a8e1e4ff4daf"),
    ),
    change(
        "schema: missing",
        "DROP SCHEMA partitions CASCADE",
        error("schema", "partitions", None, "monitoring", "a8e1e4ff4daf"),
        error("table", "partitions.request_samples_2025", None, "monitoring", "a8e1e4ff4daf"),
        error("table", "partitions.request_samples_rest", None, "monitoring", "a8e1e4ff4daf"),
    ),
    change(
        "schema: extra",
        "CREATE SCHEMA staging",
        info("schema", "staging", None, None, None),
    ),
    change(
        "extension: missing",
        "DROP EXTENSION btree_gist CASCADE",
        error("extension", "btree_gist", None, "tenancy", "36e114970b0b"),
        error(
            "constraint",
            "public.store_opening_hours.ex_store_opening_hours_overlap",
            None,
            "tenancy",
            "36e114970b0b",
        ),
    ),
    change(
        "extension: extra",
        "CREATE EXTENSION pg_trgm",
        info("extension", "pg_trgm", None, None, None),
    ),
    change(
        "extension: schema",
        "ALTER EXTENSION btree_gist SET SCHEMA partitions",
        error("extension", "btree_gist", "schema", "tenancy", "36e114970b0b"),
    ),
    change(
        "extension: version",
        "UPDATE pg_extension SET extversion = '1.0' WHERE extname = 'btree_gist'",
        info("extension", "btree_gist", "version", "tenancy", "36e114970b0b"),
    ),
    change(
        "extension: comment",
        "COMMENT ON EXTENSION btree_gist IS 'For exclusion'",
        warning("extension", "btree_gist", "comment", "tenancy", "36e114970b0b"),
    ),
    change(
        "enum: extra label",
        "ALTER TYPE order_status ADD VALUE 'returned'",
        error("enum", "public.order_status", "labels", "orders", "8d62e0d1645b"),
    ),
    change(
        "enum: name of a label",
        "ALTER TYPE notification_channel RENAME VALUE 'sms' TO 'text'",
        error("enum", "public.notification_channel", "labels", "messaging", "201feff7ab37"),
    ),
    change(
        "enum: order of labels",
        (
            "UPDATE pg_enum SET enumsortorder = -enumsortorder WHERE enumtypid = "
            "'order_status'::regtype"
        ),
        error("enum", "public.order_status", "labels", "orders", "8d62e0d1645b"),
    ),
    change(
        "enum: comment",
        "COMMENT ON TYPE order_status IS 'How far it is'",
        warning("enum", "public.order_status", "comment", "orders", "8d62e0d1645b"),
    ),
    change(
        "enum: missing",
        (
            "DROP INDEX ix_health_check_results_failures; ALTER TABLE health_check_results "
            "ALTER state TYPE text; CREATE INDEX ix_health_check_results_failures ON "
            "health_check_results (checked_at) WHERE state <> 'up'; DROP TYPE health_state"
        ),
        error("column", "public.health_check_results.state", "type", "monitoring", "992372611c85"),
        error(
            "index",
            "public.health_check_results.ix_health_check_results_failures",
            "predicate",
            "monitoring",
            "992372611c85",
        ),
        error("enum", "public.health_state", None, "monitoring", "992372611c85"),
    ),
    change(
        "enum: extra",
        "CREATE TYPE parcel_size AS ENUM ('s', 'm')",
        warning("enum", "public.parcel_size", None, None, None),
    ),
    change(
        "domain: not null",
        "ALTER DOMAIN vat_number SET NOT NULL",
        error("domain", "public.vat_number", "not-null", "tenancy", "36e114970b0b"),
    ),
    change(
        "domain: default",
        "ALTER DOMAIN vat_number SET DEFAULT 'DE0000'",
        error("domain", "public.vat_number", "default", "tenancy", "36e114970b0b"),
    ),
    change(
        "domain: type",
        (
            "ALTER TABLE tenants ALTER vat_number TYPE varchar(20); DROP DOMAIN vat_number; "
            "CREATE DOMAIN vat_number AS varchar(30) CONSTRAINT vat_number_format CHECK "
            "(VALUE ~ '^[A-Z]{2}[0-9A-Z]{2,12}$'); ALTER TABLE tenants ALTER vat_number TYPE "
            "vat_number"
        ),
        error("domain", "public.vat_number", "type", "tenancy", "36e114970b0b"),
    ),
    change(
        "domain: collation",
        (
            "ALTER TABLE tenants ALTER vat_number TYPE varchar(20); DROP DOMAIN vat_number; "
            'CREATE DOMAIN vat_number AS varchar(20) COLLATE "C" CONSTRAINT '
            "vat_number_format CHECK (VALUE ~ '^[A-Z]{2}[0-9A-Z]{2,12}$'); ALTER TABLE "
            'tenants ALTER vat_number TYPE vat_number COLLATE "default"'
        ),
        error("column", "public.tenants.vat_number", "collation", "tenancy", "36e114970b0b"),
        error("domain", "public.vat_number", "collation", "tenancy", "36e114970b0b"),
    ),
    change(
        "domain: comment",
        "COMMENT ON DOMAIN vat_number IS 'As on the invoice'",
        warning("domain", "public.vat_number", "comment", "tenancy", "36e114970b0b"),
    ),
    change(
        "domain: CHECK missing",
        "ALTER DOMAIN vat_number DROP CONSTRAINT vat_number_format",
        error(
            "domain constraint",
            "public.vat_number.vat_number_format",
            None,
            "tenancy",
            "36e114970b0b",
        ),
    ),
    change(
        "domain: CHECK",
        (
            "ALTER DOMAIN vat_number DROP CONSTRAINT vat_number_format; ALTER DOMAIN "
            "vat_number ADD CONSTRAINT vat_number_format CHECK (VALUE ~ '^[A-Z]{2}')"
        ),
        error(
            "domain constraint",
            "public.vat_number.vat_number_format",
            "expression",
            "tenancy",
            "36e114970b0b",
        ),
    ),
    change(
        "domain: CHECK not valid",
        (
            "ALTER DOMAIN vat_number DROP CONSTRAINT vat_number_format; ALTER DOMAIN "
            "vat_number ADD CONSTRAINT vat_number_format CHECK (VALUE ~ "
            "'^[A-Z]{2}[0-9A-Z]{2,12}$') NOT VALID"
        ),
        error(
            "domain constraint",
            "public.vat_number.vat_number_format",
            "valid",
            "tenancy",
            "36e114970b0b",
        ),
    ),
    change(
        "domain: name of CHECK",
        "ALTER DOMAIN vat_number RENAME CONSTRAINT vat_number_format TO looks_right",
        warning(
            "domain constraint",
            "public.vat_number.vat_number_format",
            "name",
            "tenancy",
            "36e114970b0b",
        ),
    ),
    change(
        "domain: missing",
        "ALTER TABLE tenants ALTER vat_number TYPE varchar(20); DROP DOMAIN vat_number",
        error("column", "public.tenants.vat_number", "type", "tenancy", "36e114970b0b"),
        error("domain", "public.vat_number", None, "tenancy", "36e114970b0b"),
    ),
    change(
        "composite type: type of a field",
        "ALTER TYPE order_summary ALTER ATTRIBUTE total TYPE numeric(14, 2)",
        error("attribute", "public.order_summary.total", "type", "orders", "fdc210bf0c68"),
    ),
    change(
        "composite type: extra field",
        "ALTER TYPE order_summary ADD ATTRIBUTE currency text",
        error("attribute", "public.order_summary.currency", None, "orders", "fdc210bf0c68"),
    ),
    change(
        "composite type: missing field",
        "ALTER TYPE order_summary DROP ATTRIBUTE total",
        error("attribute", "public.order_summary.total", None, "orders", "fdc210bf0c68"),
    ),
    change(
        "composite type: order of fields",
        (
            "ALTER TYPE order_summary DROP ATTRIBUTE line_count; ALTER TYPE order_summary "
            "ADD ATTRIBUTE line_count integer"
        ),
        error(
            "composite type", "public.order_summary", "attribute-order", "orders", "fdc210bf0c68"
        ),
    ),
    change(
        "composite type: comment",
        "COMMENT ON TYPE order_summary IS 'Sum'",
        warning("composite type", "public.order_summary", "comment", "orders", "fdc210bf0c68"),
    ),
    change(
        "composite type: comment of a field",
        "COMMENT ON COLUMN order_summary.total IS 'In the store''s currency'",
        warning("attribute", "public.order_summary.total", "comment", "orders", "fdc210bf0c68"),
    ),
    change(
        "composite type: missing",
        "DROP TYPE order_summary CASCADE",
        error("composite type", "public.order_summary", None, "orders", "fdc210bf0c68"),
        error("function", "public.summarise_order(bigint)", None, "orders", "fdc210bf0c68"),
    ),
    change(
        "range: multirange",
        "ALTER TYPE clock_multirange RENAME TO clock_ranges",
        error("range", "public.clock_range", "multirange", "tenancy", "36e114970b0b"),
    ),
    change(
        "range: comment",
        "COMMENT ON TYPE clock_range IS NULL",
        warning("range", "public.clock_range", "comment", "tenancy", "36e114970b0b"),
    ),
    change(
        "range: extra",
        "CREATE TYPE weight_range AS RANGE (subtype = integer)",
        warning("range", "public.weight_range", None, None, None),
    ),
    change(
        "sequence: increment",
        "ALTER SEQUENCE order_number_seq INCREMENT 10",
        error("sequence", "public.order_number_seq", "increment", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: start",
        "ALTER SEQUENCE order_number_seq START 5000",
        error("sequence", "public.order_number_seq", "start", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: type",
        "ALTER SEQUENCE order_number_seq AS integer",
        error("sequence", "public.order_number_seq", "maximum", "orders", "8d62e0d1645b"),
        error("sequence", "public.order_number_seq", "type", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: minimum",
        "ALTER SEQUENCE order_number_seq MINVALUE 1000",
        error("sequence", "public.order_number_seq", "minimum", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: maximum",
        "ALTER SEQUENCE order_number_seq MAXVALUE 99999999",
        error("sequence", "public.order_number_seq", "maximum", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: cache",
        "ALTER SEQUENCE order_number_seq CACHE 20",
        error("sequence", "public.order_number_seq", "cache", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: cycle",
        "ALTER SEQUENCE order_number_seq CYCLE",
        error("sequence", "public.order_number_seq", "cycle", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: persistence",
        "ALTER SEQUENCE order_number_seq SET UNLOGGED",
        error("sequence", "public.order_number_seq", "persistence", "orders", "8d62e0d1645b"),
        since=15,
    ),
    change(
        "sequence: owner column",
        "ALTER SEQUENCE order_number_seq OWNED BY orders.number",
        error("sequence", "public.order_number_seq", "owned-by", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: comment",
        "COMMENT ON SEQUENCE order_number_seq IS 'Without gaps, alas'",
        warning("sequence", "public.order_number_seq", "comment", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: missing",
        "DROP SEQUENCE invoice_number_seq",
        error("sequence", "public.invoice_number_seq", None, "billing", "29e213346c10"),
    ),
    change(
        "sequence: extra",
        "CREATE SEQUENCE refund_number_seq",
        warning("sequence", "public.refund_number_seq", None, None, None),
    ),
    change(
        "sequence: of an identity",
        "ALTER TABLE orders ALTER id SET INCREMENT 3",
        error("sequence", "public.orders_id_seq", "increment", "orders", "8d62e0d1645b"),
    ),
    change(
        "sequence: name, of an identity",
        "ALTER SEQUENCE orders_id_seq RENAME TO order_ids",
        warning("sequence", "public.orders_id_seq", "name", "orders", "8d62e0d1645b"),
    ),
]
