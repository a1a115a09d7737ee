"""Index products for text search.

Revision ID: 84105edb813e
Revises: 0ef82ded9547
Create Date: 2025-02-10 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "84105edb813e"
down_revision: str | None = "0ef82ded9547"
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
