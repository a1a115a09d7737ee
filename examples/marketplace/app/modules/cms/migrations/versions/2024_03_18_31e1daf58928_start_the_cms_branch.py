"""Start the cms branch.

Changes nothing: themes, store_themes and content_pages were created by the legacy history,
which this branch continues.

Revision ID: 31e1daf58928
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "31e1daf58928"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("cms",)
depends_on: str | tuple[str, ...] | None = "fe192784a0ee"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
