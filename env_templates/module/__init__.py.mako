"""The ${title.lower()} module."""
