"""Create payment methods.

Revision ID: 7269d405f67e
Revises: 8d62e0d1645b
Create Date: 2021-07-05 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "7269d405f67e"
down_revision: str | None = "8d62e0d1645b"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.execute("CREATE TYPE payment_method_kind AS ENUM ('card', 'bank_transfer', 'wallet')")
    op.create_table(
        "payment_methods",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            postgresql.ENUM(
                "card", "bank_transfer", "wallet", name="payment_method_kind", create_type=False
            ),
            nullable=False,
        ),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column(
            "token",
            sa.String(length=120),
            nullable=False,
            comment="The provider's reference; card numbers are never stored",
        ),
        sa.Column("last_four", sa.String(length=4), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "last_four ~ '^[0-9]{4}$'", name=op.f("ck_payment_methods_last_four_digits")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_payment_methods_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_methods")),
        sa.UniqueConstraint("provider", "token", name=op.f("uq_payment_methods_provider_token")),
    )
    op.create_index(
        op.f("ix_payment_methods_customer_id"), "payment_methods", ["customer_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("payment_methods")
    op.execute("DROP TYPE payment_method_kind")
