from app.modules.orders.tasks.carts import purge_expired_carts
from app.modules.orders.tasks.fulfilment import capture_order_payments

__all__ = ["capture_order_payments", "purge_expired_carts"]
