"""Every model of the shop."""

from app.models.audit import ArchivedAuditEvent, AuditEvent
from app.models.cart import Cart, CartLine
from app.models.category import Category, product_categories
from app.models.conversation import Conversation, Message
from app.models.customer import Customer, CustomerAddress
from app.models.customer_group import CustomerGroup, customer_group_members
from app.models.feature_flag import FeatureFlag, FeatureFlagOverride
from app.models.health import HealthCheck, HealthCheckResult, HealthState
from app.models.invoice import Invoice, InvoiceLine, InvoiceStatus
from app.models.listing import Listing, ListingStatus, Offer
from app.models.media import MediaFile
from app.models.notification import Notification, NotificationChannel
from app.models.order import Order, OrderLine, OrderStatus, order_payments
from app.models.page import ContentPage, PageStatus
from app.models.payment import (
    Payment,
    PaymentMethod,
    PaymentMethodKind,
    PaymentStatus,
    Refund,
    RefundReason,
)
from app.models.product import Product, ProductVariant
from app.models.request_sample import RequestSample
from app.models.review import ProductReview
from app.models.shipment import Shipment, ShipmentStatus
from app.models.stock import StockMove, StockMoveKind, StockReservation
from app.models.store import Store, StoreDomain, StoreOpeningHours, StoreStatus, StoreTheme
from app.models.subscription import Subscription, SubscriptionStatus
from app.models.tenant import Tenant, TenantMember, TenantRole
from app.models.theme import Theme
from app.models.tier import BillingInterval, SubscriptionTier
from app.models.user import Role, User, user_roles
from app.models.vendor import Vendor
from app.models.warehouse import StockLevel, Warehouse

__all__ = [
    "ArchivedAuditEvent",
    "AuditEvent",
    "BillingInterval",
    "Cart",
    "CartLine",
    "Category",
    "ContentPage",
    "Conversation",
    "Customer",
    "CustomerAddress",
    "CustomerGroup",
    "FeatureFlag",
    "FeatureFlagOverride",
    "HealthCheck",
    "HealthCheckResult",
    "HealthState",
    "Invoice",
    "InvoiceLine",
    "InvoiceStatus",
    "Listing",
    "ListingStatus",
    "MediaFile",
    "Message",
    "Notification",
    "NotificationChannel",
    "Offer",
    "Order",
    "OrderLine",
    "OrderStatus",
    "PageStatus",
    "Payment",
    "PaymentMethod",
    "PaymentMethodKind",
    "PaymentStatus",
    "Product",
    "ProductReview",
    "ProductVariant",
    "Refund",
    "RefundReason",
    "RequestSample",
    "Role",
    "Shipment",
    "ShipmentStatus",
    "StockLevel",
    "StockMove",
    "StockMoveKind",
    "StockReservation",
    "Store",
    "StoreDomain",
    "StoreOpeningHours",
    "StoreStatus",
    "StoreTheme",
    "Subscription",
    "SubscriptionStatus",
    "SubscriptionTier",
    "Tenant",
    "TenantMember",
    "TenantRole",
    "Theme",
    "User",
    "Vendor",
    "Warehouse",
    "customer_group_members",
    "order_payments",
    "product_categories",
    "user_roles",
]
