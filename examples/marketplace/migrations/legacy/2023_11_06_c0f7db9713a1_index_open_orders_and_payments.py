"""Index open orders and payments.

Revision ID: c0f7db9713a1
Revises: d266bed681c0
Create Date: 2023-11-06 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "c0f7db9713a1"
down_revision: str | None = "d266bed681c0"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_orders_open",
        "orders",
        ["placed_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('placed', 'paid')"),
    )
    op.create_index(
        "ix_payments_open",
        "payments",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('pending', 'authorized')"),
    )


def downgrade() -> None:
    op.drop_index("ix_payments_open", table_name="payments")
    op.drop_index("ix_orders_open", table_name="orders")
