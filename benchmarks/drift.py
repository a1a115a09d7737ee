"""`modalembic check drift` beside stock Alembic's way to the same question, in interleaved rounds.

    python benchmarks/drift.py                  the example, and 1,000 generated tables
    python benchmarks/drift.py --tables 200 --rounds 3

Stock is what CI does without modalembic: on a fresh database `alembic upgrade heads`, then `check`.
Both work on one embedded server that runs already. "The models' import" is what a process needs to
import them, and nothing else. Nothing here passes or fails: machines are shared, so that seconds
mean little and only ratios of one run can be compared.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from drift_project import generate

from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings
from modalembic.postgres.url import DatabaseURL

BIN = Path(sys.executable).parent
EXAMPLE = Path(__file__).parents[1] / "examples" / "marketplace"
IMPORT = """
from modalembic import Project
from modalembic.runtime.models.loaded import load_models
load_models(Project.load())
"""


@dataclass(frozen=True)
class Bench:
    """A copy of a project, the server, and files of which one is changed at a time."""

    root: Path
    server: DatabaseURL
    model: Path
    revision: Path

    def stock(self) -> None:
        """A fresh database, `alembic upgrade heads`, `alembic check`."""
        url = self.server.with_database("stock")
        with psycopg.connect(self.server.conninfo, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS stock WITH (FORCE)")
            connection.execute("CREATE DATABASE stock")
        ini = self.root / "alembic.ini"
        text = ini.read_text().partition("sqlalchemy.url")[0] if ini.exists() else "[alembic]\n"
        ini.write_text(f"{text}sqlalchemy.url = {url.sqlalchemy.replace('%', '%%')}\n")
        self._run("alembic", "upgrade", "heads")
        self._run("alembic", "check", may_find=True)

    def ours(self) -> None:
        """`modalembic check drift`."""
        self._run("modalembic", "check", "drift", may_find=True)

    def imported(self) -> None:
        """The models, imported."""
        self._run("python", "-c", IMPORT)

    def forget(self) -> None:
        """As on a machine that has never run it."""
        shutil.rmtree(self._cache / "catalogs", ignore_errors=True)

    def change_revision(self) -> None:
        """One revision says something else."""
        self._append(self.revision)

    def change_models(self) -> None:
        """One table has one column more."""
        columns = self.model.read_text().splitlines(keepends=True)
        place = next(n for n, line in enumerate(columns) if " mapped_column(" in line)
        name = f"added_{time.time_ns()}"
        columns.insert(place, f"    {name}: Mapped[int | None] = mapped_column()\n")
        self.model.write_text("".join(columns))

    @property
    def _cache(self) -> Path:
        return self.root / ".cache"

    def _append(self, file: Path) -> None:
        with file.open("a") as opened:
            opened.write(f"# {time.time_ns()}\n")

    def _run(self, program: str, *arguments: str, may_find: bool = False) -> None:
        environment = {
            **os.environ,
            "MODALEMBIC_CACHE_DIR": str(self._cache),
            "MODALEMBIC_SCRATCH_URL": self.server.conninfo,
        }
        # As on any machine where packages are installed: bytecode is kept.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            [str(BIN / program), *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode > (255 if may_find and program == "alembic" else int(may_find)):
            said = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
            sys.exit(f"{program} {' '.join(arguments)} failed:\n{said}")


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)  # root's server runs as another account
        settings = EmbeddedSettings(Path(directory) / "postgres", database="postgres")
        with open_embedded(settings, lambda _message: None) as server:
            measure("the example", example(Path(directory) / "example", server), given.rounds)
            project = Path(directory) / "generated"
            generate(project, given.tables)
            module = project / "app" / "modules" / "m000"
            revision = module / "migrations" / "versions" / "m000_first.py"
            bench = Bench(project, server, module / "models.py", revision)
            measure(f"{given.tables} generated tables", bench, given.rounds)


def example(root: Path, server: DatabaseURL) -> Bench:
    """A copy of the example."""
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("__pycache__", ".modalembic"))
    core = root / "app" / "modules" / "core"
    revision = max((core / "migrations" / "versions").glob("*.py"))
    return Bench(root, server, core / "models" / "user.py", revision)


def measure(title: str, bench: Bench, rounds: int) -> None:
    """Print the medians of all cases, and how many times faster each is than stock."""
    cases: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "stock": (lambda: None, bench.stock),
        "cold": (bench.forget, bench.ours),
        "nothing changed": (lambda: None, bench.ours),
        "migrations changed": (bench.change_revision, bench.ours),
        "models changed": (bench.change_models, bench.ours),
        "the models' import": (lambda: None, bench.imported),
    }
    bench.ours()  # bytecode
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        with _models_as_they_were(bench):
            for name, (before, run) in cases.items():
                before()
                start = time.perf_counter()
                run()
                taken[name].append(time.perf_counter() - start)
    stock = statistics.median(taken["stock"])
    print(f"{title} ({rounds} rounds)")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"  {name:20}{median:8.2f} s{stock / median:8.1f} x", flush=True)


@contextmanager
def _models_as_they_were(bench: Bench) -> Iterator[None]:
    text = bench.model.read_text()
    try:
        yield
    finally:
        bench.model.write_text(text)


if __name__ == "__main__":
    main()
