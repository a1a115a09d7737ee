"""Allow one primary domain per store.

Revision ID: e9c3a521ec64
Revises: 6fb9fa768891
Create Date: 2024-08-12 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "e9c3a521ec64"
down_revision: str | None = "6fb9fa768891"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    # Of several primary domains the oldest stays: it is the one that links point to.
    op.execute("""
        UPDATE store_domains SET is_primary = false
        WHERE is_primary
          AND EXISTS (
              SELECT FROM store_domains older
              WHERE older.store_id = store_domains.store_id
                AND older.is_primary
                AND older.id < store_domains.id
          )
    """)
    op.create_index(
        "uq_store_domains_primary",
        "store_domains",
        ["store_id"],
        unique=True,
        postgresql_where=sa.text("is_primary"),
    )


def downgrade() -> None:
    op.drop_index("uq_store_domains_primary", table_name="store_domains")
