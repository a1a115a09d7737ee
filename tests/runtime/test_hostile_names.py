"""Names of schemas, tables, databases and roles that are anything but words."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from psycopg import sql
from sqlalchemy import make_url

from modalembic.postgres.url import DatabaseURL
from tests.projects import GLOB
from tests.runtime.isolation import forgotten
from tests.runtime.support import ENV, done, execute, fetch, modalembic, new_project, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import psycopg

    from tests.projects import ProjectFiles

HISTORY = "modalembic_history"
EVERYTHING = "a\"b'c%d%(x)s;e\nf\tg\\h:i::j{k}?--/*$$.é"
NAMES = [EVERYTHING, "%(version_table)s", '"', "{", "select", "x" * 63, "ü" * 31]
# Each by itself, so that a failure says which.
MORE = [
    'a"b',
    "a'b",
    "a%b",
    "%",
    "%(x)s",
    "%(table)s",
    "a;DROP TABLE b",
    "a\nb",
    "a\tb",
    "Grüße, 世界",
    "User",
    "a b",
    "a\\b",
    "a\\'b",
    "$$",
    "$a$",
    "$1",
    ":x",
    "a:b::c",
    "{x}",
    "--x",
    "/*x",
    "?",
    "a.b",
    "x" * 60,
]
COMMANDS = [
    ["plan"],
    ["upgrade", "--dry-run"],
    ["upgrade", "c1"],
    ["upgrade"],
    ["upgrade"],
    ["current", "--check"],
    ["modules"],
    ["history", "-i"],
    ["doctor"],
    ["repair"],
    ["prune", "--older-than", "0"],
    ["schema", "dump", "--format", "sql"],
    ["diff", "live", "live", "--sql"],
    ["stamp", "c1"],
    ["stamp", "heads"],
    ["downgrade", "base", "--dry-run"],
    ["downgrade", "base"],
    ["upgrade", "--log-format", "json"],
    ["install", "core"],
    ["uninstall", "core", "--yes", "--backup", "{tmp}/backup"],
]
each_name = pytest.mark.parametrize(
    "name",
    [*NAMES, *(pytest.param(name, marks=pytest.mark.soak) for name in MORE)],
    ids=range(len(NAMES) + len(MORE)),
)


@pytest.fixture(autouse=True)
def _own_app() -> Iterator[None]:
    with forgotten("app"):
        yield


def hostile_project(directory: Path, configuration: str = "", configure: str = "") -> ProjectFiles:
    """A project of one module; `configure` are more arguments of `context.configure`."""
    env = ENV.replace("context.configure(", f"context.configure({configure}")
    project = new_project(directory, f"{GLOB}\n{configuration}", env)
    core = project.module("core")
    core.revision("c1", **table("one")).revision("c2", down="c1", **table("two"))
    return project


def making(upgrade: str, downgrade: str) -> dict[str, str]:
    """The bodies of a revision that sends these statements as they are."""
    return {
        "upgrade": f"op.get_bind().exec_driver_sql({upgrade.replace('%', '%%')!r})",
        "downgrade": f"op.get_bind().exec_driver_sql({downgrade.replace('%', '%%')!r})",
    }


def toml(text: str) -> str:
    escaped = "".join(c if c.isprintable() and c not in '\\"' else f"\\u{ord(c):04x}" for c in text)
    return f'"{escaped}"'


def run_all(project: ProjectFiles, url: str, directory: Path) -> None:
    """Every command, with the URL."""
    for command in COMMANDS:
        arguments = [argument.format(tmp=directory) for argument in command]
        done(modalembic(project, *arguments, url=url))


def make_schema(url: str, name: str) -> None:
    execute(url, sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)).as_string())


@each_name
def test_a_version_table_and_its_schema(
    tmp_path: Path, make_database: Callable[[], str], name: str
) -> None:
    url, printed = make_database(), make_database()
    project = hostile_project(
        tmp_path,
        f"version_table = {toml(name)}\nversion_table_schema = {toml(name)}",
        f"version_table={name!r}, version_table_schema={name!r}, ",
    )
    make_schema(url, name)
    run_all(project, url, tmp_path)
    assert own_tables(url) == {(name, name), (name, HISTORY), (name, "modalembic_modules")}
    make_schema(printed, name)
    script = done(modalembic(project, "upgrade", "--sql", url=printed)).out
    execute(printed, script)
    done(modalembic(project, "current", "--check", url=printed))


@pytest.mark.parametrize("name", ["x" * 64, "ü" * 32], ids=["ascii", "bytes"])
@pytest.mark.parametrize("key", ["version_table", "version_table_schema"])
def test_a_name_that_postgres_would_cut_is_refused(
    tmp_path: Path, database_url: str, key: str, name: str
) -> None:
    """Nothing of that name would be found again: everything would be run a second time."""
    project = hostile_project(tmp_path, f"{key} = {toml(name)}", f"{key}={name!r}, ")
    for command in ("upgrade", "current", "doctor"):
        refused = modalembic(project, command, url=database_url)
        assert refused.code == 2
        assert "has 64 bytes; a name in Postgres has at most 63" in refused.err
    assert own_tables(database_url) == set()


def own_tables(url: str) -> set[tuple[str, str]]:
    """The tables that are not the migrations', with their schemas."""
    query = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT LIKE 'pg\\_%'"
    found = fetch(url, f"{query} AND schemaname <> 'information_schema'")
    return {(schema, name) for schema, name in found if name not in ("one", "two")}


