"""Tables, what listeners make, types and sequences."""

from __future__ import annotations

from tests.checks.model_changes.edit import Edit, edit
from tests.checks.true_changes.change import error, warning

EDITS: list[Edit] = [
    edit(
        "table: comment",
        "app/modules/tenancy/models/tenant.py",
        [('"A company that runs its stores on the platform"', '"A company"')],
        warning("table", "public.tenants", "comment", "tenancy", "tenant.py"),
    ),
    edit(
        "table: comment missing",
        "app/modules/tenancy/models/tenant.py",
        [('        {"comment": "A company that runs its stores on the platform"},\n', "")],
        warning("table", "public.tenants", "comment", "tenancy", "tenant.py"),
    ),
    edit(
        "table: extra",
        "app/modules/inventory/models/warehouse.py",
        [
            (
                "class StockLevel",
                (
                    'class Shelf(Base):\n    __tablename__ = "shelves"\n\n    id: '
                    "Mapped[PrimaryKey]\n\n\nclass StockLevel"
                ),
            )
        ],
        error("table", "public.shelves", None, "inventory", "warehouse.py"),
    ),
    edit(
        "table: missing",
        "app/modules/monitoring/models/request_sample.py",
        [("class RequestSample(Base):", "class RequestSample:")],
        error("table", "public.request_samples", None, "monitoring", "a8e1e4ff4daf"),
    ),
    edit(
        "table: name",
        "app/modules/dev_tools/models/feature_flag.py",
        [('__tablename__ = "feature_flag_overrides"', '__tablename__ = "flag_overrides"')],
        error("table", "public.feature_flag_overrides", None, "dev_tools", "03ef3917bae2"),
        error("table", "public.flag_overrides", None, "dev_tools", "feature_flag.py"),
    ),
    edit(
        "table: options",
        "app/modules/inventory/models/warehouse.py",
        [
            (
                '            postgresql_where=sql("on_hand <= reorder_point"),\n        ),\n',
                (
                    '            postgresql_where=sql("on_hand <= reorder_point"),\n        '
                    '),\n        {"postgresql_with": {"fillfactor": 70}},\n'
                ),
            )
        ],
        warning("table", "public.stock_levels", "options", "inventory", "warehouse.py"),
    ),
    edit(
        "table: inheritance",
        "app/modules/core/models/audit.py",
        [('    __table_args__ = {"postgresql_inherits": "audit_events"}\n', "")],
        error("table", "public.audit_events_archived", "inherits", "core", "audit.py"),
    ),
    edit(
        "table: partitioning",
        "app/modules/monitoring/models/request_sample.py",
        [('"RANGE (sampled_at)"', '"HASH (sampled_at)"')],
        error(
            "table", "public.request_samples", "partition-key", "monitoring", "request_sample.py"
        ),
    ),
    edit(
        "table: row security, by a listener",
        "app/modules/messaging/models/notification.py",
        [
            (
                '    user: Mapped["User"] = relationship()\n',
                (
                    '    user: Mapped["User"] = relationship()\n\n\nevent.listen(\n    '
                    'Notification.__table__,\n    "after_create",\n    DDL("ALTER TABLE '
                    'notifications ENABLE ROW LEVEL SECURITY"),\n)\n'
                ),
            ),
            (
                "import CheckConstraint, ForeignKey, Index, String",
                "import DDL, CheckConstraint, ForeignKey, Index, String, event",
            ),
        ],
        error("table", "public.notifications", "row-security", "messaging", "notification.py"),
    ),
    edit(
        "trigger: extra, by a listener",
        "app/modules/messaging/models/notification.py",
        [
            (
                '    user: Mapped["User"] = relationship()\n',
                (
                    '    user: Mapped["User"] = relationship()\n\n\nevent.listen(\n    '
                    'Notification.__table__,\n    "after_create",\n    DDL("CREATE TRIGGER '
                    "again AFTER DELETE ON notifications FOR EACH ROW EXECUTE FUNCTION "
                    "announce_notification('gone')\"),\n)\n"
                ),
            ),
            (
                "import CheckConstraint, ForeignKey, Index, String",
                "import DDL, CheckConstraint, ForeignKey, Index, String, event",
            ),
        ],
        error("trigger", "public.notifications.again", None, "messaging", "notification.py"),
    ),
    edit(
        "trigger: condition, by a listener",
        "app/modules/messaging/models/notification.py",
        [
            (
                '    user: Mapped["User"] = relationship()\n',
                (
                    '    user: Mapped["User"] = relationship()\n\n\nevent.listen(\n    '
                    'Notification.__table__,\n    "after_create",\n    DDL("CREATE TRIGGER '
                    "notifications_announce AFTER INSERT OR UPDATE OF sent_at, attempts ON "
                    "notifications FOR EACH ROW EXECUTE FUNCTION "
                    "announce_notification('notifications')\"),\n)\n"
                ),
            ),
            (
                "import CheckConstraint, ForeignKey, Index, String",
                "import DDL, CheckConstraint, ForeignKey, Index, String, event",
            ),
        ],
        error(
            "trigger",
            "public.notifications.notifications_announce",
            "condition",
            "messaging",
            "notification.py",
        ),
    ),
    edit(
        "enum: extra label",
        "app/models/shipment.py",
        [('    RETURNED = "returned"\n', '    RETURNED = "returned"\n    LOST = "lost"\n')],
        error("enum", "public.shipment_status", "labels", "orders", "shipment.py"),
    ),
    edit(
        "enum: name of a label",
        "app/models/shipment.py",
        [('"in_transit"', '"on_the_way"')],
        error("enum", "public.shipment_status", "labels", "orders", "shipment.py"),
    ),
    edit(
        "enum: order of labels",
        "app/models/shipment.py",
        [
            (
                '    PREPARING = "preparing"\n    IN_TRANSIT = "in_transit"\n',
                '    IN_TRANSIT = "in_transit"\n    PREPARING = "preparing"\n',
            )
        ],
        error("enum", "public.shipment_status", "labels", "orders", "shipment.py"),
    ),
    edit(
        "enum: name",
        "app/models/shipment.py",
        [('"shipment_status"', '"shipping_status"')],
        error("column", "public.shipments.status", "default", "orders", "shipment.py"),
        error("column", "public.shipments.status", "type", "orders", "shipment.py"),
        error("enum", "public.shipment_status", None, "orders", "shipment.py"),
        error("enum", "public.shipping_status", None, "orders", "shipment.py"),
    ),
    edit(
        "domain: CHECK",
        "app/modules/tenancy/models/tenant.py",
        [("{2,12}", "{2,13}")],
        error(
            "domain constraint",
            "public.vat_number.vat_number_format",
            "expression",
            "tenancy",
            "tenant.py",
        ),
    ),
    edit(
        "domain: type",
        "app/modules/tenancy/models/tenant.py",
        [("    String(20),\n", "    String(30),\n")],
        error("domain", "public.vat_number", "type", "tenancy", "tenant.py"),
    ),
    edit(
        "domain: extra default",
        "app/modules/tenancy/models/tenant.py",
        [
            (
                '    constraint_name="vat_number_format",',
                '    default="DE00",\n    constraint_name="vat_number_format",',
            )
        ],
        error("domain", "public.vat_number", "default", "tenancy", "tenant.py"),
    ),
    edit(
        "sequence: start",
        "app/modules/orders/models/order.py",
        [("start=1000", "start=5000")],
        error("sequence", "public.order_number_seq", "start", "orders", "order.py"),
    ),
    edit(
        "sequence: increment",
        "app/modules/billing/models/invoice.py",
        [("start=10001", "start=10001, increment=2")],
        error("sequence", "public.invoice_number_seq", "increment", "billing", "invoice.py"),
    ),
    edit(
        "sequence: extra",
        "app/modules/billing/models/invoice.py",
        [
            (
                "\n\nclass InvoiceStatus",
                (
                    '\ncredit_numbers = Sequence("credit_number_seq", '
                    "metadata=Base.metadata)\n\n\nclass InvoiceStatus"
                ),
            )
        ],
        error("sequence", "public.credit_number_seq", None, "billing", "invoice.py"),
    ),
]
