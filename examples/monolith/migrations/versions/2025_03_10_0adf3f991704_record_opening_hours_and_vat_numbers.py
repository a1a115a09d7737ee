"""Record opening hours and VAT numbers.

Revision ID: 0adf3f991704
Revises: 72cc1550be40
Create Date: 2025-03-10 10:00:00+00:00
"""

from alembic import op

revision: str = "0adf3f991704"
down_revision: str | None = "72cc1550be40"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE TYPE clock_range AS RANGE (subtype = time)")
    op.execute("COMMENT ON TYPE clock_range IS 'From and until, on one day'")
    op.execute("""
        CREATE TABLE store_opening_hours (
            store_id bigint NOT NULL,
            weekday smallint NOT NULL,
            open_between clock_range NOT NULL,
            note varchar(80),
            CONSTRAINT pk_store_opening_hours PRIMARY KEY (store_id, weekday, open_between),
            CONSTRAINT ck_store_opening_hours_weekday_range CHECK (weekday BETWEEN 1 AND 7),
            CONSTRAINT ex_store_opening_hours_overlap EXCLUDE USING gist (
                store_id WITH =, weekday WITH =, open_between WITH &&
            ),
            CONSTRAINT fk_store_opening_hours_store_id_stores
                FOREIGN KEY (store_id) REFERENCES stores (id) ON DELETE CASCADE
        )
    """)
    op.execute("""
        CREATE DOMAIN vat_number AS varchar(20)
        CONSTRAINT vat_number_format CHECK (VALUE ~ '^[A-Z]{2}[0-9A-Z]{2,12}$')
    """)
    op.execute("ALTER TABLE tenants ADD COLUMN vat_number vat_number")


def downgrade() -> None:
    op.drop_column("tenants", "vat_number")
    op.execute("DROP DOMAIN vat_number")
    op.drop_table("store_opening_hours")
    op.execute("DROP TYPE clock_range")
    op.execute("DROP EXTENSION btree_gist")
