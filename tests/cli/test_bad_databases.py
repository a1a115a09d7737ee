from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from modalembic.postgres.url import DatabaseURL
from tests.cli.commandline import CommandLine, finish, shop, start
from tests.cli.test_bad_projects import assert_error
from tests.projects import ProjectFiles

Connect = Callable[..., psycopg.Connection[Any]]


@pytest.fixture
def database(database_url: str, connect_to: Connect) -> psycopg.Connection[Any]:
    return connect_to(database_url)


@pytest.fixture
def stranger(
    server: psycopg.Connection, database: psycopg.Connection[Any], database_url: str
) -> Iterator[str]:
    """The URL of the database for a role that may do nothing in particular."""
    name = f"stranger of {database.info.dbname}"
    server.execute(f'CREATE ROLE "{name}" LOGIN')
    database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    url = DatabaseURL.parse(database_url)
    yield replace(url, user=name, password=None).conninfo
    database.execute(f'DROP OWNED BY "{name}"')
    server.execute(f'DROP ROLE "{name}"')


def grant(database: psycopg.Connection[Any], hint: str) -> None:
    """Do what the hint of an error says."""
    statements = hint.partition("hint: ")[2].strip()
    assert statements.startswith("GRANT ")
    assert statements.endswith(";")
    database.execute(statements.encode())


