"""The same thing in other words is no difference; another thing in similar words is one."""

from __future__ import annotations

import pytest

from modalembic.errors import RebuildFailed
from modalembic.postgres.catalog import Difference, ScratchNormaliser, compare, scratch_database
from modalembic.postgres.catalog.model import Catalog, Other, Schema, View
from modalembic.postgres.url import DatabaseURL
from tests.postgres.catalog.conftest import two_databases


def differences(server: DatabaseURL, expected: str, actual: str) -> tuple[Difference, ...]:
    normaliser = ScratchNormaliser(lambda: scratch_database(server))
    with two_databases(server, expected, actual) as (ours, theirs):
        assert compare(ours, theirs), "spelled alike: nothing is tested"
        return compare(ours, theirs, normaliser=normaliser)


LONG = "a::text = ANY (ARRAY['x'::varchar::text, 'y'::varchar::text])"
T = "CREATE TABLE t (a varchar(9), b integer, c timestamptz, d boolean"


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (
            f"{T}, CONSTRAINT k CHECK (a IN ('x', 'y')))",
            f"{T}, CONSTRAINT k CHECK ({LONG}))",
        ),
        (
            f"{T}); CREATE INDEX i ON t (b) WHERE a IN ('x', 'y')",
            f"{T}); CREATE INDEX i ON t (b) WHERE {LONG}",
        ),
        (
            f"{T}); CREATE POLICY p ON t USING (a IN ('x', 'y'))",
            f"{T}); CREATE POLICY p ON t USING ({LONG})",
        ),
        (
            f"{T}); CREATE VIEW v AS SELECT b FROM t WHERE a IN ('x', 'y')",
            f"{T}); CREATE VIEW v AS SELECT b FROM t WHERE {LONG}",
        ),
        (
            f"{T}, e boolean GENERATED ALWAYS AS (a IN ('x', 'y')) STORED)",
            f"{T}, e boolean GENERATED ALWAYS AS ({LONG}) STORED)",
        ),
        (
            "CREATE DOMAIN d AS varchar CONSTRAINT k CHECK (VALUE IN ('x', 'y'))",
            f"CREATE DOMAIN d AS varchar CONSTRAINT k CHECK ({LONG.replace('a::', 'VALUE::')})",
        ),
    ],
    ids=["check", "index", "policy", "view", "generated", "domain"],
)
def test_an_expression_that_settles_in_one_form_is_one_expression(
    catalog_server: DatabaseURL, expected: str, actual: str
) -> None:
    assert differences(catalog_server, expected, actual) == ()


def test_a_renamed_constraint_in_another_spelling_is_only_renamed(
    catalog_server: DatabaseURL,
) -> None:
    found = differences(
        catalog_server,
        f"{T}, CONSTRAINT k CHECK (a IN ('x', 'y')))",
        f"{T}, CONSTRAINT l CHECK ({LONG}))",
    )

    assert [(d.name, d.part, d.expected, d.actual, d.severity) for d in found] == [
        ("public.t.k", "name", "k", "l", "warning")
    ]


def test_defaults_of_one_value_are_a_matter_of_spelling(catalog_server: DatabaseURL) -> None:
    found = differences(
        catalog_server,
        "CREATE TABLE t (a timestamptz DEFAULT now(), b varchar DEFAULT 'x',"
        " e jsonb DEFAULT '{\"a\": 1}', f timestamptz DEFAULT now())",
        "CREATE TABLE t (a timestamptz DEFAULT CURRENT_TIMESTAMP, b varchar DEFAULT 'x'::text,"
        " e jsonb DEFAULT jsonb_build_object('a', 1),"
        " f timestamptz DEFAULT now() + interval '1 day')",
    )

    assert [(d.name, d.part, d.severity) for d in found] == [
        ("public.t.f", "default", "error"),
        ("public.t.a", "default", "info"),
        ("public.t.b", "default", "info"),
        ("public.t.e", "default", "info"),
    ]


@pytest.mark.parametrize(
    ("type_", "expected", "actual"),
    [
        ("timestamp", "timezone('utc', now())", "now()"),
        ("timestamptz", "timezone('utc', now())", "now()"),
        ("date", "(now() AT TIME ZONE 'utc')::date", "CURRENT_DATE"),
        ("date", "CURRENT_DATE", "date 'today'"),
        ("text", "CURRENT_USER", "SESSION_USER"),
        ("text", "current_schema()", "'pg_catalog'"),
        ("text", "current_setting('shop.tenant', true)", "current_setting('shop.who', true)"),
        ("text", "current_setting('shop.tenant', true)", "NULL::text"),
        ("integer", "tenant()", "7"),
    ],
)
def test_one_value_here_and_now_is_not_the_same_default(
    catalog_server: DatabaseURL, type_: str, expected: str, actual: str
) -> None:
    made = (
        "CREATE FUNCTION tenant() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 7';"
        " CREATE TABLE t (a {} DEFAULT {})"
    )

    found = differences(catalog_server, made.format(type_, expected), made.format(type_, actual))

    assert [(d.name, d.part, d.severity) for d in found] == [("public.t.a", "default", "error")]


