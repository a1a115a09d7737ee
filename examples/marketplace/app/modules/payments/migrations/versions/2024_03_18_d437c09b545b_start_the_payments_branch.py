"""Start the payments branch.

Changes nothing: payment_methods, payments and refunds were created by the legacy history, which
this branch continues.

Revision ID: d437c09b545b
Revises:
Create Date: 2024-03-18 10:00:00+00:00
"""

revision: str = "d437c09b545b"
down_revision: str | None = None
branch_labels: tuple[str, ...] | None = ("payments",)
depends_on: str | tuple[str, ...] | None = "c0f7db9713a1"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
