"""Foreign keys."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, warning

CHANGES: list[TrueChange] = [
    change(
        "foreign key: missing",
        "ALTER TABLE refunds DROP CONSTRAINT fk_refunds_payment_id_payments",
        error(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            None,
            "payments",
            "3843df54bc6c",
        ),
    ),
    change(
        "foreign key: extra",
        (
            "ALTER TABLE audit_events_archived ADD CONSTRAINT fk_archived_actor FOREIGN KEY "
            "(actor_id) REFERENCES users (id)"
        ),
        error(
            "constraint",
            "public.audit_events_archived.fk_archived_actor",
            None,
            "core",
            "360c9422ff3c",
        ),
    ),
    change(
        "foreign key: on delete",
        (
            "ALTER TABLE refunds DROP CONSTRAINT fk_refunds_payment_id_payments, ADD "
            "CONSTRAINT fk_refunds_payment_id_payments FOREIGN KEY (payment_id) REFERENCES "
            "payments (id) ON DELETE CASCADE"
        ),
        error(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "on-delete",
            "payments",
            "3843df54bc6c",
        ),
    ),
    change(
        "foreign key: on update",
        (
            "ALTER TABLE refunds DROP CONSTRAINT fk_refunds_payment_id_payments, ADD "
            "CONSTRAINT fk_refunds_payment_id_payments FOREIGN KEY (payment_id) REFERENCES "
            "payments (id) ON UPDATE CASCADE"
        ),
        error(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "on-update",
            "payments",
            "3843df54bc6c",
        ),
    ),
    change(
        "foreign key: deferral",
        (
            "ALTER TABLE refunds DROP CONSTRAINT fk_refunds_payment_id_payments, ADD "
            "CONSTRAINT fk_refunds_payment_id_payments FOREIGN KEY (payment_id) REFERENCES "
            "payments (id) DEFERRABLE INITIALLY DEFERRED"
        ),
        error(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "deferral",
            "payments",
            "3843df54bc6c",
        ),
    ),
    change(
        "foreign key: match",
        (
            "ALTER TABLE refunds DROP CONSTRAINT fk_refunds_payment_id_payments, ADD "
            "CONSTRAINT fk_refunds_payment_id_payments FOREIGN KEY (payment_id) REFERENCES "
            "payments (id) MATCH FULL"
        ),
        error(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "match",
            "payments",
            "3843df54bc6c",
        ),
    ),
    change(
        "foreign key: not valid",
        (
            "ALTER TABLE refunds DROP CONSTRAINT fk_refunds_payment_id_payments, ADD "
            "CONSTRAINT fk_refunds_payment_id_payments FOREIGN KEY (payment_id) REFERENCES "
            "payments (id) NOT VALID"
        ),
        error(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "valid",
            "payments",
            "3843df54bc6c",
        ),
    ),
    change(
        "foreign key: name",
        (
            "ALTER TABLE refunds RENAME CONSTRAINT fk_refunds_payment_id_payments TO "
            "refunds_payment_id_fkey"
        ),
        warning(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "name",
            "payments",
            "3843df54bc6c",
        ),
    ),
    change(
        "foreign key: table referenced",
        (
            "ALTER TABLE refunds DROP CONSTRAINT fk_refunds_payment_id_payments, ADD "
            "CONSTRAINT fk_refunds_payment_id_payments FOREIGN KEY (payment_id) REFERENCES "
            "invoices (id)"
        ),
        error(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "references",
            "payments",
            "3843df54bc6c",
        ),
    ),
    change(
        "foreign key: column",
        (
            "ALTER TABLE tenant_members DROP CONSTRAINT "
            "fk_tenant_members_invited_by_id_users, ADD CONSTRAINT "
            "fk_tenant_members_invited_by_id_users FOREIGN KEY (user_id) REFERENCES users "
            "(id) ON DELETE SET NULL"
        ),
        error(
            "constraint",
            "public.tenant_members.fk_tenant_members_invited_by_id_users",
            "columns",
            "tenancy",
            "f8fb0d9c16f5",
        ),
    ),
    change(
        "foreign key: not enforced",
        (
            "ALTER TABLE refunds DROP CONSTRAINT fk_refunds_payment_id_payments, ADD "
            "CONSTRAINT fk_refunds_payment_id_payments FOREIGN KEY (payment_id) REFERENCES "
            "payments (id) NOT ENFORCED"
        ),
        error(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "enforced",
            "payments",
            "3843df54bc6c",
        ),
        error(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "valid",
            "payments",
            "3843df54bc6c",
        ),
        since=18,
    ),
    change(
        "foreign key: comment",
        "COMMENT ON CONSTRAINT fk_refunds_payment_id_payments ON refunds IS 'What was paid'",
        warning(
            "constraint",
            "public.refunds.fk_refunds_payment_id_payments",
            "comment",
            "payments",
            "3843df54bc6c",
        ),
    ),
]
