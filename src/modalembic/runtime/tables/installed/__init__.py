"""Which modules a database has, or is to have."""
