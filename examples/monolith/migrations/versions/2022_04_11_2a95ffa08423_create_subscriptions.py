"""Create subscriptions.

Revision ID: 2a95ffa08423
Revises: fe192784a0ee
Create Date: 2022-04-11 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2a95ffa08423"
down_revision: str | None = "fe192784a0ee"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.execute("CREATE TYPE billing_interval AS ENUM ('month', 'year')")
    op.execute(
        "CREATE TYPE subscription_status AS ENUM ('trialing', 'active', 'past_due', 'cancelled')"
    )
    op.create_table(
        "subscription_tiers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column(
            "interval",
            postgresql.ENUM("month", "year", name="billing_interval", create_type=False),
            server_default=sa.text("'month'"),
            nullable=False,
        ),
        sa.Column("max_stores", sa.Integer(), nullable=True, comment="NULL: as many as they like"),
        sa.Column(
            "features",
            sa.ARRAY(sa.String(length=40)),
            server_default=sa.text("'{}'::character varying[]"),
            nullable=False,
        ),
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
            "max_stores > 0", name=op.f("ck_subscription_tiers_max_stores_positive")
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_subscription_tiers_price_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_tiers")),
        sa.UniqueConstraint("code", name=op.f("uq_subscription_tiers_code")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("tier_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            postgresql.ENUM(
                "trialing",
                "active",
                "past_due",
                "cancelled",
                name="subscription_status",
                create_type=False,
            ),
            server_default=sa.text("'trialing'"),
            nullable=False,
        ),
        sa.Column("started_on", sa.Date(), server_default=sa.text("CURRENT_DATE"), nullable=False),
        sa.Column("renews_on", sa.Date(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_subscriptions_tenant_id_tenants")
        ),
        sa.ForeignKeyConstraint(
            ["tier_id"],
            ["subscription_tiers.id"],
            name=op.f("fk_subscriptions_tier_id_subscription_tiers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_tier_id"), "subscriptions", ["tier_id"], unique=False)
    op.create_index(
        "uq_subscriptions_live",
        "subscriptions",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )


def downgrade() -> None:
    op.drop_table("subscriptions")
    op.drop_table("subscription_tiers")
    op.execute("DROP TYPE subscription_status")
    op.execute("DROP TYPE billing_interval")
