from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest

from modalembic.postgres.url import DatabaseURL
from tests.cli.commandline import CommandLine
from tests.projects import ProjectFiles

PASSWORD = "hush:hush/no-body knows@all%"


@pytest.fixture
def secret_url(database_url: str) -> str:
    """The URL of an empty database, with a password that the server does not ask for."""
    return replace(DatabaseURL.parse(database_url), password=PASSWORD).conninfo


def assert_no_password(text: str) -> None:
    assert "hush" not in text
    assert "no-body" not in text
    assert quote(PASSWORD, safe="") not in text


COMMANDS = [
    ["upgrade", "--dry-run"],
    ["upgrade", "core", "--sql"],
    ["upgrade", "core"],
    ["upgrade", "core"],
    ["current"],
    ["plan"],
    ["modules"],
    ["history", "-i"],
    ["stamp", "core"],
    ["downgrade", "core@-1"],
    ["upgrade", "nowhere"],
    ["downgrade", "core@-9"],
    ["upgrade", "--module", "nowhere"],
    ["upgrade", "--no-such-option"],
]


@pytest.mark.parametrize("options", [(), ("--debug",), ("--format", "json")], ids=str)
@pytest.mark.parametrize("where", ["option", "environment", "configuration"])
def test_no_command_shows_the_password(
    cli: CommandLine,
    project: ProjectFiles,
    secret_url: str,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    options: tuple[str, ...],
) -> None:
    project.module("billing", requires=["core"]).revision(
        "bill2", down="bill1", upgrade=f'op.execute("SELECT 1/0 --" + {PASSWORD!r})'
    )
    database = ["--database", secret_url] if where == "option" else []
    if where == "environment":
        monkeypatch.setenv("MODALEMBIC_DATABASE_URL", secret_url)
    if where == "configuration":
        monkeypatch.setenv("SHOP_DATABASE", secret_url)
        project.configure('modules = ["app/modules/*"]\ndatabase = "${SHOP_DATABASE}"')
    for arguments in COMMANDS:
        assert_no_password(cli(*arguments, *database, *options).said)
    failed = cli("upgrade", *database, *options)
    assert_no_password(failed.said)
    assert "division by zero" in failed.said  # in a statement that had the password in it


@pytest.mark.parametrize("options", [(), ("--debug",), ("--format", "json")], ids=str)
@pytest.mark.parametrize(
    "tail",
    ["@localhost:1/nothing", "@no-such-host.invalid/nothing", "@a@b/c", "@localhost:x/nothing"],
)
def test_a_url_that_leads_nowhere_does_not_show_its_password(
    cli: CommandLine, tail: str, options: tuple[str, ...]
) -> None:
    url = f"postgresql://shop:{quote(PASSWORD, safe='')}{tail}"
    for arguments in (["upgrade"], ["current"], ["stamp", "heads"], ["plan"]):
        outcome = cli(*arguments, "--database", url, *options)
        assert outcome.code == 2
        assert_no_password(outcome.said)


@pytest.mark.parametrize(
    "arguments",
    [
        ["upgrade", "postgresql://shop:hush@host/shop"],
        ["upgrade", "heads", "postgresql://shop:hush@host/shop"],
        ["postgresql://shop:hush@host/shop"],
        ["upgrade", "--datbase=postgresql://shop:hush@host/shop"],
        ["show", "postgresql://shop:hush@host/shop"],
        ["upgrade", "--database", "mysql://shop:hush@host/shop"],
        ["upgrade", "--database", "shop:hush@host/shop"],
        ["stamp", "postgresql://host/shop?password=hush"],
    ],
    ids=lambda arguments: " ".join(arguments).replace("/", "_"),
)
def test_a_url_in_the_wrong_place_does_not_show_its_password(
    cli: CommandLine, database_url: str, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("MODALEMBIC_DATABASE_URL", database_url)
    for options in ((), ("--debug",), ("--format", "json")):
        outcome = cli(*arguments, *options)
        assert outcome.code == 2
        assert_no_password(outcome.said)


def test_an_env_py_that_fails_does_not_show_the_password(
    cli: CommandLine, project: ProjectFiles, secret_url: str
) -> None:
    project.file(
        "migrations/env.py",
        """
        from alembic import context

        raise RuntimeError(context.config.get_main_option("sqlalchemy.url"))
        """,
    )
    for options in ((), ("--debug",), ("--format", "json")):
        outcome = cli("upgrade", "--database", secret_url, *options)
        assert "env.py failed: RuntimeError" in outcome.said
        assert_no_password(outcome.said)


def test_an_env_py_with_a_url_of_its_own_does_not_show_the_password(
    cli: CommandLine, project: ProjectFiles
) -> None:
    project.file(
        "migrations/env.py",
        """
        from alembic import context
        from sqlalchemy import NullPool, create_engine

        url = "postgresql+psycopg://shop:hush@localhost:1/nothing"
        with create_engine(url, poolclass=NullPool).connect() as connection:
            context.configure(connection=connection, url=url)
            context.run_migrations()
        """,
    )
    for options in ((), ("--debug",), ("--format", "json")):
        outcome = cli("upgrade", *options)
        assert "env.py failed: OperationalError" in outcome.said
        if not options:
            assert_no_password(outcome.said)
