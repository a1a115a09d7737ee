"""Start the orders branch.

Changes nothing: carts, cart_lines, orders, order_lines, order_payments and shipments were
created by the legacy history, which this branch continues.

Revision ID: 78c9c26651cb
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "78c9c26651cb"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("orders",)
depends_on: str | tuple[str, ...] | None = "c0f7db9713a1"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
