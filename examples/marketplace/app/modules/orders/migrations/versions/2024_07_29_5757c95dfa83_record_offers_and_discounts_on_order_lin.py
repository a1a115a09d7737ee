"""Record offers and discounts on order lines.

Revision ID: 5757c95dfa83
Revises: 1e7122d21c5f
Create Date: 2024-07-29 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "5757c95dfa83"
down_revision: str | None = "1e7122d21c5f"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = "3235fa297bad"

ORDER_TOTALS = """
CREATE OR REPLACE VIEW order_totals AS
SELECT
    o.id AS order_id,
    o.store_id,
    o.status,
    o.placed_at,
    count(l.id) AS line_count,
    coalesce(sum(l.quantity * ({price})), 0) AS total
FROM orders o
LEFT JOIN order_lines l ON l.order_id = o.id
GROUP BY o.id
"""


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("offer_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "order_lines",
        sa.Column(
            "discount",
            sa.Numeric(precision=12, scale=2),
            server_default=sa.text("0"),
            nullable=False,
            comment="Per unit",
        ),
    )
    op.create_foreign_key(
        op.f("fk_order_lines_offer_id_offers"),
        "order_lines",
        "offers",
        ["offer_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_order_lines_offer_id"), "order_lines", ["offer_id"])
    op.create_check_constraint(
        op.f("ck_order_lines_discount_range"),
        "order_lines",
        "discount >= 0 AND discount <= unit_price",
    )
    op.execute(ORDER_TOTALS.format(price="l.unit_price - l.discount"))


def downgrade() -> None:
    op.execute(ORDER_TOTALS.format(price="l.unit_price"))
    op.drop_constraint(op.f("ck_order_lines_discount_range"), "order_lines", type_="check")
    op.drop_index(op.f("ix_order_lines_offer_id"), table_name="order_lines")
    op.drop_constraint(op.f("fk_order_lines_offer_id_offers"), "order_lines", type_="foreignkey")
    op.drop_column("order_lines", "discount")
    op.drop_column("order_lines", "offer_id")
