"""Carts, orders and shipments."""
