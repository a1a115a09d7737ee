"""Add idempotency keys and refund reasons.

What support wrote as the reason of a refund becomes its note; the reason itself is one of a
few, so that it can be counted.

Revision ID: 8b0095775097
Revises: d437c09b545b
Create Date: 2024-05-06 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "8b0095775097"
down_revision: str | None = "d437c09b545b"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("idempotency_key", sa.String(length=64), nullable=True))
    op.create_unique_constraint(
        op.f("uq_payments_idempotency_key"), "payments", ["idempotency_key"]
    )
    op.execute("CREATE TYPE refund_reason AS ENUM ('requested', 'damaged', 'fraud')")
    op.alter_column(
        "refunds",
        "reason",
        new_column_name="note",
        existing_type=sa.String(length=200),
        type_=sa.Text(),
        existing_nullable=True,
    )
    op.add_column(
        "refunds",
        sa.Column(
            "reason",
            postgresql.ENUM(
                "requested", "damaged", "fraud", name="refund_reason", create_type=False
            ),
            server_default=sa.text("'requested'"),
            nullable=False,
        ),
    )
    op.execute(
        "UPDATE refunds SET reason = 'damaged' WHERE note ILIKE '%damage%' OR note ILIKE '%broken%'"
    )
    op.execute("UPDATE refunds SET reason = 'fraud' WHERE note ILIKE '%fraud%'")


def downgrade() -> None:
    op.drop_column("refunds", "reason")
    op.alter_column(
        "refunds",
        "note",
        new_column_name="reason",
        existing_type=sa.Text(),
        type_=sa.String(length=200),
        existing_nullable=True,
        postgresql_using="left(note, 200)",
    )
    op.execute("DROP TYPE refund_reason")
    op.drop_constraint(op.f("uq_payments_idempotency_key"), "payments", type_="unique")
    op.drop_column("payments", "idempotency_key")
