"""Release stale reservations.

Revision ID: ff87e2f775d7
Revises: 9ee14155a788
Create Date: 2025-03-31 10:00:00+00:00
"""

from alembic import op

revision: str = "ff87e2f775d7"
down_revision: str | None = "9ee14155a788"
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
