"""Add tenant settings and reserve slugs.

Revision ID: 6fb9fa768891
Revises: 9baf1f5761dc
Create Date: 2024-04-15 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "6fb9fa768891"
down_revision: str | None = "9baf1f5761dc"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.add_column(
        "tenants",
        sa.Column(
            "settings", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
    )
    # Three early tenants sit on names that the platform now needs for itself.
    op.execute("UPDATE tenants SET slug = slug || '-shop' WHERE slug IN ('www', 'api', 'admin')")
    op.create_check_constraint(
        op.f("ck_tenants_slug_not_reserved"), "tenants", "slug NOT IN ('www', 'api', 'admin')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_tenants_slug_not_reserved"), "tenants", type_="check")
    op.drop_column("tenants", "settings")
