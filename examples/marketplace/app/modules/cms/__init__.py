"""Themes and content pages of a store."""
