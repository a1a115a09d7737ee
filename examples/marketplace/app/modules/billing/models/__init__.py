from app.models.subscription import Subscription, SubscriptionStatus
from app.modules.billing.models.invoice import Invoice, InvoiceLine, InvoiceStatus
from app.modules.billing.models.tier import BillingInterval, SubscriptionTier

__all__ = [
    "BillingInterval",
    "Invoice",
    "InvoiceLine",
    "InvoiceStatus",
    "Subscription",
    "SubscriptionStatus",
    "SubscriptionTier",
]
