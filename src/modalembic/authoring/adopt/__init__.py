"""`adopt`: an existing Alembic project becomes a modular one, and its database stays as it is."""
