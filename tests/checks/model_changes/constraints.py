"""Constraints."""

from __future__ import annotations

from tests.checks.model_changes.edit import Edit, edit
from tests.checks.true_changes.change import error, warning

EDITS: list[Edit] = [
    edit(
        "primary key: columns",
        "app/modules/marketplace/models/category.py",
        [
            (
                (
                    '        ForeignKey("categories.id", ondelete="CASCADE"),\n        '
                    "primary_key=True,\n"
                ),
                '        ForeignKey("categories.id", ondelete="CASCADE"),\n',
            )
        ],
        error(
            "column",
            "public.product_categories.category_id",
            "not-null",
            "marketplace",
            "category.py",
        ),
        error(
            "constraint",
            "public.product_categories.pk_product_categories",
            "columns",
            "marketplace",
            "category.py",
        ),
    ),
    edit(
        "unique: missing",
        "app/modules/orders/models/cart.py",
        [("String(64), unique=True", "String(64)")],
        error("constraint", "public.carts.uq_carts_token", None, "orders", "cart.py"),
    ),
    edit(
        "unique: extra",
        "app/modules/customers/models/customer.py",
        [
            (
                "    phone: Mapped[str | None] = mapped_column(String(40))",
                "    phone: Mapped[str | None] = mapped_column(String(40), unique=True)",
            )
        ],
        error(
            "constraint", "public.customers.uq_customers_phone", None, "customers", "customer.py"
        ),
    ),
    edit(
        "unique: columns",
        "app/modules/marketplace/models/vendor.py",
        [
            (
                'UniqueConstraint("tenant_id", "slug")',
                ('UniqueConstraint("tenant_id", "slug", "name", name="uq_vendors_tenant_id_slug")'),
            )
        ],
        error(
            "constraint",
            "public.vendors.uq_vendors_tenant_id_slug",
            "columns",
            "marketplace",
            "vendor.py",
        ),
    ),
    edit(
        "unique: name",
        "app/modules/marketplace/models/vendor.py",
        [
            (
                'UniqueConstraint("tenant_id", "slug")',
                'UniqueConstraint("tenant_id", "slug", name="vendors_slug_key")',
            )
        ],
        warning(
            "constraint", "public.vendors.vendors_slug_key", "name", "marketplace", "vendor.py"
        ),
    ),
    edit(
        "unique: deferral",
        "app/modules/marketplace/models/vendor.py",
        [
            (
                'UniqueConstraint("tenant_id", "slug")',
                'UniqueConstraint("tenant_id", "slug", deferrable=True)',
            )
        ],
        error(
            "constraint",
            "public.vendors.uq_vendors_tenant_id_slug",
            "deferral",
            "marketplace",
            "vendor.py",
        ),
    ),
    edit(
        "foreign key: on delete",
        "app/modules/orders/models/order.py",
        [
            (
                'ForeignKey("customer_addresses.id", ondelete="SET NULL")',
                'ForeignKey("customer_addresses.id", ondelete="CASCADE")',
            )
        ],
        error(
            "constraint",
            "public.orders.fk_orders_shipping_address_id_customer_addresses",
            "on-delete",
            "orders",
            "order.py",
        ),
    ),
    edit(
        "foreign key: on update",
        "app/modules/orders/models/order.py",
        [
            (
                'customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id")',
                (
                    'customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", '
                    'onupdate="CASCADE")'
                ),
            )
        ],
        error(
            "constraint",
            "public.orders.fk_orders_customer_id_customers",
            "on-update",
            "orders",
            "order.py",
        ),
    ),
    edit(
        "foreign key: deferral",
        "app/models/shipment.py",
        [
            (
                'ForeignKey("orders.id")',
                'ForeignKey("orders.id", deferrable=True, initially="DEFERRED")',
            )
        ],
        error(
            "constraint",
            "public.shipments.fk_shipments_order_id_orders",
            "deferral",
            "orders",
            "shipment.py",
        ),
    ),
    edit(
        "foreign key: missing",
        "app/modules/billing/models/invoice.py",
        [
            (
                (
                    "payment_id: Mapped[int | None] = "
                    'mapped_column(ForeignKey("payments.id"), index=True)'
                ),
                "payment_id: Mapped[int | None] = mapped_column(BigInteger, index=True)",
            ),
            ('    payment: Mapped[Optional["Payment"]] = relationship()\n', ""),
        ],
        error(
            "constraint",
            "public.invoices.fk_invoices_payment_id_payments",
            None,
            "billing",
            "invoice.py",
        ),
    ),
    edit(
        "foreign key: extra",
        "app/modules/core/models/audit.py",
        [
            (
                "actor_id: Mapped[int | None] = mapped_column(BigInteger)",
                'actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))',
            )
        ],
        error(
            "constraint",
            "public.audit_events_archived.fk_audit_events_archived_actor_id_users",
            None,
            "core",
            "audit.py",
        ),
    ),
    edit(
        "foreign key: table referenced",
        "app/modules/inventory/models/stock.py",
        [
            (
                'ForeignKey("users.id", ondelete="SET NULL")',
                (
                    'ForeignKey("tenants.id", ondelete="SET NULL", '
                    'name="fk_stock_moves_moved_by_id_users")'
                ),
            ),
            ('    moved_by: Mapped[Optional["User"]] = relationship()\n', ""),
        ],
        error(
            "constraint",
            "public.stock_moves.fk_stock_moves_moved_by_id_users",
            "references",
            "inventory",
            "stock.py",
        ),
    ),
    edit(
        "CHECK: expression",
        "app/modules/marketplace/models/listing.py",
        [('"price >= 0"', '"price > 0"')],
        error(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            "expression",
            "marketplace",
            "listing.py",
        ),
    ),
    edit(
        "CHECK: missing",
        "app/modules/marketplace/models/listing.py",
        [('        CheckConstraint("price >= 0", name="price_not_negative"),\n', "")],
        error(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            None,
            "marketplace",
            "listing.py",
        ),
    ),
    edit(
        "CHECK: extra",
        "app/models/shipment.py",
        [
            (
                'CheckConstraint("delivered_at',
                (
                    'CheckConstraint("carrier <> \'\'", name="carrier_given"),\n        '
                    'CheckConstraint("delivered_at'
                ),
            )
        ],
        error(
            "constraint",
            "public.shipments.ck_shipments_carrier_given",
            None,
            "orders",
            "shipment.py",
        ),
    ),
    edit(
        "CHECK: name",
        "app/modules/inventory/models/stock.py",
        [('name="quantity_not_zero"', 'name="moves_something"')],
        warning(
            "constraint",
            "public.stock_moves.ck_stock_moves_moves_something",
            "name",
            "inventory",
            "stock.py",
        ),
    ),
    edit(
        "exclusion: missing",
        "app/modules/tenancy/models/store.py",
        [
            (
                (
                    '        ExcludeConstraint(\n            ("store_id", "="),\n            '
                    '("weekday", "="),\n            ("open_between", "&&"),\n            '
                    'name="ex_store_opening_hours_overlap",\n        ),\n'
                ),
                "",
            )
        ],
        error(
            "constraint",
            "public.store_opening_hours.ex_store_opening_hours_overlap",
            None,
            "tenancy",
            "store.py",
        ),
    ),
    edit(
        "exclusion: definition",
        "app/modules/tenancy/models/store.py",
        [('("open_between", "&&")', '("open_between", "-|-")')],
        error(
            "constraint",
            "public.store_opening_hours.ex_store_opening_hours_overlap",
            "definition",
            "tenancy",
            "store.py",
        ),
    ),
]
