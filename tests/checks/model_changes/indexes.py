"""Indexes."""

from __future__ import annotations

from tests.checks.model_changes.edit import Edit, edit
from tests.checks.true_changes.change import error, warning

EDITS: list[Edit] = [
    edit(
        "index: missing",
        "app/modules/orders/models/order.py",
        [
            (
                (
                    'customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), '
                    "index=True)"
                ),
                'customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))',
            )
        ],
        error("index", "public.orders.ix_orders_customer_id", None, "orders", "order.py"),
    ),
    edit(
        "index: extra",
        "app/models/shipment.py",
        [
            (
                "carrier: Mapped[str] = mapped_column(String(60))",
                "carrier: Mapped[str] = mapped_column(String(60), index=True)",
            )
        ],
        error("index", "public.shipments.ix_shipments_carrier", None, "orders", "shipment.py"),
    ),
    edit(
        "index: predicate",
        "app/models/shipment.py",
        [('sql("tracking_code IS NOT NULL")', 'sql("delivered_at IS NULL")')],
        error(
            "index", "public.shipments.uq_shipments_tracking", "predicate", "orders", "shipment.py"
        ),
    ),
    edit(
        "index: no predicate",
        "app/modules/marketplace/models/listing.py",
        [
            (
                (
                    'Index("ix_listings_active", "store_id", postgresql_where=sql("status = '
                    "'active'\"))"
                ),
                'Index("ix_listings_active", "store_id")',
            )
        ],
        error(
            "index", "public.listings.ix_listings_active", "predicate", "marketplace", "listing.py"
        ),
    ),
    edit(
        "index: unique",
        "app/modules/core/models/user.py",
        [('sql("lower(email)"), unique=True', 'sql("lower(email)")')],
        error("index", "public.users.uq_users_email_lower", "unique", "core", "user.py"),
    ),
    edit(
        "index: expression",
        "app/modules/core/models/user.py",
        [('sql("lower(email)")', 'sql("upper(email)")')],
        error("index", "public.users.uq_users_email_lower", "columns", "core", "user.py"),
    ),
    edit(
        "index: order of columns",
        "app/modules/inventory/models/stock.py",
        [
            (
                '"warehouse_id", "variant_id", sql("moved_at DESC")',
                '"variant_id", "warehouse_id", sql("moved_at DESC")',
            )
        ],
        error(
            "index", "public.stock_moves.ix_stock_moves_history", "columns", "inventory", "stock.py"
        ),
    ),
    edit(
        "index: descending",
        "app/modules/orders/models/order.py",
        [('sql("placed_at DESC")', '"placed_at"')],
        error("index", "public.orders.ix_orders_store_placed_at", "order", "orders", "order.py"),
    ),
    edit(
        "index: method",
        "app/modules/marketplace/models/product.py",
        [('"attributes", postgresql_using="gin"', '"attributes"')],
        error(
            "index", "public.products.ix_products_attributes", "method", "marketplace", "product.py"
        ),
    ),
    edit(
        "index: operator class",
        "app/modules/marketplace/models/product.py",
        [('            postgresql_ops={"barcode": "varchar_pattern_ops"},\n', "")],
        error(
            "index",
            "public.product_variants.ix_product_variants_barcode",
            "operator-classes",
            "marketplace",
            "product.py",
        ),
    ),
    edit(
        "index: included columns",
        "app/modules/marketplace/models/product.py",
        [('postgresql_include=["product_id"]', 'postgresql_include=["sku"]')],
        error(
            "index",
            "public.product_variants.ix_product_variants_barcode",
            "include",
            "marketplace",
            "product.py",
        ),
    ),
    edit(
        "index: name",
        "app/models/shipment.py",
        [('"uq_shipments_tracking"', '"uq_shipments_tracking_code"')],
        warning(
            "index", "public.shipments.uq_shipments_tracking_code", "name", "orders", "shipment.py"
        ),
    ),
    edit(
        "index: options",
        "app/modules/marketplace/models/listing.py",
        [
            (
                'Index("ix_listings_active", "store_id", ',
                'Index("ix_listings_active", "store_id", postgresql_with={"fillfactor": 60}, ',
            )
        ],
        warning(
            "index", "public.listings.ix_listings_active", "options", "marketplace", "listing.py"
        ),
    ),
]
