"""Archive old audit events.

They move to a table of their own that queries of audit_events still see, and that nobody changes.

Revision ID: 360c9422ff3c
Revises: 941b43822633
Create Date: 2025-03-03 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "360c9422ff3c"
down_revision: str | None = "941b43822633"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "audit_events_archived",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject_type", sa.String(length=80), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column(
            "details", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "occurred_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "archived_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events_archived")),
        postgresql_inherits="audit_events",
    )
    op.execute("""
        CREATE RULE audit_events_archived_keep AS ON UPDATE TO audit_events_archived
        DO INSTEAD NOTHING
    """)


def downgrade() -> None:
    op.drop_table("audit_events_archived")
