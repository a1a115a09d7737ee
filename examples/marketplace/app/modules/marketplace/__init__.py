"""Vendors, their products, and the listings of a store."""
