"""Create view order_totals.

Revision ID: 1e7122d21c5f
Revises: 78c9c26651cb
Create Date: 2024-06-10 10:00:00+00:00
"""

from alembic import op

revision: str = "1e7122d21c5f"
down_revision: str | None = "78c9c26651cb"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None

ORDER_TOTALS = """
CREATE VIEW order_totals AS
SELECT
    o.id AS order_id,
    o.store_id,
    o.status,
    o.placed_at,
    count(l.id) AS line_count,
    coalesce(sum(l.quantity * l.unit_price), 0) AS total
FROM orders o
LEFT JOIN order_lines l ON l.order_id = o.id
GROUP BY o.id
"""


def upgrade() -> None:
    op.execute(ORDER_TOTALS)


def downgrade() -> None:
    op.execute("DROP VIEW order_totals")
