"""Create themes.

Revision ID: 58bb6196a2e2
Revises: 34164e81651f
Create Date: 2022-01-17 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "58bb6196a2e2"
down_revision: str | None = "34164e81651f"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "themes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger(), nullable=True, comment="NULL: shipped with the platform"
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "palette", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
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
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_themes_tenant_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_themes")),
    )
    op.create_index(
        "uq_themes_owner_code",
        "themes",
        [sa.literal_column("COALESCE(tenant_id, 0)"), "code"],
        unique=True,
    )
    op.create_table(
        "store_themes",
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "overrides", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
            name=op.f("fk_store_themes_store_id_stores"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["themes.id"], name=op.f("fk_store_themes_theme_id_themes")
        ),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_store_themes")),
    )
    op.create_index(op.f("ix_store_themes_theme_id"), "store_themes", ["theme_id"], unique=False)


def downgrade() -> None:
    op.drop_table("store_themes")
    op.drop_table("themes")
