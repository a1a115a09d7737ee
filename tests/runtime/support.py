"""What tests of runs share: small projects, the command line, looks at a database."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any, cast

from modalembic.cli.main import run
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.options import Observer
from tests.projects import GLOB, ProjectFiles

if TYPE_CHECKING:
    import psycopg

# As short as an env.py can be that works under modalembic and under stock Alembic.
ENV = """
from alembic import context
from sqlalchemy import NullPool, create_engine

url = context.config.get_main_option("sqlalchemy.url")
if context.is_offline_mode():
    url = url or "postgresql+psycopg://"
    context.configure(url=url, literal_binds=True, dialect_opts={'paramstyle': 'named'})
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()
"""


def new_project(directory: Path, configuration: str = GLOB, env: str = ENV) -> ProjectFiles:
    """A project with modules in `app/modules/*` and `env` as its `migrations/env.py`."""
    project = ProjectFiles(directory / "shop").configure(configuration)
    return project.file("migrations/env.py", env)


def sql(*statements: str) -> str:
    """The body of an upgrade or a downgrade that runs `statements`, one in each line."""
    return "\n".join(f"op.execute({statement!r})" for statement in statements)


def table(name: str) -> dict[str, str]:
    """The two bodies of a revision that makes the table `name`."""
    return {"upgrade": sql(f"CREATE TABLE {name} (id int)"), "downgrade": sql(f"DROP TABLE {name}")}


@dataclass(frozen=True)
class Result:
    """How a call of the command line ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """What stdout carries under `--format json`."""
        return cast(dict[str, Any], json.loads(self.out))


def modalembic(project: ProjectFiles, *arguments: str, url: str | None = None) -> Result:
    """`modalembic ARGUMENTS` in `project`, in this process."""
    options = ["--project", str(project.root)]
    options += ["--database", url] if url is not None else []
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([*options, *arguments])
    return Result(code, out.getvalue(), err.getvalue())


def done(result: Result) -> Result:
    """`result`, which has to be a success."""
    assert result.code == 0, result.err or result.out
    return result


def fetch(url: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connect(DatabaseURL.parse(url)) as connection:
        return connection.execute(statement.encode()).fetchall()


def execute(url: str, *statements: str) -> None:
    """Run statements, each in a transaction of its own."""
    with connect(DatabaseURL.parse(url)) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def versions(url: str, name: str = "alembic_version") -> set[str]:
    """The version rows; none where there is no such table."""
    if fetch(url, f"SELECT to_regclass('{name}')") == [(None,)]:
        return set()
    return {row[0] for row in fetch(url, f"SELECT version_num FROM {name}")}


def tables(url: str, schema: str = "public") -> set[str]:
    """The tables of a schema, but for Alembic's and modalembic's own."""
    found = fetch(url, f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'")
    own = {"alembic_version", "modalembic_history", "modalembic_modules"}
    return {row[0] for row in found} - own


def history(url: str, columns: str = "revision, direction") -> list[tuple[Any, ...]]:
    """The history table, oldest first."""
    return fetch(url, f"SELECT {columns} FROM modalembic_history ORDER BY id")


def column(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The first value of each row."""
    return [row[0] for row in rows]


class Recorder(Observer):
    """Keeps what it is told; `on_retry` is called before the pause of a retry."""

    def __init__(self, on_retry: Any = None) -> None:
        self.told: list[str] = []
        self.retries = 0
        self._on_retry = on_retry

    def event(self, text: str) -> None:
        self.told.append(text)

    def warning(self, warning: Any) -> None:
        self.told.append(f"{warning.code}: {warning.message}")

    def waiting(self, holder: Any, seconds: float) -> None:  # noqa: ARG002
        self.told.append(f"waiting for {holder}")

    def retrying(self, step: Any, attempt: int, pause: float, why: str) -> None:  # noqa: ARG002
        self.retries += 1
        if self._on_retry is not None:
            self._on_retry()


def lock_table(connection: psycopg.Connection[Any], name: str) -> None:
    """Take a lock on a table that every other statement on it waits for, until a rollback."""
    connection.execute("BEGIN")
    connection.execute(f"LOCK TABLE {name}".encode())


def body(text: str) -> str:
    """The body of a function, dedented."""
    return dedent(text).strip()


def modalembic_process(project: ProjectFiles, *arguments: str, url: str | None = None) -> Result:
    """`modalembic ARGUMENTS` in a process of its own, for an env.py that changes its process
    (logging, say) or imports the application."""
    command = [sys.executable, "-m", "modalembic", *arguments]
    command += ["--database", url] if url is not None else []
    return _process(command, project.root)


def alembic_process(project: ProjectFiles, *arguments: str, **environ: str) -> Result:
    """Stock `alembic ARGUMENTS` in a process of its own."""
    return _process([sys.executable, "-m", "alembic", *arguments], project.root, environ)


def _process(
    command: Sequence[str], directory: Path, environ: Mapping[str, str] | None = None
) -> Result:
    ended = subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)
