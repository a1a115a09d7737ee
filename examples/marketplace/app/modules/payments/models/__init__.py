from app.modules.payments.models.payment import (
    Payment,
    PaymentMethod,
    PaymentMethodKind,
    PaymentStatus,
    Refund,
    RefundReason,
)

__all__ = [
    "Payment",
    "PaymentMethod",
    "PaymentMethodKind",
    "PaymentStatus",
    "Refund",
    "RefundReason",
]