def test_a_database_that_is_ahead(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    cli("upgrade", "--database", database_url)
    project.module("billing", requires=["core"]).revision_path("bill2").unlink()

    for arguments in (["upgrade"], ["plan"], ["downgrade", "base"]):
        assert_error(
            cli(*arguments, "--database", database_url),
            "the database is ahead of this code: it is at bill2 of billing",
            "hint: run the code that has it, or a newer one; nothing was run",
        )
    states = cli("modules", "--database", database_url, "--format", "json").json["modules"]
    assert {m["name"]: m["state"] for m in states}["billing"] == "ahead"
    assert "bill2     (not in this code)" in cli("current", "--database", database_url).out


def test_a_row_that_nobody_knows(
    cli: CommandLine, database_url: str, database: psycopg.Connection[Any]
) -> None:
    cli("upgrade", "core", "--database", database_url)
    database.execute("INSERT INTO alembic_version VALUES ('mystery')")

    assert_error(
        cli("upgrade", "--database", database_url),
        "the database is at revision mystery, which is not in this code and not in its history",
        "--allow-orphan mystery goes on without it",
    )
    allowed = cli("upgrade", "--allow-orphan", "mystery", "--database", database_url)
    assert allowed.code == 0
    assert (
        "the database is at mystery, which this code does not have; its row is left" in allowed.err
    )
    assert ("mystery",) in database.execute("SELECT * FROM alembic_version").fetchall()


def test_a_row_of_a_module_that_is_not_here_is_left_alone(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    project.module("plugin").revision("plug1")
    cli("upgrade", "plugin", "--database", database_url)
    shutil.rmtree(project.root / "app/modules/plugin")

    outcome = cli("upgrade", "--database", database_url)

    assert outcome.code == 0
    assert "the database is at plug1 of plugin, a module that is not discovered here" in outcome.err


def test_overlapping_rows_are_named_and_mended_by_the_command_of_the_hint(
    cli: CommandLine, database_url: str, database: psycopg.Connection[Any]
) -> None:
    cli("upgrade", "core", "--database", database_url)
    database.execute("INSERT INTO alembic_version VALUES ('core1')")

    outcome = cli("upgrade", "core", "--database", database_url)

    assert outcome.code == 0
    assert "warning: alembic_version has both core1 and core2, which implies it" in outcome.err
    hint = outcome.err.partition("hint: modalembic ")[2].split()[0]
    assert hint == "repair"
    cli(*hint.split(), "--database", database_url)
    assert database.execute("SELECT * FROM alembic_version").fetchall() == [("core2",)]


def test_a_user_who_may_only_read_gets_the_grant_that_is_missing(
    cli: CommandLine, database_url: str, stranger: str, database: psycopg.Connection[Any]
) -> None:
    cli("upgrade", "core", "--database", database_url)
    name = DatabaseURL.parse(stranger).user

    first = cli("upgrade", "--database", stranger)
    assert_error(first, f"role {name!r} may not read public.alembic_version")
    grant(database, first.err)
    assert cli("current", "--database", stranger).code == 0
    assert cli("plan", "--database", stranger).code == 0
    for arguments in (["stamp", "heads"], ["downgrade", "base"]):
        assert_error(cli(*arguments, "--database", stranger), "may not write")
    second = cli("upgrade", "--database", stranger)
    assert_error(second, f"role {name!r} may not write public.alembic_version")
    assert " or write public.modalembic_history" in second.err
    grant(database, second.err)
    third = cli("upgrade", "-q", "--database", stranger)
    assert_error(third, "permission denied for schema public", "CREATE TABLE invoices")
    grant(database, third.err)
    assert cli("upgrade", "-q", "--database", stranger).code == 0


@pytest.mark.parametrize("missing", ["INSERT", "UPDATE", "DELETE"])
def test_a_user_who_may_not_change_version_rows_in_every_way_is_refused_before_anything_runs(
    cli: CommandLine,
    database_url: str,
    stranger: str,
    database: psycopg.Connection[Any],
    missing: str,
) -> None:
    cli("upgrade", "core", "--database", database_url)
    name = DatabaseURL.parse(stranger).user
    given = sorted({"SELECT", "INSERT", "UPDATE", "DELETE"} - {missing})
    database.execute(f'GRANT {", ".join(given)} ON alembic_version TO "{name}"'.encode())
    database.execute(f'GRANT ALL ON modalembic_history TO "{name}"'.encode())
    database.execute(f'GRANT CREATE ON SCHEMA public TO "{name}"'.encode())

    outcomes = [
        cli(*arguments, "--database", stranger)
        for arguments in (["upgrade"], ["stamp", "heads"], ["downgrade", "base"])
    ]

    for outcome in outcomes:
        assert_error(outcome, f"role {name!r} may not write public.alembic_version", "GRANT ")
    assert database.execute("SELECT to_regclass('invoices')").fetchone() == (None,)
    assert database.execute("SELECT * FROM alembic_version").fetchall() == [("core2",)]
    grant(database, outcomes[0].err)
    database.execute(f'GRANT REFERENCES ON ALL TABLES IN SCHEMA public TO "{name}"'.encode())
    assert cli("upgrade", "--database", stranger).code == 0


def test_a_user_who_may_not_create_the_tables_gets_the_grant_that_is_missing(
    cli: CommandLine, database_url: str, stranger: str, database: psycopg.Connection[Any]
) -> None:
    first = cli("upgrade", "--database", stranger)
    assert_error(first, "may not create alembic_version in schema 'public'")
    grant(database, first.err)

    assert cli("upgrade", "--database", stranger).code == 0


def test_a_user_who_may_not_create_the_history_table_gets_the_grant_that_is_missing(
    cli: CommandLine, stranger: str, database: psycopg.Connection[Any]
) -> None:
    name = DatabaseURL.parse(stranger).user
    database.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    database.execute(f'GRANT ALL ON alembic_version TO "{name}"')

    outcome = cli("upgrade", "--database", stranger)

    assert_error(outcome, f"role {name!r} may not create modalembic_history in schema 'public'")
    grant(database, outcome.err)
    assert cli("upgrade", "--database", stranger).code == 0


def test_a_role_whose_transactions_are_read_only(
    cli: CommandLine, database_url: str, database: psycopg.Connection[Any]
) -> None:
    cli("upgrade", "core", "--database", database_url)
    name = database.info.dbname
    database.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    for arguments in (["upgrade"], ["stamp", "heads"], ["downgrade", "base"]):
        assert_error(
            cli(*arguments, "--database", database_url),
            f"database '{name}' is read-only",
            "default_transaction_read_only",
        )
    for arguments in (["upgrade", "core"], ["current"], ["plan"], ["modules"]):
        assert cli(*arguments, "--database", database_url).code == 0


def test_a_search_path_without_a_schema(
    cli: CommandLine, database_url: str, database: psycopg.Connection[Any]
) -> None:
    database.execute("DROP SCHEMA public")

    assert_error(cli("upgrade", "--database", database_url), "has no schema that exists")


def test_a_history_table_of_a_newer_modalembic(
    cli: CommandLine, database_url: str, database: psycopg.Connection[Any]
) -> None:
    cli("upgrade", "core", "--database", database_url)
    database.execute("COMMENT ON TABLE modalembic_history IS 'modalembic history, format 99'")

    assert_error(cli("upgrade", "--database", database_url), "format 99", "upgrade modalembic")


def test_an_id_that_is_too_long_for_the_version_column(
    cli: CommandLine, project: ProjectFiles, database_url: str, database: psycopg.Connection[Any]
) -> None:
    database.execute("CREATE TABLE alembic_version (version_num varchar(4) PRIMARY KEY)")

    assert_error(
        cli("upgrade", "--database", database_url),
        "core1",
        "5 characters",
        "takes 4",
        "ALTER TABLE",
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "postgresql://shop@localhost:1/shop",
            ["no Postgres server answers at postgresql://shop@localhost:1/shop", "start it"],
        ),
        ("postgresql://no-such-host.invalid/shop", ["no Postgres server answers", "correct host"]),
        ("mysql://localhost/shop", ["a 'mysql' URL is not a Postgres URL"]),
        ("shop", ["this is not a Postgres URL", "postgresql://USER:PASSWORD@HOST:5432/DATABASE"]),
    ],
)
def test_a_database_that_is_not_there(cli: CommandLine, url: str, words: list[str]) -> None:
    for arguments in (["upgrade"], ["current"], ["modules"], ["stamp", "heads"]):
        assert_error(cli(*arguments, "--database", url), *words)


