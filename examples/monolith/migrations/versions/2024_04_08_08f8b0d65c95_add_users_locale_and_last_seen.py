"""Add users locale and last seen.

Revision ID: 08f8b0d65c95
Revises: c0f7db9713a1
Create Date: 2024-04-08 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "08f8b0d65c95"
down_revision: str | None = "c0f7db9713a1"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column("locale", sa.String(length=5), server_default=sa.text("'en'"), nullable=False),
    )
    op.add_column("users", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_users_locale_format"), "users", "locale ~ '^[a-z]{2}(-[A-Z]{2})?$'"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_users_locale_format"), "users", type_="check")
    op.drop_column("users", "last_seen_at")
    op.drop_column("users", "locale")
