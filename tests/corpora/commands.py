"""modalembic and stock Alembic, run in a corpus's own environment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from modalembic.postgres.url import DatabaseURL
from tests import catalog
from tests.corpora.environments import Environment

if TYPE_CHECKING:
    import psycopg


Schema = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Result:
    """What a command printed."""

    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """What stdout carries under `--format json`."""
        return cast(dict[str, Any], json.loads(self.out))


@dataclass(frozen=True)
class Corpus:
    """A project of modalembic in `root`, and the same histories under stock Alembic in `stock`."""

    environment: Environment
    root: Path
    stock: Path

    def modalembic(
        self,
        *arguments: str,
        database: str = "none",
        code: int = 0,
        environ: Mapping[str, str] | None = None,
    ) -> Result:
        """`modalembic ARGUMENTS`, which has to end with `code`. `database` is a URL."""
        cache = self.root.with_name(f"cache of {self.root.name}")
        ours = {"MODALEMBIC_DATABASE_URL": database, "MODALEMBIC_CACHE_DIR": str(cache)}
        return self._run(
            ["-m", "modalembic", *arguments], self.root, {**ours, **(environ or {})}, code
        )

    def alembic(
        self, url: str, *arguments: str, stock: Path | None = None, code: int = 0
    ) -> Result:
        """Stock `alembic ARGUMENTS` on the database at `url`, which has to end with `code`."""
        environ = {"DATABASE_URL": DatabaseURL.parse(url).sqlalchemy}
        return self._run(["-m", "alembic", *arguments], stock or self.stock, environ, code)

    def run_module(self, name: str, *arguments: str, environ: Mapping[str, str]) -> Result:
        """`python -m NAME ARGUMENTS` in the project's directory."""
        return self._run(["-m", name, *arguments], self.root, {**environ}, 0)

    def python(self, script: Path, environ: Mapping[str, str]) -> Result:
        """A script, run in the project's directory."""
        return self._run([str(script)], self.root, {**environ}, 0)

    def _run(
        self, arguments: list[str], directory: Path, environ: dict[str, str], code: int
    ) -> Result:
        path = os.pathsep.join(map(str, self.environment.path))
        done = subprocess.run(
            # Half of what is in there warns that it is too old.
            [self.environment.python, "-W", "ignore", *arguments],
            cwd=directory,
            env={**os.environ, "PYTHONPATH": path, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{arguments}\n{done.stdout}{done.stderr}"
        return Result(done.stdout, done.stderr)


@dataclass(frozen=True)
class Look:
    """Looks at databases by their URL."""

    connect: Callable[[str], psycopg.Connection[Any]]

    def schema(self, url: str) -> Schema:
        """The catalog."""
        return catalog.read(self.connect(url))

    def rows(self, url: str, *tables: str) -> list[str]:
        """The rows of version tables, sorted."""
        connection = self.connect(url)
        return sorted(
            row
            for table in tables or ("alembic_version",)
            for (row,) in connection.execute(f"SELECT version_num FROM {table}".encode())
        )

    def tables(self, url: str) -> list[str]:
        """The names of all tables, sorted."""
        found = self.connect(url).execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return sorted(name for (name,) in found)
