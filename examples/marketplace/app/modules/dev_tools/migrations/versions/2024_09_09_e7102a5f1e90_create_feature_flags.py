"""Create feature flags.

Revision ID: e7102a5f1e90
Revises:
Create Date: 2024-09-09 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "e7102a5f1e90"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("dev_tools",)
depends_on: str | tuple[str, ...] | None = "46114a8e2298"


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
