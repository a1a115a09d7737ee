"""Record stock moves.

Until now the application wrote stock levels itself, and two workers could lose an update. From
now on it writes moves, and the trigger keeps the levels.

Revision ID: e759e39d9311
Revises: 10094c071c1a
Create Date: 2024-07-01 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "e759e39d9311"
down_revision: str | None = "10094c071c1a"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None

APPLY_STOCK_MOVE = """
CREATE FUNCTION apply_stock_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_levels (warehouse_id, variant_id, on_hand)
    VALUES (NEW.warehouse_id, NEW.variant_id, 0)
    ON CONFLICT (warehouse_id, variant_id) DO NOTHING;

    UPDATE stock_levels
    SET on_hand = on_hand + NEW.quantity
    WHERE warehouse_id = NEW.warehouse_id AND variant_id = NEW.variant_id;

    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.execute("CREATE TYPE stock_move_kind AS ENUM ('receipt', 'sale', 'return', 'adjustment')")
    op.create_table(
        "stock_moves",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("variant_id", sa.BigInteger(), nullable=False),
        sa.Column("moved_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            postgresql.ENUM(
                "receipt", "sale", "return", "adjustment", name="stock_move_kind", create_type=False
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column(
            "moved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(
            "kind <> 'sale' OR quantity < 0", name=op.f("ck_stock_moves_sale_goes_out")
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_stock_moves_quantity_not_zero")),
        sa.ForeignKeyConstraint(
            ["moved_by_id"],
            ["users.id"],
            name=op.f("fk_stock_moves_moved_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["product_variants.id"],
            name=op.f("fk_stock_moves_variant_id_product_variants"),
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouses.id"], name=op.f("fk_stock_moves_warehouse_id_warehouses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_moves")),
    )
    op.create_index(
        "ix_stock_moves_history",
        "stock_moves",
        ["warehouse_id", "variant_id", sa.literal_column("moved_at DESC")],
        unique=False,
    )
    # Before the trigger exists: these rows explain the levels, they do not change them.
    op.execute("""
        INSERT INTO stock_moves (warehouse_id, variant_id, kind, quantity, reason)
        SELECT warehouse_id, variant_id, 'adjustment', on_hand, 'Opening balance'
        FROM stock_levels
        WHERE on_hand <> 0
    """)
    op.execute(APPLY_STOCK_MOVE)
    op.execute("COMMENT ON FUNCTION apply_stock_move() IS 'Keeps stock_levels.on_hand'")
    op.execute("""
        CREATE TRIGGER stock_moves_apply AFTER INSERT ON stock_moves
        FOR EACH ROW EXECUTE FUNCTION apply_stock_move()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER stock_moves_apply ON stock_moves")
    op.execute("DROP FUNCTION apply_stock_move()")
    op.drop_table("stock_moves")
    op.execute("DROP TYPE stock_move_kind")
