"""Index audit events by subject.

The table is the largest of all and written to all day, so the index is built without a lock; a
build that was interrupted has to be dropped by hand before this runs again.

Revision ID: 0ef82ded9547
Revises: 8bfc9f6277e9
Create Date: 2025-01-13 10:00:00+00:00
"""

from alembic import op

revision: str = "0ef82ded9547"
down_revision: str | None = "8bfc9f6277e9"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_audit_events_subject",
            "audit_events",
            ["subject_type", "subject_id"],
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(
            "ix_audit_events_subject",
            table_name="audit_events",
            postgresql_concurrently=True,
            if_exists=True,
        )
