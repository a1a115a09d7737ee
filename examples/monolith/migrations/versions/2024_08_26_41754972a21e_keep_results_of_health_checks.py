"""Keep results of health checks.

Revision ID: 41754972a21e
Revises: a4c670e95ffe
Create Date: 2024-08-26 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "41754972a21e"
down_revision: str | None = "a4c670e95ffe"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.execute("CREATE TYPE health_state AS ENUM ('up', 'degraded', 'down')")
    op.create_table(
        "health_check_results",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            postgresql.ENUM("up", "degraded", "down", name="health_state", create_type=False),
            nullable=False,
        ),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column(
            "checked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["health_checks.id"],
            name=op.f("fk_health_check_results_check_id_health_checks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_check_results")),
    )
    op.create_index(
        "ix_health_check_results_failures",
        "health_check_results",
        ["checked_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'up'"),
    )
    op.create_index(
        "ix_health_check_results_latest",
        "health_check_results",
        ["check_id", sa.literal_column("checked_at DESC")],
        unique=False,
    )
    op.execute("""
        INSERT INTO health_check_results (check_id, state, checked_at)
        SELECT id, last_state::health_state, coalesce(last_checked_at, now())
        FROM health_checks
        WHERE last_state IN ('up', 'degraded', 'down')
    """)
    op.drop_column("health_checks", "last_checked_at")
    op.drop_column("health_checks", "last_state")


def downgrade() -> None:
    op.add_column("health_checks", sa.Column("last_state", sa.String(length=20), nullable=True))
    op.add_column(
        "health_checks", sa.Column("last_checked_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute("""
        UPDATE health_checks
        SET last_state = latest.state::text, last_checked_at = latest.checked_at
        FROM (
            SELECT DISTINCT ON (check_id) check_id, state, checked_at
            FROM health_check_results
            ORDER BY check_id, checked_at DESC
        ) AS latest
        WHERE latest.check_id = health_checks.id
    """)
    op.drop_table("health_check_results")
    op.execute("DROP TYPE health_state")
