"""Start the marketplace branch.

Changes nothing: vendors, categories, products, product_variants, product_categories, listings
and product_reviews were created by the legacy history, which this branch continues.

Revision ID: c0f4c0578e85
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "c0f4c0578e85"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("marketplace",)
depends_on: str | tuple[str, ...] | None = "45e020589c71"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
