"""Sample requests.

Revision ID: a8e1e4ff4daf
Revises: 992372611c85
Create Date: 2025-04-14 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "a8e1e4ff4daf"
down_revision: str | None = "992372611c85"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA partitions")
    op.execute("COMMENT ON SCHEMA partitions IS 'Partitions of tables in other schemas'")
    op.create_table(
        "request_samples",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "sampled_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("milliseconds >= 0", name=op.f("ck_request_samples_not_negative")),
        sa.PrimaryKeyConstraint("id", "sampled_at", name=op.f("pk_request_samples")),
        postgresql_partition_by="RANGE (sampled_at)",
    )
    op.create_index(
        "ix_request_samples_route", "request_samples", ["route", "sampled_at"], unique=False
    )
    op.execute("""
        CREATE TABLE partitions.request_samples_2025 PARTITION OF request_samples
        FOR VALUES FROM ('2025-01-01 00:00+00') TO ('2026-01-01 00:00+00')
    """)
    op.execute("CREATE TABLE partitions.request_samples_rest PARTITION OF request_samples DEFAULT")


def downgrade() -> None:
    op.drop_table("request_samples")
    op.execute("DROP SCHEMA partitions")
