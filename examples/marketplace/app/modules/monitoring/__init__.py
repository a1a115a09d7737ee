"""Health checks and their results."""
