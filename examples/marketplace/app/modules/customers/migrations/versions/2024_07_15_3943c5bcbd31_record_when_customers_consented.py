"""Record when customers consented.

A yes without a date is no proof. Whoever said yes before gets the date of the last change of
their record.

Revision ID: 3943c5bcbd31
Revises: ca13bbd08963
Create Date: 2024-07-15 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "3943c5bcbd31"
down_revision: str | None = "ca13bbd08963"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.add_column(
        "customers",
        sa.Column(
            "marketing_consent_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the customer agreed to newsletters; NULL: never, or withdrawn",
        ),
    )
    op.execute("UPDATE customers SET marketing_consent_at = updated_at WHERE accepts_marketing")
    op.drop_column("customers", "accepts_marketing")
    op.create_index(
        "ix_customers_consented",
        "customers",
        ["tenant_id"],
        unique=False,
        postgresql_where=sa.text("marketing_consent_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_customers_consented", table_name="customers")
    op.add_column(
        "customers",
        sa.Column(
            "accepts_marketing", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
    )
    op.execute("UPDATE customers SET accepts_marketing = marketing_consent_at IS NOT NULL")
    op.drop_column("customers", "marketing_consent_at")
