"""Triggers, rules and policies."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, warning

CHANGES: list[TrueChange] = [
    change(
        "trigger: missing",
        "DROP TRIGGER stock_moves_apply ON stock_moves",
        error("trigger", "public.stock_moves.stock_moves_apply", None, "inventory", "8bf63d41ceaa"),
    ),
    change(
        "trigger: extra",
        (
            "CREATE TRIGGER orders_announce AFTER INSERT ON orders FOR EACH ROW EXECUTE "
            "FUNCTION announce_notification('orders')"
        ),
        error("trigger", "public.orders.orders_announce", None, "orders", "8d62e0d1645b"),
    ),
    change(
        "trigger: disabled",
        "ALTER TABLE stock_moves DISABLE TRIGGER stock_moves_apply",
        error(
            "trigger",
            "public.stock_moves.stock_moves_apply",
            "enabled",
            "inventory",
            "8bf63d41ceaa",
        ),
    ),
    change(
        "trigger: timing",
        (
            "DROP TRIGGER notifications_announce ON notifications; CREATE TRIGGER "
            "notifications_announce BEFORE INSERT OR UPDATE OF sent_at, attempts ON "
            "notifications FOR EACH ROW WHEN (NEW.sent_at IS NULL) EXECUTE FUNCTION "
            "announce_notification('notifications')"
        ),
        error(
            "trigger",
            "public.notifications.notifications_announce",
            "timing",
            "messaging",
            "a6c2d30010c8",
        ),
    ),
    change(
        "trigger: columns",
        (
            "DROP TRIGGER notifications_announce ON notifications; CREATE TRIGGER "
            "notifications_announce AFTER INSERT OR UPDATE OF sent_at ON notifications FOR "
            "EACH ROW WHEN (NEW.sent_at IS NULL) EXECUTE FUNCTION "
            "announce_notification('notifications')"
        ),
        error(
            "trigger",
            "public.notifications.notifications_announce",
            "columns",
            "messaging",
            "a6c2d30010c8",
        ),
    ),
    change(
        "trigger: condition",
        (
            "DROP TRIGGER notifications_announce ON notifications; CREATE TRIGGER "
            "notifications_announce AFTER INSERT OR UPDATE OF sent_at, attempts ON "
            "notifications FOR EACH ROW WHEN (NEW.attempts < 5) EXECUTE FUNCTION "
            "announce_notification('notifications')"
        ),
        error(
            "trigger",
            "public.notifications.notifications_announce",
            "condition",
            "messaging",
            "a6c2d30010c8",
        ),
    ),
    change(
        "trigger: level",
        (
            "DROP TRIGGER stock_moves_apply ON stock_moves; CREATE TRIGGER stock_moves_apply "
            "AFTER INSERT ON stock_moves FOR EACH STATEMENT EXECUTE FUNCTION "
            "apply_stock_move()"
        ),
        error(
            "trigger", "public.stock_moves.stock_moves_apply", "level", "inventory", "8bf63d41ceaa"
        ),
    ),
    change(
        "trigger: function",
        (
            "DROP TRIGGER stock_moves_apply ON stock_moves; CREATE TRIGGER stock_moves_apply "
            "AFTER INSERT ON stock_moves FOR EACH ROW EXECUTE FUNCTION "
            "announce_notification()"
        ),
        error(
            "trigger",
            "public.stock_moves.stock_moves_apply",
            "function",
            "inventory",
            "8bf63d41ceaa",
        ),
    ),
    change(
        "trigger: arguments",
        (
            "DROP TRIGGER notifications_announce ON notifications; CREATE TRIGGER "
            "notifications_announce AFTER INSERT OR UPDATE OF sent_at, attempts ON "
            "notifications FOR EACH ROW WHEN (NEW.sent_at IS NULL) EXECUTE FUNCTION "
            "announce_notification('mail')"
        ),
        error(
            "trigger",
            "public.notifications.notifications_announce",
            "definition",
            "messaging",
            "a6c2d30010c8",
        ),
    ),
    change(
        "trigger: constraint",
        (
            "DROP TRIGGER notifications_announce ON notifications; CREATE CONSTRAINT TRIGGER "
            "notifications_announce AFTER INSERT OR UPDATE OF sent_at, attempts ON "
            "notifications FOR EACH ROW WHEN (NEW.sent_at IS NULL) EXECUTE FUNCTION "
            "announce_notification('notifications')"
        ),
        error(
            "trigger",
            "public.notifications.notifications_announce",
            "constraint",
            "messaging",
            "a6c2d30010c8",
        ),
    ),
    change(
        "trigger: name",
        "ALTER TRIGGER stock_moves_apply ON stock_moves RENAME TO apply",
        warning(
            "trigger", "public.stock_moves.stock_moves_apply", "name", "inventory", "8bf63d41ceaa"
        ),
    ),
    change(
        "trigger: comment",
        "COMMENT ON TRIGGER stock_moves_apply ON stock_moves IS 'Keeps levels'",
        warning(
            "trigger",
            "public.stock_moves.stock_moves_apply",
            "comment",
            "inventory",
            "8bf63d41ceaa",
        ),
    ),
    change(
        "rule: missing",
        "DROP RULE audit_events_archived_keep ON audit_events_archived",
        error(
            "rule",
            "public.audit_events_archived.audit_events_archived_keep",
            None,
            "core",
            "360c9422ff3c",
        ),
    ),
    change(
        "rule: definition",
        (
            "CREATE OR REPLACE RULE audit_events_archived_keep AS ON UPDATE TO "
            "audit_events_archived WHERE OLD.action <> 'login' DO INSTEAD NOTHING"
        ),
        error(
            "rule",
            "public.audit_events_archived.audit_events_archived_keep",
            "definition",
            "core",
            "360c9422ff3c",
        ),
    ),
    change(
        "rule: disabled",
        "ALTER TABLE audit_events_archived DISABLE RULE audit_events_archived_keep",
        error(
            "rule",
            "public.audit_events_archived.audit_events_archived_keep",
            "enabled",
            "core",
            "360c9422ff3c",
        ),
    ),
    change(
        "rule: name",
        "ALTER RULE audit_events_archived_keep ON audit_events_archived RENAME TO keep",
        warning(
            "rule",
            "public.audit_events_archived.audit_events_archived_keep",
            "name",
            "core",
            "360c9422ff3c",
        ),
    ),
    change(
        "rule: extra",
        "CREATE RULE no_delete AS ON DELETE TO audit_events_archived DO INSTEAD NOTHING",
        error("rule", "public.audit_events_archived.no_delete", None, "core", "360c9422ff3c"),
    ),
    change(
        "rule: comment",
        "COMMENT ON RULE audit_events_archived_keep ON audit_events_archived IS 'By law'",
        warning(
            "rule",
            "public.audit_events_archived.audit_events_archived_keep",
            "comment",
            "core",
            "360c9422ff3c",
        ),
    ),
    change(
        "policy: missing",
        "DROP POLICY own_store ON conversations",
        error("policy", "public.conversations.own_store", None, "messaging", "a6c2d30010c8"),
    ),
    change(
        "policy: condition",
        "ALTER POLICY own_store ON conversations USING (true)",
        error("policy", "public.conversations.own_store", "using", "messaging", "a6c2d30010c8"),
    ),
    change(
        "policy: condition for new rows",
        "ALTER POLICY closed_is_closed ON conversations WITH CHECK (true)",
        error(
            "policy", "public.conversations.closed_is_closed", "check", "messaging", "a6c2d30010c8"
        ),
    ),
    change(
        "policy: roles",
        "ALTER POLICY own_store ON conversations TO pg_read_all_data",
        error("policy", "public.conversations.own_store", "roles", "messaging", "a6c2d30010c8"),
    ),
    change(
        "policy: command",
        (
            "DROP POLICY closed_is_closed ON conversations; CREATE POLICY closed_is_closed "
            "ON conversations AS RESTRICTIVE USING (closed_at IS NULL) WITH CHECK (subject "
            "<> '')"
        ),
        error(
            "policy",
            "public.conversations.closed_is_closed",
            "command",
            "messaging",
            "a6c2d30010c8",
        ),
    ),
    change(
        "policy: permissive",
        (
            "DROP POLICY closed_is_closed ON conversations; CREATE POLICY closed_is_closed "
            "ON conversations FOR UPDATE USING (closed_at IS NULL) WITH CHECK (subject <> '')"
        ),
        error(
            "policy",
            "public.conversations.closed_is_closed",
            "permissive",
            "messaging",
            "a6c2d30010c8",
        ),
    ),
    change(
        "policy: name",
        "ALTER POLICY own_store ON conversations RENAME TO mine",
        warning("policy", "public.conversations.own_store", "name", "messaging", "a6c2d30010c8"),
    ),
    change(
        "policy: comment",
        "COMMENT ON POLICY own_store ON conversations IS NULL",
        warning("policy", "public.conversations.own_store", "comment", "messaging", "a6c2d30010c8"),
    ),
    change(
        "policy: extra",
        "CREATE POLICY everybody ON conversations FOR SELECT USING (true)",
        error("policy", "public.conversations.everybody", None, "messaging", "fbc8d2750ce9"),
    ),
]
