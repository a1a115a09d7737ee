"""Link invoices to payments.

Invoices that were paid before this get a payment made up from their lines, under a key by which
the downgrade finds it again.

Revision ID: 07cc8fdb17be
Revises: 35d403efb11a
Create Date: 2024-06-17 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "07cc8fdb17be"
down_revision: str | None = "35d403efb11a"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = "8b0095775097"


def upgrade() -> None:
    op.add_column("invoices", sa.Column("payment_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_invoices_payment_id_payments"), "invoices", "payments", ["payment_id"], ["id"]
    )
    op.create_index(op.f("ix_invoices_payment_id"), "invoices", ["payment_id"])
    # Nothing was ever paid for these, and a payment of nothing is not allowed.
    op.execute("""
        UPDATE invoices SET status = 'void'
        WHERE status = 'paid'
          AND NOT EXISTS (
              SELECT FROM invoice_lines
              WHERE invoice_lines.invoice_id = invoices.id AND invoice_lines.amount <> 0
          )
    """)
    op.execute("""
        INSERT INTO payments (tenant_id, amount, currency, status, captured_at, idempotency_key)
        SELECT
            i.tenant_id, sum(l.amount), 'EUR', 'captured', i.updated_at,
            'old-invoice-' || i.number
        FROM invoices i
        JOIN invoice_lines l ON l.invoice_id = i.id
        WHERE i.status = 'paid'
        GROUP BY i.id
    """)
    op.execute("""
        UPDATE invoices SET payment_id = payments.id
        FROM payments
        WHERE payments.idempotency_key = 'old-invoice-' || invoices.number
    """)
    op.create_check_constraint(
        op.f("ck_invoices_paid_has_payment"),
        "invoices",
        "status <> 'paid' OR payment_id IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_invoices_paid_has_payment"), "invoices", type_="check")
    op.drop_index(op.f("ix_invoices_payment_id"), table_name="invoices")
    op.drop_constraint(op.f("fk_invoices_payment_id_payments"), "invoices", type_="foreignkey")
    op.drop_column("invoices", "payment_id")
    op.execute("DELETE FROM payments WHERE idempotency_key LIKE 'old-invoice-%'")
