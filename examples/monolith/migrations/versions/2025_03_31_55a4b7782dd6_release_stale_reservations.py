"""Release stale reservations.

Revision ID: 55a4b7782dd6
Revises: 0ed3c7b17a08
Create Date: 2025-03-31 10:00:00+00:00
"""

from alembic import op

revision: str = "55a4b7782dd6"
down_revision: str | None = "0ed3c7b17a08"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None

RELEASE_RESERVATIONS = """
CREATE PROCEDURE release_reservations(older_than interval DEFAULT '30 minutes')
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stock_reservations
    SET released_at = now()
    WHERE released_at IS NULL AND created_at < now() - older_than;
END
$$
"""


def upgrade() -> None:
    op.execute(RELEASE_RESERVATIONS)


def downgrade() -> None:
    op.execute("DROP PROCEDURE release_reservations(interval)")
