"""Stock Alembic and modalembic side by side, on the same work, in interleaved runs.

    python benchmarks/run.py                   100 modules of 50 revisions
    python benchmarks/run.py --modules 200 --revisions 100 --full-rounds 1

Prints the median of each and their ratio. Nothing here passes or fails: machines are shared, so
that seconds mean little and only ratios of one run can be compared.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from generate import generate

from modalembic.postgres.place import ContainerSettings, EmbeddedSettings, open_place
from modalembic.postgres.url import DatabaseURL

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Bench:
    """The project, the server, and an environment that both sides share."""

    root: Path
    server: DatabaseURL

    def stock(self, *arguments: str, database: str = "stock") -> None:
        """Run stock Alembic."""
        ini = self.root / "alembic.ini"
        text = ini.read_text().partition("sqlalchemy.url")[0]
        url = self.server.with_database(database).sqlalchemy.replace("%", "%%")
        ini.write_text(f"{text}sqlalchemy.url = {url}\n")
        self._run(str(BIN / "alembic"), *arguments)

    def ours(self, *arguments: str, database: str = "ours") -> None:
        """Run modalembic."""
        url = self.server.with_database(database).conninfo
        self._run(str(BIN / "modalembic"), *arguments, MODALEMBIC_DATABASE_URL=url)

    def _run(self, *command: str, **variables: str) -> None:
        cache = str(self.root / ".cache")
        environment = {**os.environ, "MODALEMBIC_CACHE_DIR": cache, **variables}
        # As on any machine where packages are installed: bytecode is kept.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def recreate(self, database: str) -> None:
        """An empty database."""
        with psycopg.connect(self.server.conninfo, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{database}"')


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--modules", type=int, default=100)
    parser.add_argument("--revisions", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5, help="of the cheap commands")
    parser.add_argument("--full-rounds", type=int, default=3, help="of the full upgrade")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "project"
        generate(root, given.modules, given.revisions)
        # The server's own account has to reach its data.
        Path(directory).chmod(0o755)
        embedded = EmbeddedSettings(data=Path(directory) / "postgres")
        with open_place("embedded", embedded=embedded, container=ContainerSettings()) as server:
            print(f"{given.modules} modules x {given.revisions} revisions")
            print(f"{'':24}{'stock':>10}{'modalembic':>12}{'ratio':>8}")
            measure(Bench(root, server), given.rounds, given.full_rounds)


def measure(bench: Bench, rounds: int, full_rounds: int) -> None:
    """Measure each command on both sides in turns."""
    compare("--help", rounds, lambda: bench.stock("--help"), lambda: bench.ours("--help"))
    # Once each before measuring: bytecode on one side, the cache of headers on the other. What is
    # written in the last two seconds is not trusted by the cache, so let those pass.
    bench.stock("heads")
    time.sleep(2.5)
    bench.ours("heads")
    compare("heads", rounds, lambda: bench.stock("heads"), lambda: bench.ours("heads"))
    compare(
        "full upgrade heads",
        full_rounds,
        lambda: bench.stock("upgrade", "heads"),
        lambda: bench.ours("upgrade", "heads"),
        before=lambda: (bench.recreate("stock"), bench.recreate("ours")),
    )
    compare(
        "no-op upgrade heads",
        rounds,
        lambda: bench.stock("upgrade", "heads"),
        lambda: bench.ours("upgrade", "heads"),
    )


def compare(
    name: str,
    rounds: int,
    stock: Callable[[], None],
    ours: Callable[[], None],
    before: Callable[[], object] = lambda: None,
) -> None:
    """Print the medians of `rounds` interleaved runs."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        before()
        sides = [(stock, times[0]), (ours, times[1])]
        # Whoever goes second finds a warmer machine; take turns.
        for run, taken in sides if turn % 2 == 0 else reversed(sides):
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
    one, other = (statistics.median(taken) for taken in times)
    print(f"{name:24}{one:9.2f}s{other:11.2f}s{other / one:8.2f}", flush=True)


if __name__ == "__main__":
    main()
