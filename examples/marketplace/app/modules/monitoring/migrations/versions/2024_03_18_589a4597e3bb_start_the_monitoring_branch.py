"""Start the monitoring branch.

Changes nothing: health_checks was created by the legacy history, which this branch continues.

Revision ID: 589a4597e3bb
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "589a4597e3bb"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("monitoring",)
depends_on: str | tuple[str, ...] | None = "d266bed681c0"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
