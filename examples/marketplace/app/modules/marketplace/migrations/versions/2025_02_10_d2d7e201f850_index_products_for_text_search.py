"""Index products for text search.

Revision ID: d2d7e201f850
Revises: 3235fa297bad
Create Date: 2025-02-10 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "d2d7e201f850"
down_revision: str | None = "3235fa297bad"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_products_search",
        "products",
        [
            sa.literal_column(
                "to_tsvector('simple'::regconfig, (name::text || ' '::text) || description)"
            )
        ],
        unique=False,
        postgresql_using="gin",
    )


def downgrade() -> None:
    op.drop_index("ix_products_search", table_name="products")
