"""Feature flags and their overrides."""