@each_name
def test_a_search_path(tmp_path: Path, database_url: str, name: str) -> None:
    """Nobody names the schema: it is where the role's search path leads."""
    database = DatabaseURL.parse(database_url).database or ""
    make_schema(database_url, name)
    execute(
        database_url,
        sql.SQL("ALTER DATABASE {} SET search_path = {}")
        .format(sql.Identifier(database), sql.Identifier(name))
        .as_string(),
    )
    project = hostile_project(tmp_path)
    done(modalembic(project, "upgrade", url=database_url))
    done(modalembic(project, "doctor", url=database_url))
    assert own_tables(database_url) == {(name, "alembic_version"), (name, HISTORY)}


@each_name
def test_a_database_and_a_role(
    tmp_path: Path, server: psycopg.Connection, server_url: str, name: str
) -> None:
    there = DatabaseURL.parse(server_url).with_database(name)
    if make_url(there.sqlalchemy).database != name:
        name = name.replace("?", "")  # SQLAlchemy below 2.1 has no way to write it
    named = sql.Identifier(name)
    server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(named))
    server.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(named, named))
    try:
        url = replace(DatabaseURL.parse(server_url).with_database(name), user=name, password=None)
        project = hostile_project(tmp_path)
        run_all(project, url.conninfo, tmp_path)
        done(modalembic(project, "install", "core", url=url.conninfo))
        owner = url_of(server_url, name)
        execute(owner, "ALTER TABLE alembic_version OWNER TO CURRENT_USER")
        for _ in range(2):
            refused = modalembic(project, "downgrade", "base", url=url.conninfo)
            assert refused.code == 2
            execute(owner, refused.err.partition("hint: ")[2].rstrip("\n;"))
        done(modalembic(project, "downgrade", "base", url=url.conninfo))
    finally:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(named))
        server.execute(sql.SQL("DROP ROLE {}").format(named))


def url_of(server_url: str, database: str) -> str:
    return DatabaseURL.parse(server_url).with_database(database).conninfo


@each_name
def test_a_database_that_is_not_there(tmp_path: Path, server_url: str, name: str) -> None:
    """The hint is for a shell."""
    told = modalembic(hostile_project(tmp_path), "upgrade", url=url_of(server_url, name)).err
    assert "the server has no database" in told
    words = shlex.split(told.partition("hint: ")[2])
    assert words[0] == "createdb"
    assert words[-1] == name


class TestTables:
    """A table, its schema and column, a constraint and an index of one name."""

    @pytest.fixture
    def project(self, tmp_path: Path, name: str) -> ProjectFiles:
        project = new_project(
            tmp_path,
            f'{GLOB}\nmetadata = "app.base:metadata"\nschemas = [{toml(name)}]',
        )
        project.file("app/__init__.py").file("app/base.py", MODELS.format(name=name))
        core = project.module("core").file("models.py", "from app.base import table as table\n")
        quoted = sql.Identifier(name).as_string()
        core.revision(
            "c1",
            **making(
                f"CREATE SCHEMA {quoted}; CREATE TABLE {quoted}.{quoted} ({quoted} int "
                f"CONSTRAINT {quoted} CHECK ({quoted} > 0)); "
                f"CREATE INDEX ON {quoted}.{quoted} ({quoted})",
                f"DROP SCHEMA {quoted} CASCADE",
            ),
        )
        return project

    @each_name
    def test_are_dumped_compared_mended_and_backed_up(
        self,
        project: ProjectFiles,
        make_database: Callable[[], str],
        server_url: str,
        tmp_path: Path,
        name: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", server_url)
        url, restored = make_database(), make_database()
        done(modalembic(project, "upgrade", url=url))
        done(modalembic(project, "doctor", url=url))
        dump = done(modalembic(project, "schema", "dump", "--format", "sql", url=url)).out
        execute(restored, dump)
        done(modalembic(project, "diff", url, restored, url=url))
        done(modalembic(project, "check", "drift", "--against", "live", url=url))
        quoted = sql.Identifier(name).as_string()
        execute(url, f"ALTER TABLE {quoted}.{quoted} ADD COLUMN more int")
        execute(restored, modalembic(project, "diff", url, restored, "--sql", url=url).out)
        done(modalembic(project, "diff", url, restored, url=url))
        backup = str(tmp_path / "backup")
        done(modalembic(project, "uninstall", "core", "--yes", "--backup", backup, url=url))
        assert fetch(
            url,
            "SELECT count(*) FROM pg_namespace WHERE nspname <> 'public' AND "
            "nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'",
        ) == [(0,)]


MODELS = """
from sqlalchemy import CheckConstraint, Column, Index, Integer, MetaData, Table

metadata = MetaData(schema={name!r})
table = Table({name!r}, metadata, Column({name!r}, Integer))
"""
