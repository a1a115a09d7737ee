"""What a tenant pays for the platform: tiers, subscriptions, invoices."""
