"""Tenants, their members, their stores and domains."""
