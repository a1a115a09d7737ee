"""Invenio's histories under stock Alembic, with all that Invenio gives them: its models too."""

from __future__ import annotations

import os
from importlib.metadata import entry_points

from alembic import context
from flask import Flask
from invenio_db.shared import db
from invenio_i18n import InvenioI18N
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import configure_mappers

app = Flask("app")
InvenioI18N(app)
engine = create_engine(os.environ["DATABASE_URL"], poolclass=NullPool)

with app.app_context(), engine.connect() as connection:
    for point in entry_points(group="invenio_db.models"):
        point.load()
    configure_mappers()
    context.configure(
        connection=connection, target_metadata=db.metadata, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
