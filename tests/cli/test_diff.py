from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.url import DatabaseURL
from tests.cli.commandline import CommandLine
from tests.projects import ProjectFiles

if TYPE_CHECKING:
    import psycopg

Connect = Callable[..., "psycopg.Connection[Any]"]
MAILS = "CREATE TABLE mails (id integer, kind varchar, CHECK ({}))"
ONE_SPELLING = "kind IN ('in', 'out')"
ANOTHER = "kind::text = ANY (ARRAY['in'::varchar::text, 'out'::varchar::text])"


@pytest.fixture
def project(project: ProjectFiles, server_directory: Path) -> ProjectFiles:
    """The shop, with its embedded server's data where every account can reach it."""
    data = server_directory / "scratch" / "postgres"
    return project.configure(
        'modules = ["app/modules/*"]\nscratch = "embedded"\n'
        f'[tool.modalembic.embedded]\ndata = "{data}"'
    )


@pytest.fixture
def pair(
    make_database: Callable[[], str], connect_to: Connect
) -> Callable[[str, str], tuple[str, str]]:
    """Makes two databases from two scripts."""

    def make(first: str, second: str) -> tuple[str, str]:
        urls = make_database(), make_database()
        for url, script in zip(urls, (first, second), strict=True):
            connect_to(url).execute(script.encode())
        return urls

    return make


Pair = Callable[[str, str], tuple[str, str]]


def test_databases_that_are_the_same_have_no_differences(cli: CommandLine, pair: Pair) -> None:
    one, other = pair(MAILS.format("id > 0"), MAILS.format("id > 0"))

    outcome = cli("diff", one, other)

    assert (outcome.code, outcome.out) == (0, "no differences\n")


@pytest.mark.slow
def test_another_spelling_is_no_difference_unless_asked_for(cli: CommandLine, pair: Pair) -> None:
    one, other = pair(MAILS.format(ONE_SPELLING), MAILS.format(ANOTHER))

    assert cli("diff", one, other).out == "no differences\n"
    literally = cli("diff", "--literally", one, other)
    assert literally.code == 1
    assert "error: constraint public.mails.mails_kind_check: expression is" in literally.out


def test_a_live_database_is_compared_with_a_dump_of_it(
    cli: CommandLine, database_url: str, connect_to: Connect, tmp_path: Path
) -> None:
    file = tmp_path / "before.json"
    database = ("--database", database_url)
    cli("upgrade", *database)
    cli("schema", "dump", "--output", file, *database)
    connect_to(database_url).execute("ALTER TABLE people ADD COLUMN shoe_size integer NOT NULL")

    outcome = cli("diff", file, "live", *database)

    assert outcome.code == 1
    difference, place, count = outcome.out.splitlines()
    assert difference == "error: column public.people.shoe_size is not expected (integer not null)"
    assert place.startswith("  at core: ")
    assert count == "1 error"
    assert cli("diff", file, file).code == 0


def test_the_document_has_every_difference(cli: CommandLine, pair: Pair) -> None:
    one, other = pair(
        "CREATE TABLE t (a integer); CREATE INDEX i ON t (a)",
        "CREATE TABLE t (a integer); CREATE INDEX j ON t (a); COMMENT ON TABLE t IS 'x'",
    )

    outcome = cli("diff", one, other, "--format", "json")

    assert outcome.code == 0
    document = outcome.json
    assert (document["ok"], document["from"], document["to"]) == (True, one, other)
    assert document["differences"] == [
        {
            "object": "index",
            "name": "public.t.i",
            "part": "name",
            "expected": "i",
            "actual": "j",
            "severity": "warning",
            "table": "public.t",
            "module": None,
            "path": None,
            "line": None,
            "fix": "ALTER INDEX public.j RENAME TO i;",
            "fix_reason": None,
        },
        {
            "object": "table",
            "name": "public.t",
            "part": "comment",
            "expected": None,
            "actual": "x",
            "severity": "warning",
            "table": "public.t",
            "module": None,
            "path": None,
            "line": None,
            "fix": "COMMENT ON TABLE public.t IS NULL;",
            "fix_reason": None,
        },
    ]


def test_only_the_schemas_that_are_named_are_compared(
    cli: CommandLine, pair: Pair, tmp_path: Path
) -> None:
    file = tmp_path / "one.json"
    one, other = pair("CREATE SCHEMA a", "CREATE SCHEMA a; CREATE TABLE t ()")
    cli("schema", "dump", "--output", file, "--database", one)

    for expected in (one, file):
        assert cli("diff", expected, other).code == 1
        assert cli("diff", "--schema", "a", expected, other).out == "no differences\n"
    outcome = cli("diff", "--schema", "b", file, file)
    assert outcome.code == 2
    assert "error: the dump has no schema 'b'" in outcome.err


def test_what_is_neither_url_nor_file_is_an_error(cli: CommandLine, tmp_path: Path) -> None:
    outcome = cli("diff", "nothing.json", "live")

    assert outcome.code == 2
    assert "'nothing.json' is neither live, models, migrations nor git:REF" in outcome.err


def test_a_file_that_is_no_dump_is_an_error_with_its_name(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "dump.json"
    file.write_text('{"version": 1, "catalog": {"tables": 1}, "server_version": 1}')

    outcome = cli("diff", file, file)

    assert outcome.code == 2
    assert "catalog.tables is not a list, but 1" in outcome.err
    assert "dump.json" in outcome.err


@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--debug",)], ids=str)
def test_no_password_of_either_side_is_shown(
    cli: CommandLine, pair: Pair, options: tuple[str, ...]
) -> None:
    one, other = (
        replace(DatabaseURL.parse(url), password="hush-no-body-knows").conninfo
        for url in pair("", "")
    )

    assert "hush" not in cli("diff", one, other, *options).said
    nowhere = "postgresql://someone:hush-no-body-knows@localhost:1/nothing"
    assert "hush" not in cli("diff", one, nowhere, *options).said
