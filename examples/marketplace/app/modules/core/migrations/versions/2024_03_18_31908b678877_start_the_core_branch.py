"""Start the core branch.

Changes nothing: users, roles, user_roles, media_files and audit_events were created by the
legacy history, which this branch continues.

Revision ID: 31908b678877
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "31908b678877"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("core",)
depends_on: str | tuple[str, ...] | None = "2a6d1db93c65"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
