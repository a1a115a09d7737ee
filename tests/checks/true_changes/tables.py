"""Tables."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, warning

CHANGES: list[TrueChange] = [
    change(
        "table: missing",
        "DROP TABLE feature_flag_overrides",
        error("table", "public.feature_flag_overrides", None, "dev_tools", "03ef3917bae2"),
    ),
    change(
        "table: extra",
        "CREATE TABLE scratch_pad (id integer)",
        warning("table", "public.scratch_pad", None, None, None),
    ),
    change(
        "table: name",
        "ALTER TABLE feature_flag_overrides RENAME TO flag_overrides",
        error("table", "public.feature_flag_overrides", None, "dev_tools", "03ef3917bae2"),
        warning("table", "public.flag_overrides", None, None, None),
    ),
    change(
        "table: persistence",
        "ALTER TABLE feature_flag_overrides SET UNLOGGED",
        error("table", "public.feature_flag_overrides", "persistence", "dev_tools", "03ef3917bae2"),
    ),
    change(
        "table: comment",
        "COMMENT ON TABLE tenants IS 'Companies'",
        warning("table", "public.tenants", "comment", "tenancy", "46114a8e2298"),
    ),
    change(
        "table: options",
        "ALTER TABLE stock_levels SET (fillfactor = 70)",
        warning("table", "public.stock_levels", "options", "inventory", "33d7106a5c42"),
    ),
    change(
        "table: row security",
        "ALTER TABLE conversations DISABLE ROW LEVEL SECURITY",
        error("table", "public.conversations", "row-security", "messaging", "a6c2d30010c8"),
    ),
    change(
        "table: row security for its owner",
        "ALTER TABLE conversations FORCE ROW LEVEL SECURITY",
        error("table", "public.conversations", "force-row-security", "messaging", "a6c2d30010c8"),
    ),
    change(
        "table: replica identity",
        "ALTER TABLE payments REPLICA IDENTITY FULL",
        error("table", "public.payments", "replica-identity", "payments", "526e5b023b3f"),
    ),
    change(
        "table: replica identity by an index",
        "ALTER TABLE product_variants REPLICA IDENTITY USING INDEX uq_product_variants_sku",
        error(
            "table", "public.product_variants", "replica-identity", "marketplace", "a684d80423b6"
        ),
    ),
    change(
        "table: inheritance",
        "ALTER TABLE audit_events_archived NO INHERIT audit_events",
        error("table", "public.audit_events_archived", "inherits", "core", "360c9422ff3c"),
    ),
    change(
        "table: type",
        (
            "CREATE TYPE pair AS (product_id bigint, category_id bigint); ALTER TABLE "
            "product_categories OF pair"
        ),
        error("table", "public.product_categories", "of-type", "marketplace", "5c917031df29"),
        warning("composite type", "public.pair", None, "marketplace", "category.py"),
    ),
    change(
        "table: partition detached",
        "ALTER TABLE request_samples DETACH PARTITION partitions.request_samples_2025",
        error(
            "column",
            "partitions.request_samples_2025.id",
            "identity",
            "monitoring",
            "a8e1e4ff4daf",
            since=17,
        ),
        error(
            "table",
            "partitions.request_samples_2025",
            "partition-bound",
            "monitoring",
            "a8e1e4ff4daf",
        ),
        error(
            "table", "partitions.request_samples_2025", "partition-of", "monitoring", "a8e1e4ff4daf"
        ),
    ),
    change(
        "table: partition's bound",
        (
            "ALTER TABLE request_samples DETACH PARTITION partitions.request_samples_2025; "
            "ALTER TABLE request_samples ATTACH PARTITION partitions.request_samples_2025 "
            "FOR VALUES FROM ('2025-01-01 00:00+00') TO ('2025-12-31 00:00+00')"
        ),
        error(
            "table",
            "partitions.request_samples_2025",
            "partition-bound",
            "monitoring",
            "a8e1e4ff4daf",
        ),
    ),
    change(
        "table: partition missing",
        "DROP TABLE partitions.request_samples_2025",
        error("table", "partitions.request_samples_2025", None, "monitoring", "a8e1e4ff4daf"),
    ),
    change(
        "table: extra partition",
        (
            "CREATE TABLE partitions.request_samples_2026 PARTITION OF request_samples FOR "
            "VALUES FROM ('2026-01-01 00:00+00') TO ('2027-01-01 00:00+00')"
        ),
        warning(
            "table", "partitions.request_samples_2026", None, "monitoring", "request_sample.py"
        ),
    ),
    change(
        "table: partition's own default",
        "ALTER TABLE partitions.request_samples_rest ALTER milliseconds SET DEFAULT 0",
        error(
            "column",
            "partitions.request_samples_rest.milliseconds",
            "default",
            "monitoring",
            "a8e1e4ff4daf",
        ),
    ),
    change(
        "table: partitioned, a column of it",
        "ALTER TABLE request_samples ALTER route TYPE varchar(300)",
        error("column", "public.request_samples.route", "type", "monitoring", "a8e1e4ff4daf"),
    ),
]
