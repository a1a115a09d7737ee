"""Create offers.

Revision ID: f5c3b27e0a56
Revises: 077e639bc02b
Create Date: 2024-05-13 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "f5c3b27e0a56"
down_revision: str | None = "077e639bc02b"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "offers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_group_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "code",
            sa.String(length=40),
            nullable=True,
            comment="What the customer types in; NULL: applied by itself",
        ),
        sa.Column("discount_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column(
            "valid_from",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "discount_percent > 0 AND discount_percent <= 100",
            name=op.f("ck_offers_discount_is_percentage"),
        ),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_offers_validity_in_order")),
        sa.ForeignKeyConstraint(
            ["customer_group_id"],
            ["customer_groups.id"],
            name=op.f("fk_offers_customer_group_id_customer_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_offers_listing_id_listings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index(
        op.f("ix_offers_customer_group_id"), "offers", ["customer_group_id"], unique=False
    )
    op.create_index(op.f("ix_offers_listing_id"), "offers", ["listing_id"], unique=False)
    op.create_index(
        "uq_offers_code_upper",
        "offers",
        [sa.literal_column("upper(code)")],
        unique=True,
        postgresql_where=sa.text("code IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("offers")
