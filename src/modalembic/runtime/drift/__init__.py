"""Models against migrations, and migrations against a live database."""
