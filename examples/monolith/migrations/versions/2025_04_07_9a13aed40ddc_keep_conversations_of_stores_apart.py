"""Keep conversations of stores apart.

The owner of the tables, who runs migrations and tasks, sees all of them; a role for the staff of a
store sees what shop.store_id names.

Revision ID: 9a13aed40ddc
Revises: 55a4b7782dd6
Create Date: 2025-04-07 10:00:00+00:00
"""

from alembic import op

revision: str = "9a13aed40ddc"
down_revision: str | None = "55a4b7782dd6"
branch_labels: tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None

ANNOUNCE_NOTIFICATION = """
CREATE FUNCTION announce_notification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_ARGV[0], NEW.id::text);
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE conversations ENABLE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY own_store ON conversations
        USING (store_id = current_setting('shop.store_id', true)::bigint)
    """)
    op.execute("COMMENT ON POLICY own_store ON conversations IS 'Staff see their store alone'")
    op.execute("""
        CREATE POLICY closed_is_closed ON conversations AS RESTRICTIVE FOR UPDATE
        USING (closed_at IS NULL) WITH CHECK (subject <> '')
    """)
    op.execute(ANNOUNCE_NOTIFICATION)
    op.execute("""
        CREATE TRIGGER notifications_announce AFTER INSERT OR UPDATE OF sent_at, attempts
        ON notifications FOR EACH ROW WHEN (NEW.sent_at IS NULL)
        EXECUTE FUNCTION announce_notification('notifications')
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER notifications_announce ON notifications")
    op.execute("DROP FUNCTION announce_notification()")
    op.execute("DROP POLICY closed_is_closed ON conversations")
    op.execute("DROP POLICY own_store ON conversations")
    op.execute("ALTER TABLE conversations DISABLE ROW LEVEL SECURITY")
