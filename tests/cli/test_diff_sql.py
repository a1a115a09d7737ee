from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.commandline import CommandLine

if TYPE_CHECKING:
    import psycopg

Connect = Callable[..., "psycopg.Connection[Any]"]
WANTED = """
    CREATE TYPE state AS ENUM ('new', 'paid', 'sent');
    CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
    CREATE TABLE orders (
        id integer PRIMARY KEY, person bigint REFERENCES people ON DELETE CASCADE,
        state state DEFAULT 'sent', total numeric(12, 2), code integer);
    CREATE INDEX orders_state ON orders (state) WHERE total > 0;
    CREATE VIEW paid AS SELECT id FROM orders WHERE state = 'paid';
    COMMENT ON TABLE orders IS E'two\\nlines';
"""
THERE = """
    CREATE TYPE state AS ENUM ('new', 'paid');
    CREATE TABLE orders (
        id integer PRIMARY KEY, state state DEFAULT 'new', total numeric(10, 2), code text,
        old text);
    CREATE INDEX orders_state ON orders (state);
    CREATE TABLE gone (id integer);
"""


@pytest.fixture
def urls(make_database: Callable[[], str], connect_to: Connect) -> tuple[str, str]:
    """Two databases that differ."""
    found = make_database(), make_database()
    for url, script in zip(found, (WANTED, THERE), strict=True):
        connect_to(url).execute(script.encode())
    return found


def test_the_script_leaves_exactly_what_it_says_has_no_fix(
    cli: CommandLine, urls: tuple[str, str], connect_to: Connect
) -> None:
    one, other = urls

    outcome = cli("diff", one, other, "--sql", "--literally")

    assert outcome.code == 1
    remarks = [line for line in outcome.out.splitlines() if line.startswith("-- no fix")]
    (remark,) = remarks
    assert "column public.orders.code (type): Postgres does not cast text to integer" in remark
    connect_to(other).execute(outcome.out.encode())
    left = cli("diff", one, other, "--literally", "--format", "json").json["differences"]
    assert [(each["name"], each["part"]) for each in left if each["severity"] != "info"] == [
        ("public.orders.code", "type")
    ]
    assert left[0]["fix"] is None
    assert left[0]["fix_reason"].startswith("Postgres does not cast text to integer")


def test_what_goes_with_its_rows_is_marked(cli: CommandLine, urls: tuple[str, str]) -> None:
    lines = cli("diff", *urls, "--sql", "--literally").out.splitlines()

    for statement, note in (
        ("ALTER TABLE public.orders DROP COLUMN old;", "drops the column with all its values"),
        ("DROP TABLE public.gone;", "drops the table with all its rows"),
    ):
        assert lines[lines.index(statement) - 1] == f"-- {note}"


def test_nothing_that_differs_is_a_script_that_does_nothing(
    cli: CommandLine, urls: tuple[str, str]
) -> None:
    outcome = cli("diff", urls[0], urls[0], "--sql")

    assert (outcome.code, outcome.out) == (0, "-- no differences\n")
