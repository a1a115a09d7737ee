"""Start the billing branch.

Changes nothing: subscription_tiers, subscriptions, invoices and invoice_lines were created by
the legacy history, which this branch continues.

Revision ID: 35d403efb11a
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "35d403efb11a"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("billing",)
depends_on: str | tuple[str, ...] | None = "29e213346c10"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
