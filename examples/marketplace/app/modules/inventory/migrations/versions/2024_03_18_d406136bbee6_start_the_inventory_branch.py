"""Start the inventory branch.

Changes nothing: warehouses and stock_levels were created by the legacy history, which this
branch continues.

Revision ID: d406136bbee6
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "d406136bbee6"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("inventory",)
depends_on: str | tuple[str, ...] | None = "33d7106a5c42"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
