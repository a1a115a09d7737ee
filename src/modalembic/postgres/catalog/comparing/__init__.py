"""Comparing two catalogs."""
