"""As short an env.py as stock Alembic takes."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import NullPool, create_engine

engine = create_engine(os.environ["DATABASE_URL"], poolclass=NullPool)

with engine.connect() as connection:
    context.configure(
        connection=connection,
        version_table=context.get_x_argument(as_dictionary=True).get("table", "alembic_version"),
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
