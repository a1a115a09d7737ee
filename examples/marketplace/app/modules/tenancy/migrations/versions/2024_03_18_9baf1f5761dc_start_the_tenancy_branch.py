"""Start the tenancy branch.

Changes nothing: tenants, tenant_members, stores and store_domains were created by the legacy
history, which this branch continues.

Revision ID: 9baf1f5761dc
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "9baf1f5761dc"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("tenancy",)
depends_on: str | tuple[str, ...] | None = "33a36241acab"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
