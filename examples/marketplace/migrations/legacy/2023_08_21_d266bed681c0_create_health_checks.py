"""Create health checks.

Revision ID: d266bed681c0
Revises: 45e020589c71
Create Date: 2023-08-21 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "d266bed681c0"
down_revision: str | None = "45e020589c71"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "health_checks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("interval_seconds", sa.Integer(), server_default=sa.text("60"), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("last_state", sa.String(length=20), nullable=True),
        sa.Column("last_checked_at", sa.DateTime(timezone=True), nullable=True),
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
            "interval_seconds >= 10", name=op.f("ck_health_checks_interval_not_too_short")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["users.id"],
            name=op.f("fk_health_checks_owner_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_checks")),
        sa.UniqueConstraint("code", name=op.f("uq_health_checks_code")),
    )


def downgrade() -> None:
    op.drop_table("health_checks")
