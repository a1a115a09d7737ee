"""Create shipments.

Revision ID: 34164e81651f
Revises: 3843df54bc6c
Create Date: 2021-10-04 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "34164e81651f"
down_revision: str | None = "3843df54bc6c"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.execute(
        "CREATE TYPE shipment_status AS ENUM ('preparing', 'in_transit', 'delivered', 'returned')"
    )
    op.create_table(
        "shipments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier", sa.String(length=60), nullable=False),
        sa.Column("tracking_code", sa.String(length=80), nullable=True),
        sa.Column(
            "status",
            postgresql.ENUM(
                "preparing",
                "in_transit",
                "delivered",
                "returned",
                name="shipment_status",
                create_type=False,
            ),
            server_default=sa.text("'preparing'"),
            nullable=False,
        ),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
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
            "delivered_at >= shipped_at", name=op.f("ck_shipments_delivered_after_shipped")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
    )
    op.create_index(op.f("ix_shipments_order_id"), "shipments", ["order_id"], unique=False)
    op.create_index(
        "uq_shipments_tracking",
        "shipments",
        ["carrier", "tracking_code"],
        unique=True,
        postgresql_where=sa.text("tracking_code IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("shipments")
    op.execute("DROP TYPE shipment_status")
