"""Make user emails case insensitive.

Two accounts that differ in case only would stop this on purpose: which one to keep is for
support to decide, not for a migration.

Revision ID: 02ad250aca16
Revises: 526e5b023b3f
Create Date: 2021-08-16 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "02ad250aca16"
down_revision: str | None = "526e5b023b3f"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.drop_constraint(op.f("uq_users_email"), "users", type_="unique")
    op.create_index(
        "uq_users_email_lower", "users", [sa.literal_column("lower(email)")], unique=True
    )


def downgrade() -> None:
    op.drop_index("uq_users_email_lower", table_name="users")
    op.create_unique_constraint(op.f("uq_users_email"), "users", ["email"])
