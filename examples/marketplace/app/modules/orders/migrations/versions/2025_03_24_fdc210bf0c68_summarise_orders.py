"""Summarise orders.

Revision ID: fdc210bf0c68
Revises: 5757c95dfa83
Create Date: 2025-03-24 10:00:00+00:00
"""

from alembic import op

revision: str = "fdc210bf0c68"
down_revision: str | None = "5757c95dfa83"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.execute("CREATE TYPE order_summary AS (line_count integer, total numeric(12, 2))")
    op.execute("COMMENT ON TYPE order_summary IS 'What an order comes to'")
    op.execute("""
        CREATE FUNCTION summarise_order(wanted bigint) RETURNS order_summary
        LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 50 AS $$
            SELECT (count(*)::integer, sum(quantity * (unit_price - discount)))::order_summary
            FROM order_lines
            WHERE order_id = wanted
        $$
    """)
    op.execute("""
        CREATE FUNCTION latest_orders(store bigint, at_most integer DEFAULT 20) RETURNS SETOF bigint
        LANGUAGE sql STABLE ROWS 20 AS $$
            SELECT id FROM orders WHERE store_id = store ORDER BY placed_at DESC LIMIT at_most
        $$
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION latest_orders(bigint, integer)")
    op.execute("DROP FUNCTION summarise_order(bigint)")
    op.execute("DROP TYPE order_summary")
