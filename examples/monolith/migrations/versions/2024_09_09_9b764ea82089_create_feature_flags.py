"""Create feature flags.

Revision ID: 9b764ea82089
Revises: 41754972a21e
Create Date: 2024-09-09 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "9b764ea82089"
down_revision: str | None = "41754972a21e"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "feature_flags",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "rollout_percent", sa.SmallInteger(), server_default=sa.text("100"), nullable=False
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
        sa.CheckConstraint(
            "rollout_percent BETWEEN 0 AND 100", name=op.f("ck_feature_flags_rollout_range")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature_flags")),
        sa.UniqueConstraint("code", name=op.f("uq_feature_flags_code")),
    )


def downgrade() -> None:
    op.drop_table("feature_flags")
