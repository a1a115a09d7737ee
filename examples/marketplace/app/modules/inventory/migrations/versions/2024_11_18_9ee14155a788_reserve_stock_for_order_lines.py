"""Reserve stock for order lines.

Revision ID: 9ee14155a788
Revises: 8bf63d41ceaa
Create Date: 2024-11-18 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision: str = "9ee14155a788"
down_revision: str | None = "8bf63d41ceaa"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "stock_reservations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_reservations_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_stock_reservations_order_line_id_order_lines"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"],
            ["warehouses.id"],
            name=op.f("fk_stock_reservations_warehouse_id_warehouses"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_reservations")),
    )
    op.create_index(
        op.f("ix_stock_reservations_warehouse_id"),
        "stock_reservations",
        ["warehouse_id"],
        unique=False,
    )
    op.create_index(
        "uq_stock_reservations_held",
        "stock_reservations",
        ["order_line_id", "warehouse_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.add_column(
        "stock_levels",
        sa.Column("reorder_point", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_index(
        "ix_stock_levels_low",
        "stock_levels",
        ["warehouse_id"],
        unique=False,
        postgresql_where=sa.text("on_hand <= reorder_point"),
    )


def downgrade() -> None:
    op.drop_index("ix_stock_levels_low", table_name="stock_levels")
    op.drop_column("stock_levels", "reorder_point")
    op.drop_table("stock_reservations")
