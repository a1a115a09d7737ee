"""Create store domains.

Revision ID: 33a36241acab
Revises: 1f62aa4c3bb6
Create Date: 2021-04-06 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "33a36241acab"
down_revision: str | None = "1f62aa4c3bb6"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "store_domains",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("hostname", sa.String(length=253), nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
            name=op.f("fk_store_domains_store_id_stores"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_domains")),
    )
    op.create_index(op.f("ix_store_domains_store_id"), "store_domains", ["store_id"], unique=False)
    op.create_index(
        "uq_store_domains_hostname_lower",
        "store_domains",
        [sa.literal_column("lower(hostname)")],
        unique=True,
    )


def downgrade() -> None:
    op.drop_table("store_domains")
