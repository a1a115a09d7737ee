"""Columns."""

from __future__ import annotations

from tests.checks.model_changes.edit import Edit, edit
from tests.checks.true_changes.change import error, info, warning

EDITS: list[Edit] = [
    edit(
        "column: type, length",
        "app/modules/core/models/user.py",
        [
            (
                "display_name: Mapped[str] = mapped_column(String(120))",
                "display_name: Mapped[str] = mapped_column(String(200))",
            )
        ],
        error("column", "public.users.display_name", "type", "core", "user.py"),
    ),
    edit(
        "column: type, precision",
        "app/modules/marketplace/models/vendor.py",
        [("Numeric(5, 2)", "Numeric(6, 2)")],
        error("column", "public.vendors.commission_percent", "type", "marketplace", "vendor.py"),
    ),
    edit(
        "column: type",
        "app/modules/marketplace/models/product.py",
        [
            (
                "    weight_grams: Mapped[int | None]\n",
                "    weight_grams: Mapped[int | None] = mapped_column(BigInteger)\n",
            ),
            ("import CheckConstraint", "import BigInteger, CheckConstraint"),
        ],
        error(
            "column", "public.product_variants.weight_grams", "type", "marketplace", "product.py"
        ),
    ),
    edit(
        "column: type, time zone",
        "app/modules/orders/models/cart.py",
        [
            ("mapped_column(index=True)", "mapped_column(DateTime, index=True)"),
            ("import CheckConstraint, ForeignKey", "import CheckConstraint, DateTime, ForeignKey"),
        ],
        error("column", "public.carts.expires_at", "type", "orders", "cart.py"),
        error("index", "public.carts.ix_carts_expires_at", "operator-classes", "orders", "cart.py"),
    ),
    edit(
        "column: not null",
        "app/modules/customers/models/customer.py",
        [("    phone: Mapped[str | None]", "    phone: Mapped[str]")],
        error("column", "public.customers.phone", "not-null", "customers", "customer.py"),
    ),
    edit(
        "column: nullable",
        "app/modules/customers/models/customer.py",
        [("    full_name: Mapped[str]", "    full_name: Mapped[str | None]")],
        error("column", "public.customers.full_name", "not-null", "customers", "customer.py"),
    ),
    edit(
        "column: default",
        "app/modules/tenancy/models/store.py",
        [("sql(\"'EUR'\")", "sql(\"'USD'\")")],
        error("column", "public.stores.currency", "default", "tenancy", "store.py"),
    ),
    edit(
        "column: default missing",
        "app/modules/customers/models/customer.py",
        [(", server_default=sql(\"'home'\")", "")],
        error("column", "public.customer_addresses.label", "default", "customers", "customer.py"),
    ),
    edit(
        "column: extra default",
        "app/modules/customers/models/customer.py",
        [
            (
                "    city: Mapped[str] = mapped_column(String(120))",
                ("    city: Mapped[str] = mapped_column(String(120), server_default=sql(\"''\"))"),
            )
        ],
        error("column", "public.customer_addresses.city", "default", "customers", "customer.py"),
    ),
    edit(
        "column: default, spelling",
        "app/modules/orders/models/order.py",
        [
            (
                "placed_at: Mapped[datetime] = mapped_column(server_default=func.now())",
                (
                    "placed_at: Mapped[datetime] = "
                    "mapped_column(server_default=func.current_timestamp())"
                ),
            )
        ],
        info("column", "public.orders.placed_at", "default", "orders", "order.py"),
    ),
    edit(
        "column: extra",
        "app/modules/customers/models/customer.py",
        [
            (
                "    note: Mapped[str | None] = mapped_column(Text)\n",
                (
                    "    note: Mapped[str | None] = mapped_column(Text)\n    nickname: "
                    "Mapped[str | None] = mapped_column(String(40))\n"
                ),
            )
        ],
        error("column", "public.customers.nickname", None, "customers", "customer.py"),
    ),
    edit(
        "column: missing",
        "app/modules/customers/models/customer.py",
        [("    phone: Mapped[str | None] = mapped_column(String(40))\n", "")],
        error("column", "public.customers.phone", None, "customers", "customer.py"),
    ),
    edit(
        "column: name",
        "app/modules/customers/models/customer.py",
        [("    phone: Mapped", "    telephone: Mapped")],
        error("column", "public.customers.phone", None, "customers", "customer.py"),
        error("column", "public.customers.telephone", None, "customers", "customer.py"),
    ),
    edit(
        "column: identity",
        "app/modules/marketplace/models/vendor.py",
        [
            (
                "    id: Mapped[PrimaryKey]",
                (
                    "    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), "
                    "primary_key=True)"
                ),
            ),
            (
                "import CheckConstraint, ForeignKey, Numeric",
                "import BigInteger, CheckConstraint, ForeignKey, Identity, Numeric",
            ),
        ],
        error("column", "public.vendors.id", "identity", "marketplace", "vendor.py"),
    ),
    edit(
        "column: identity missing",
        "app/modules/marketplace/models/vendor.py",
        [
            (
                "    id: Mapped[PrimaryKey]",
                (
                    "    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, "
                    "autoincrement=False)"
                ),
            ),
            (
                "import CheckConstraint, ForeignKey, Numeric",
                "import BigInteger, CheckConstraint, ForeignKey, Numeric",
            ),
        ],
        error("column", "public.vendors.id", "identity", "marketplace", "vendor.py"),
    ),
    edit(
        "column: generated",
        "app/modules/billing/models/invoice.py",
        [('"quantity::numeric * unit_price"', '"quantity::numeric * unit_price * 2"')],
        error("column", "public.invoice_lines.amount", "generated", "billing", "invoice.py"),
    ),
    edit(
        "column: no longer generated",
        "app/modules/billing/models/invoice.py",
        [
            (
                (
                    'mapped_column(\n        Computed("quantity::numeric * unit_price", '
                    "persisted=True)\n    )"
                ),
                "mapped_column(nullable=True)",
            )
        ],
        error("column", "public.invoice_lines.amount", "generated", "billing", "invoice.py"),
        error("column", "public.invoice_lines.amount", "not-null", "billing", "invoice.py"),
    ),
    edit(
        "column: collation",
        "app/modules/marketplace/models/product.py",
        [('String(14, collation="C")', "String(14)")],
        error(
            "column", "public.product_variants.barcode", "collation", "marketplace", "product.py"
        ),
        error(
            "index",
            "public.product_variants.ix_product_variants_barcode",
            "collations",
            "marketplace",
            "product.py",
        ),
    ),
    edit(
        "column: comment",
        "app/modules/orders/models/order.py",
        [('comment="Per unit"', 'comment="In all"')],
        warning("column", "public.order_lines.discount", "comment", "orders", "order.py"),
    ),
]
