"""Alembic at work: the script directory over the index, `env.py`, executing a plan."""
