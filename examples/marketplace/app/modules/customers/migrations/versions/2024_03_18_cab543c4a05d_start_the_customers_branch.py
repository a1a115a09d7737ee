"""Start the customers branch.

Changes nothing: customers and customer_addresses were created by the legacy history, which this
branch continues.

Revision ID: cab543c4a05d
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "cab543c4a05d"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("customers",)
depends_on: str | tuple[str, ...] | None = "ea219d965706"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
