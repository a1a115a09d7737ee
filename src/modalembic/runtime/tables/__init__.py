"""The tables of Alembic and of modalembic in a database, and what a role may do with them."""
