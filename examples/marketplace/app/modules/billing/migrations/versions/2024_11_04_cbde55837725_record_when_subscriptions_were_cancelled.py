"""Record when subscriptions were cancelled.

Revision ID: cbde55837725
Revises: 07cc8fdb17be
Create Date: 2024-11-04 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "cbde55837725"
down_revision: str | None = "07cc8fdb17be"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.add_column(
        "subscriptions", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute("UPDATE subscriptions SET cancelled_at = updated_at WHERE status = 'cancelled'")
    op.create_check_constraint(
        op.f("ck_subscriptions_cancelled_has_date"),
        "subscriptions",
        "(status = 'cancelled') = (cancelled_at IS NOT NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_subscriptions_cancelled_has_date"), "subscriptions", type_="check")
    op.drop_column("subscriptions", "cancelled_at")