@pytest.mark.parametrize(
    ("type_", "expected", "actual"),
    [
        ("timestamp", "LOCALTIMESTAMP", "now()"),
        ("date", "CURRENT_DATE", "now()"),
        ("date", "CURRENT_DATE", "('now'::text)::date"),
        ("timestamptz", "transaction_timestamp()", "CURRENT_TIMESTAMP"),
        ("text", "CURRENT_USER", "CURRENT_ROLE"),
        ("text", "CURRENT_USER", '"current_user"()'),
        ("jsonb", "jsonb_build_object()", "'{}'"),
    ],
)
def test_one_value_wherever_and_whenever_is_the_same_default(
    catalog_server: DatabaseURL, type_: str, expected: str, actual: str
) -> None:
    made = "CREATE TABLE t (a {} DEFAULT {})"

    found = differences(catalog_server, made.format(type_, expected), made.format(type_, actual))

    assert [(d.name, d.part, d.severity) for d in found] == [("public.t.a", "default", "info")]


def test_a_default_that_follows_its_type_is_a_matter_of_spelling(
    catalog_server: DatabaseURL,
) -> None:
    found = differences(
        catalog_server,
        "CREATE TABLE t (a text DEFAULT 'x', b numeric(9, 4) DEFAULT '0', c text DEFAULT '7')",
        "CREATE TABLE t (a varchar(9) DEFAULT 'x', b numeric(9, 3) DEFAULT 0, c int DEFAULT 7)",
    )

    assert [(d.name, d.part, d.severity) for d in found] == [
        ("public.t.a", "type", "error"),
        ("public.t.b", "type", "error"),
        ("public.t.c", "type", "error"),
        ("public.t.a", "default", "info"),
        ("public.t.b", "default", "info"),
        ("public.t.c", "default", "info"),
    ]


def test_what_is_volatile_is_never_evaluated(catalog_server: DatabaseURL) -> None:
    counts = "CREATE SEQUENCE s; CREATE TABLE t (a bigint DEFAULT {})"

    found = differences(
        catalog_server, counts.format("nextval('s')"), counts.format("nextval('s') + 0")
    )

    assert [(d.name, d.part, d.severity) for d in found] == [("public.t.a", "default", "error")]


def test_another_value_is_an_error(catalog_server: DatabaseURL) -> None:
    found = differences(
        catalog_server,
        f"{T}, CONSTRAINT k CHECK (a IN ('x', 'y')))",
        f"{T}, CONSTRAINT k CHECK (a IN ('x', 'z')))",
    )

    assert [(d.object, d.name, d.part, d.severity) for d in found] == [
        ("constraint", "public.t.k", "expression", "error")
    ]


def test_what_cannot_be_created_again_is_named(catalog_server: DatabaseURL) -> None:
    broken = Catalog(
        180000,
        schemas=(Schema("public"),),
        views=(View("public", "broken", "view", "SELECT * FROM nowhere"),),
    )
    normaliser = ScratchNormaliser(lambda: scratch_database(catalog_server))

    with pytest.raises(RebuildFailed, match='relation "nowhere" does not exist') as failure:
        normaliser.rebuilt(broken)
    assert "CREATE VIEW public.broken" in failure.value.message
    assert failure.value.message.startswith("view public.broken cannot be created again")


HARD = """
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE SET work_mem = '8MB'
    AS 'SELECT $1 * 2';
CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (twice(a)) STORED, c varchar);
CREATE INDEX i ON t (twice(a)) WHERE {};
ALTER FUNCTION twice(integer) VOLATILE LEAKPROOF;
"""


def test_functions_that_are_immutable_no_more_do_not_keep_it_from_being_created_again(
    catalog_server: DatabaseURL,
) -> None:
    found = differences(
        catalog_server,
        HARD.format("c IN ('x', 'y')"),
        HARD.format(LONG.replace("a::text", "c::text")),
    )

    assert found == ()


def test_an_older_scratch_server_is_named_as_the_reason(catalog_server: DatabaseURL) -> None:
    broken = Catalog(
        990000,
        schemas=(Schema("public"),),
        views=(View("public", "broken", "view", "SELECT * FROM nowhere"),),
    )

    with pytest.raises(RebuildFailed) as failure:
        ScratchNormaliser(lambda: scratch_database(catalog_server)).rebuilt(broken)
    assert "the schema is of PostgreSQL 99 and the scratch server is " in str(failure.value.hint)


def test_what_is_known_by_name_only_is_named_as_a_reason(catalog_server: DatabaseURL) -> None:
    broken = Catalog(
        140000,
        schemas=(Schema("public"),),
        views=(View("public", "broken", "view", "SELECT 1 OPERATOR(public.===) 1 AS one"),),
        others=(Other("operator", "public", "===(integer, integer)"),),
    )

    with pytest.raises(RebuildFailed) as failure:
        ScratchNormaliser(lambda: scratch_database(catalog_server)).rebuilt(broken)
    assert 'operator public."===(integer, integer)"' in str(failure.value.hint)
