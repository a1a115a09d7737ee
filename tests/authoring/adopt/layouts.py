"""Small Alembic projects of every layout, as they are before modalembic."""

from __future__ import annotations

from pathlib import Path

from tests.projects import ProjectFiles
from tests.runtime.support import sql

INI = """
[alembic]
script_location = %(here)s/migrations
prepend_sys_path = .
"""
# As `alembic init` writes it, without the comments: it connects to what the ini file says.
GENERIC = """
from alembic import context
from sqlalchemy import engine_from_config, pool

config = context.config
target_metadata = None


def run_migrations_online():
    connectable = engine_from_config(
        config.get_section(config.config_ini_section, {}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )

    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)

        with context.begin_transaction():
            context.run_migrations()


run_migrations_online()
"""
# It knows its database itself, and nobody else's.
STUBBORN = """
from alembic import context
from sqlalchemy import create_engine

from app.db import Base
from app.models import *  # noqa: F403

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"

engine = create_engine(NOWHERE)
with engine.connect() as connection:  # ours
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
# As `alembic init -t async`, with a URL of its own.
ASYNC = """
import asyncio

from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine


def do_run_migrations(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def run_async_migrations():
    connectable = create_async_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    async with connectable.connect() as connection:
        await connection.run_sync(do_run_migrations)
    await connectable.dispose()


def run_migrations_online():
    asyncio.run(run_async_migrations())


run_migrations_online()
"""
MODELS = """
from sqlalchemy import Column, Integer
{base}

class Invoice(Base):
    __tablename__ = "invoices"

    id = Column(Integer, primary_key=True)
"""
BASE = """
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""
INVOICES = {
    "upgrade": sql("CREATE TABLE invoices (id serial PRIMARY KEY)"),
    "downgrade": sql("DROP TABLE invoices"),
}
ORDERS = {
    "upgrade": sql("CREATE TABLE orders (id int)", "CREATE INDEX ix_orders ON orders (id)"),
    "downgrade": sql("DROP TABLE orders"),
}


def generic(root: Path, env: str = GENERIC, ini: str = INI) -> ProjectFiles:
    """One branch, in the usual place."""
    project = ProjectFiles(root).file("alembic.ini", ini).file("migrations/env.py", env)
    versions = project.location("migrations/versions")
    versions.revision("aa1", **INVOICES).revision("aa2", down="aa1", **ORDERS)
    return project


def with_models(project: ProjectFiles) -> ProjectFiles:
    """A base in `app.db`, the model of invoices in the module billing, re-exported by
    `app.models`; the module catalog has no models."""
    project.file("app/__init__.py").file("app/db.py", BASE)
    project.file("app/models/__init__.py", "from app.modules.billing.models import Invoice\n")
    imported = "from app.db import Base\n\n"
    project.module("billing").file("models.py", MODELS.format(base=imported))
    project.module("catalog")
    return project


def revision_of(project: ProjectFiles, module: str) -> str:
    """The id of the one revision of a module, which its HEAD file has."""
    return (project.root / f"app/modules/{module}/migrations/versions/HEAD").read_text().strip()
