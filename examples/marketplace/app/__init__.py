"""The shop: many tenants, their stores, one marketplace."""
