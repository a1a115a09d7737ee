"""Histories to be interrupted: several modules, several statements in each revision, and data."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.projects import ProjectFiles

URL_VARIABLE = "SHOP_DATABASE_URL"

# env.py as projects have them: the template's, a plain one, one with a transaction for each
# revision, one that makes a schema before, one that alone knows the database, one with an async
# engine.
ENVIRONMENTS: dict[str, str] = {
    "template": "from modalembic import env\nenv.run()\n",
    "plain": """
        from alembic import context
        from sqlalchemy import NullPool, create_engine
        url = context.config.get_main_option("sqlalchemy.url")
        with create_engine(url, poolclass=NullPool).connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """,
    "per migration": """
        from alembic import context
        from sqlalchemy import NullPool, create_engine
        url = context.config.get_main_option("sqlalchemy.url")
        with create_engine(url, poolclass=NullPool).connect() as connection:
            context.configure(connection=connection, transaction_per_migration=True)
            with context.begin_transaction():
                context.run_migrations()
        """,
    "schema": """
        from alembic import context
        from sqlalchemy import NullPool, create_engine, text
        url = context.config.get_main_option("sqlalchemy.url")
        with create_engine(url, poolclass=NullPool).connect() as connection:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS extra"))
            connection.commit()
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """,
    "own url": f"""
        import os
        from alembic import context
        from sqlalchemy import NullPool, create_engine
        url = os.environ["{URL_VARIABLE}"].replace("postgresql:", "postgresql+psycopg:")
        with create_engine(url, poolclass=NullPool).connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """,
    "asynchronous": """
        import asyncio
        from alembic import context
        from sqlalchemy import NullPool
        from sqlalchemy.engine import make_url
        from sqlalchemy.ext.asyncio import create_async_engine
        url = make_url(context.config.get_main_option("sqlalchemy.url"))
        url = url.set(drivername="postgresql+psycopg_async")

        def work(connection):
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()

        async def main():
            engine = create_async_engine(url, poolclass=NullPool)
            async with engine.connect() as connection:
                await connection.run_sync(work)
            await engine.dispose()

        asyncio.run(main())
        """,
}


@dataclass(frozen=True)
class Statements:
    """What a revision does, what of that stands in an `autocommit_block`, and what undoes it."""

    do: tuple[str, ...]
    undo: tuple[str, ...]
    block: tuple[str, ...] = ()
    undo_block: tuple[str, ...] = ()


@dataclass
class Writer:
    """Draws the revisions of one history. What a statement may refer to is kept, so that each
    works."""

    draw: random.Random
    tables: dict[str, list[str]] = field(default_factory=dict)
    count: int = 0

    def revision(self, module: str, id_: str, *, blocks: bool) -> Statements:
        """A revision of several statements; with `blocks` it has an `autocommit_block`."""
        parts = self._basics(module, id_)
        kinds = (self._table, self._column, self._data, self._objects)
        parts += [self.draw.choice(kinds)(module) for _ in range(self.draw.randint(1, 3))]
        block = self._block(module) if blocks else Statements((), ())
        return Statements(
            tuple(statement for part in parts for statement in part.do),
            tuple(statement for part in reversed(parts) for statement in part.undo),
            block.do,
            block.undo,
        )

    def _basics(self, module: str, id_: str) -> list[Statements]:
        """Every revision counts itself."""
        ran = f"{module}_ran"
        counted = Statements(
            (f"INSERT INTO {ran} (revision) VALUES ('{id_}')",),
            (f"INSERT INTO {ran} (revision) VALUES ('{id_}, undone')",),
        )
        if module in self.tables:
            return [counted]
        self.tables[module] = []
        first = Statements((f"CREATE TABLE {ran} (revision text)",), (f"DROP TABLE {ran}",))
        return [first, counted, self._table(module)]

    def _name(self, module: str, kind: str) -> str:
        self.count += 1
        return f"{module}_{kind}_{self.count}"

    def _table(self, module: str) -> Statements:
        name = self._name(module, "table")
        known = sorted(name for names in self.tables.values() for name in names)
        self.tables[module].append(name)
        key = f", parent int REFERENCES {self.draw.choice(known)}" if known else ""
        return Statements(
            (
                f"CREATE TABLE {name} (id int PRIMARY KEY, label text NOT NULL DEFAULT 'x'{key})",
                f"INSERT INTO {name} (id, label) SELECT n, 'r' || n FROM generate_series(1, 9) n",
            ),
            (f"DROP TABLE {name}",),
        )

    def _column(self, module: str) -> Statements:
        table, column = self.draw.choice(self.tables[module]), self._name("c", "column")
        return Statements(
            (
                f"ALTER TABLE {table} ADD COLUMN {column} int",
                f"UPDATE {table} SET {column} = id * {self.count}",
                f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT 0",
            ),
            (f"ALTER TABLE {table} DROP COLUMN {column}",),
        )

    def _data(self, module: str) -> Statements:
        table = self.draw.choice(self.tables[module])
        self.count += 1
        first = self.count * 100
        return Statements(
            (
                f"INSERT INTO {table} (id) SELECT {first} + n FROM generate_series(1, 5) n",
                f"UPDATE {table} SET label = label || '!' WHERE id % 2 = 0",
            ),
            (f"DELETE FROM {table} WHERE id BETWEEN {first} AND {first + 99}",),
        )

    def _objects(self, module: str) -> Statements:
        table = self.draw.choice(self.tables[module])
        kind, function = self._name(module, "kind"), self._name(module, "double")
        view, index = self._name(module, "view"), self._name(module, "index")
        return Statements(
            (
                f"CREATE TYPE {kind} AS ENUM ('a', 'b')",
                f"CREATE FUNCTION {function}(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'",
                f"CREATE VIEW {view} AS SELECT {function}(id) AS doubled FROM {table}",
                f"CREATE INDEX {index} ON {table} (label)",
            ),
            (
                f"DROP INDEX {index}",
                f"DROP VIEW {view}",
                f"DROP FUNCTION {function}(int)",
                f"DROP TYPE {kind}",
            ),
        )

    def _block(self, module: str) -> Statements:
        """What cannot run in a transaction, or need not: indexes built, built anew and dropped, a
        label, rows."""
        table = self.draw.choice(self.tables[module])
        index, kind = self._name(module, "index"), self._name(module, "kind")
        return Statements(
            (
                f"CREATE INDEX CONCURRENTLY {index} ON {table} (label)",
                f"INSERT INTO {table} (id) VALUES (-{self.count})",
                f"CREATE TYPE {kind} AS ENUM ('a')",
                f"ALTER TYPE {kind} ADD VALUE 'b'",
                f"REINDEX INDEX CONCURRENTLY {index}",
                f"CREATE UNIQUE INDEX CONCURRENTLY {index}_once ON {table} (id)",
                f"DROP INDEX CONCURRENTLY {index}_once",
            ),
            (
                f"DELETE FROM {table} WHERE id = -{self.count}",
                f"DROP TYPE {kind}",
                f"DROP INDEX CONCURRENTLY {index}",
            ),
        )


MODULES = {"core": (), "billing": ("core",), "orders": ("core", "billing")}


def write_history(
    directory: Path, *, seed: int, environment: str = "template", blocks: bool = False
) -> ProjectFiles:
    """A project of three modules that need each other; `blocks` gives every third revision an
    `autocommit_block`."""
    files = ProjectFiles(directory).configure()
    files.file("migrations/env.py", ENVIRONMENTS[environment])
    writer = Writer(random.Random(seed))
    heads: dict[str, str] = {}
    number = 0
    for module, requires in MODULES.items():
        written = files.module(module, requires=requires)
        for _ in range(writer.draw.randint(2, 3)):
            number += 1
            id_ = f"{module[:2]}{number:02}"
            made = writer.revision(module, id_, blocks=blocks and number % 3 == 0)
            depends = None if module in heads else [heads[name] for name in requires] or None
            written.revision(
                id_,
                down=heads.get(module),
                depends_on=depends,
                upgrade=_body(made.do, made.block),
                downgrade=_body(made.undo, made.undo_block),
            )
            heads[module] = id_
    return files


def _body(inside: Sequence[str], outside: Sequence[str]) -> str:
    """The block stands before the last of the statements in the transaction."""
    lines = [f"op.execute({statement!r})" for statement in inside]
    if outside:
        block = [f"    op.execute({statement!r})" for statement in outside]
        lines[-1:-1] = ["with op.get_context().autocommit_block():", *block]
    return "\n".join(lines)
