from app.models.shipment import Shipment, ShipmentStatus
from app.modules.orders.models.cart import Cart, CartLine
from app.modules.orders.models.order import Order, OrderLine, OrderStatus, order_payments

__all__ = [
    "Cart",
    "CartLine",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Shipment",
    "ShipmentStatus",
    "order_payments",
]
