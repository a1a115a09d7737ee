from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.catalog import loads
from modalembic.postgres.url import DatabaseURL
from tests.cli.commandline import CommandLine

if TYPE_CHECKING:
    import psycopg

Connect = Callable[..., "psycopg.Connection[Any]"]


@pytest.fixture
def shop_url(cli: CommandLine, database_url: str, connect_to: Connect) -> str:
    """A database at the heads, with a schema and a table of its own besides."""
    assert cli("upgrade", "--database", database_url).code == 0
    connect_to(database_url).execute("CREATE SCHEMA extra; CREATE TABLE extra.things (id integer)")
    return database_url


def names(document: dict[str, Any]) -> list[str]:
    return [f"{t['schema']}.{t['name']}" for t in document["catalog"]["tables"]]


def test_a_dump_has_every_table_but_alembics_and_modalembics(
    cli: CommandLine, shop_url: str
) -> None:
    outcome = cli("schema", "dump", "--database", shop_url)

    assert outcome.code == 0
    assert names(outcome.json) == [
        "extra.things",
        "public.invoices",
        "public.parcels",
        "public.payments",
        "public.people",
        "public.roles",
    ]
    assert outcome.json["server_version"] >= 140000
    assert outcome.json["database"].startswith("postgresql://")
    assert len(loads(outcome.out).tables) == 6


def test_schemas_can_be_chosen(cli: CommandLine, shop_url: str) -> None:
    outcome = cli("schema", "dump", "--schema", "extra", "--database", shop_url)

    assert names(outcome.json) == ["extra.things"]


def test_a_schema_that_is_not_there_is_an_error(cli: CommandLine, shop_url: str) -> None:
    outcome = cli("schema", "dump", "--schema", "nowhere", "--database", shop_url)

    assert (outcome.code, outcome.out) == (2, "")
    assert "error: the database has no schema 'nowhere'" in outcome.err
    assert "hint: it has extra, public" in outcome.err


def test_sql_creates_the_schema_again(
    cli: CommandLine, shop_url: str, make_database: Callable[[], str], connect_to: Connect
) -> None:
    script = cli("schema", "dump", "--format", "sql", "--database", shop_url).out
    copy = make_database()
    connect_to(copy).execute(script.encode())

    first = cli("schema", "dump", "--database", shop_url).json["catalog"]

    assert cli("schema", "dump", "--database", copy).json["catalog"] == first


def test_a_dump_can_be_written_to_a_file(cli: CommandLine, shop_url: str, tmp_path: Path) -> None:
    file = tmp_path / "dump of the shop.json"

    outcome = cli("schema", "dump", "--output", file, "--database", shop_url)

    assert (outcome.code, outcome.out) == (0, "")
    assert f"wrote {file}" in outcome.err
    assert len(names(json.loads(file.read_text(encoding="utf-8")))) == 6


def test_a_file_that_cannot_be_written_is_an_error(
    cli: CommandLine, shop_url: str, tmp_path: Path
) -> None:
    outcome = cli("schema", "dump", "--output", tmp_path / "no" / "x.json", "--database", shop_url)

    assert outcome.code == 2
    assert "error: cannot write: No such file or directory" in outcome.err


def test_owners_and_grants_are_there_on_request(cli: CommandLine, shop_url: str) -> None:
    plain = cli("schema", "dump", "--database", shop_url).json["catalog"]["tables"][0]
    table = cli("schema", "dump", "--access", "--database", shop_url).json["catalog"]["tables"][0]

    assert "owner" not in plain
    assert table["owner"]
    assert {grant["privilege"] for grant in table["grants"]} >= {"SELECT", "INSERT"}


@pytest.mark.parametrize("format_", ["json", "sql"])
def test_no_password_is_in_a_dump(cli: CommandLine, shop_url: str, format_: str) -> None:
    url = replace(DatabaseURL.parse(shop_url), password="hush-no-body-knows").conninfo

    outcome = cli("schema", "dump", "--format", format_, "--database", url)

    assert outcome.code == 0
    assert "hush" not in outcome.said


def test_global_options_before_the_command_count_too(cli: CommandLine, shop_url: str) -> None:
    outcome = cli("--database", shop_url, "--format", "json", "schema", "dump")

    assert len(names(outcome.json)) == 6


def test_errors_are_documents_if_json_was_asked_for(cli: CommandLine) -> None:
    url = "postgresql://localhost:1/nothing"

    outcome = cli("schema", "dump", "--format", "json", "--database", url)

    assert outcome.code == 2
    assert outcome.json["error"]["code"] == "server-unreachable"


def test_dumping_imports_no_alembic(cli: CommandLine, shop_url: str) -> None:
    script = (
        "import sys\nfrom modalembic.cli.main import run\n"
        "code = run(sys.argv[1:])\nprint(code, 'alembic' in sys.modules, file=sys.stderr)"
    )
    options = ["--project", str(cli.project.root), "--database", shop_url]
    done = subprocess.run(
        [sys.executable, "-c", script, "schema", "dump", *options],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr.split() == ["0", "False"]
