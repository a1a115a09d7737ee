"""Add publication date of pages.

Revision ID: 20a7d77bffc2
Revises: 31e1daf58928
Create Date: 2024-06-03 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "20a7d77bffc2"
down_revision: str | None = "31e1daf58928"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.add_column(
        "content_pages", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True)
    )
    # The last edit is the closest to a publication date that was ever stored.
    op.execute("UPDATE content_pages SET published_at = updated_at WHERE status = 'published'")
    op.create_check_constraint(
        op.f("ck_content_pages_published_has_date"),
        "content_pages",
        "status <> 'published' OR published_at IS NOT NULL",
    )
    op.create_index(
        "ix_content_pages_published",
        "content_pages",
        ["store_id", "published_at"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )


def downgrade() -> None:
    op.drop_index("ix_content_pages_published", table_name="content_pages")
    op.drop_constraint(op.f("ck_content_pages_published_has_date"), "content_pages", type_="check")
    op.drop_column("content_pages", "published_at")
