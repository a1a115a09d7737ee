"""Warehouses, stock levels, moves and reservations."""
