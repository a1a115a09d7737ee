"""Rate products.

Revision ID: d86694c99c37
Revises: 0adf3f991704
Create Date: 2025-03-17 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "d86694c99c37"
down_revision: str | None = "0adf3f991704"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None

PRODUCT_RATINGS = """
CREATE MATERIALIZED VIEW product_ratings AS
SELECT product_id, count(*) AS review_count, avg(rating)::numeric(3, 2) AS rating
FROM product_reviews
WHERE is_published
GROUP BY product_id
"""


def upgrade() -> None:
    op.add_column(
        "product_variants", sa.Column("barcode", sa.String(length=14, collation="C"), nullable=True)
    )
    op.create_index(
        "ix_product_variants_barcode",
        "product_variants",
        ["barcode"],
        unique=False,
        postgresql_ops={"barcode": "varchar_pattern_ops"},
        postgresql_include=["product_id"],
    )
    op.execute(PRODUCT_RATINGS)
    op.execute("CREATE UNIQUE INDEX uq_product_ratings_product ON product_ratings (product_id)")
    op.execute("COMMENT ON MATERIALIZED VIEW product_ratings IS 'Refreshed every night'")
    op.execute("""
        CREATE STATISTICS product_reviews_published (dependencies)
        ON product_id, is_published FROM product_reviews
    """)
    op.execute("""
        CREATE FUNCTION discounted(remaining numeric, percent numeric) RETURNS numeric
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT remaining * (1 - percent / 100)'
    """)
    op.execute("""
        CREATE AGGREGATE remaining_after(numeric) (
            SFUNC = discounted, STYPE = numeric, INITCOND = '1'
        )
    """)


def downgrade() -> None:
    op.execute("DROP AGGREGATE remaining_after(numeric)")
    op.execute("DROP FUNCTION discounted(numeric, numeric)")
    op.execute("DROP STATISTICS product_reviews_published")
    op.execute("DROP MATERIALIZED VIEW product_ratings")
    op.drop_index("ix_product_variants_barcode", table_name="product_variants")
    op.drop_column("product_variants", "barcode")