def test_a_database_that_the_server_does_not_have(cli: CommandLine, database_url: str) -> None:
    url = DatabaseURL.parse(database_url).with_database("no such database").conninfo

    assert_error(
        cli("upgrade", "--database", url),
        'the server has no database "no such database"',
        "hint: createdb",
        "'no such database'",
    )


def test_a_driver_that_is_not_installed(cli: CommandLine, database_url: str) -> None:
    url = database_url.replace("postgresql:", "postgresql+psycopg2cffi:")

    assert_error(
        cli("upgrade", "--database", url),
        "the driver that postgresql+psycopg2cffi://",
        "hint: install psycopg2cffi, or write postgresql:// without a driver",
    )


def test_no_database_at_all(cli: CommandLine) -> None:
    for arguments in (["upgrade"], ["current"], ["stamp", "heads"], ["downgrade", "base"]):
        assert_error(cli(*arguments), "no database is named", "MODALEMBIC_DATABASE_URL")


def test_a_variable_in_the_configured_url_that_is_not_set(
    cli: CommandLine, project: ProjectFiles
) -> None:
    shop(project.root, 'database = "${NO_SUCH_VARIABLE}"')

    assert_error(
        cli("upgrade"), "NO_SUCH_VARIABLE", "pyproject.toml:3", "set NO_SUCH_VARIABLE, or give"
    )


def test_no_docker(project: ProjectFiles, tmp_path: Path) -> None:
    environ = {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}

    outcome = finish(
        start(["upgrade", "--database", "container"], cwd=project.root, environ=environ)
    )

    assert_error(outcome, "no Docker engine answers", "hint: start Docker", "--database embedded")
