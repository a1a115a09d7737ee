"""The tables in which Alembic's own comparison, with every option on, finds differences between the
models of the project in the working directory and the database at `DATABASE_URL`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from modalembic.history.computed import search_path
from modalembic.project import Project
from modalembic.runtime.models.application import application_context
from modalembic.runtime.models.loaded import load_models
from modalembic.runtime.models.metadata import merged_metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

project = Project.load(Path.cwd())
with application_context(project), search_path(project.search):
    metadata = merged_metadata(load_models(project))


def compared(connection: Connection, **options: bool) -> list[Any]:
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def everything(connection: Connection) -> list[Any]:
    """With every option on; without defaults where Alembic fails over one (of a JSON column)."""
    try:
        return compared(connection, compare_type=True, compare_server_default=True)
    except DBAPIError:
        connection.rollback()
        return compared(connection, compare_type=True)


found: set[str] = set()
with create_engine(os.environ["DATABASE_URL"]).connect() as engine_connection:
    for operation in everything(engine_connection):
        first = operation[0] if isinstance(operation, list) else operation
        item = first[1]
        if isinstance(item, str) or item is None:  # a column: schema, table, …
            found.add(str(first[2]))
        else:
            found.add(str(getattr(getattr(item, "table", None), "name", None) or item.name))
sys.stdout.write(f"compared: {json.dumps(sorted(found - {'modalembic_history'}))}")
