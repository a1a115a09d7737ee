"""Override feature flags per tenant.

Revision ID: 03ef3917bae2
Revises: e7102a5f1e90
Create Date: 2024-09-23 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "03ef3917bae2"
down_revision: str | None = "e7102a5f1e90"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = "6fb9fa768891"


def upgrade() -> None:
    op.create_table(
        "feature_flag_overrides",
        sa.Column("flag_id", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("set_by_id", sa.BigInteger(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
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
            ["flag_id"],
            ["feature_flags.id"],
            name=op.f("fk_feature_flag_overrides_flag_id_feature_flags"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["set_by_id"],
            ["users.id"],
            name=op.f("fk_feature_flag_overrides_set_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_feature_flag_overrides_tenant_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("flag_id", "tenant_id", name=op.f("pk_feature_flag_overrides")),
    )
    op.create_index(
        op.f("ix_feature_flag_overrides_tenant_id"),
        "feature_flag_overrides",
        ["tenant_id"],
        unique=False,
    )
    # Until now a tenant's flags were kept among its settings.
    op.execute("""
        INSERT INTO feature_flag_overrides (flag_id, tenant_id, is_enabled)
        SELECT f.id, t.id, (t.settings -> 'flags' ->> f.code)::boolean
        FROM tenants t
        JOIN feature_flags f ON t.settings -> 'flags' ? f.code
    """)


def downgrade() -> None:
    op.drop_table("feature_flag_overrides")
