"""`check drift --against`: single changes of a live database, each named exactly."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from modalembic.errors import UsageError
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.connection.session import PsycopgSession
from modalembic.runtime.drift.live import read_only
from tests.checks.drift_shop import Told, drift_of, drift_shop, executed, meant
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import done, execute, fetch, modalembic

Found = tuple[str, str, str | None, str, str | None]
ERROR, WARNING = "error", "warning"


def core(rule: str, name: str, part: str | None = None, severity: str = ERROR) -> Found:
    return (severity, f"drift/{rule}", "core", f"public.{name}", part)


def billing(rule: str, name: str, part: str | None = None, severity: str = ERROR) -> Found:
    return (severity, f"drift/{rule}", "billing", f"public.{name}", part)


def nobodys(rule: str, name: str, part: str | None = None, severity: str = WARNING) -> Found:
    return (severity, f"drift/{rule}", None, f"public.{name}", part)


PEOPLE = "ALTER TABLE people"
INVOICES = "ALTER TABLE invoices"
CHANGES: list[tuple[str, set[Found]]] = [
    (f"{PEOPLE} ALTER name TYPE varchar(90)", {core("column-type", "people.name", "type")}),
    (
        f"{PEOPLE} ALTER name DROP NOT NULL",
        {core("column-nullability", "people.name", "not-null")},
    ),
    (
        f"{PEOPLE} ALTER name SET DEFAULT 'x'",
        {core("column-default", "people.name", "default")},
    ),
    (f"{PEOPLE} ALTER name DROP DEFAULT", {core("column-default", "people.name", "default")}),
    (
        f"{INVOICES} ALTER id SET GENERATED ALWAYS",
        {billing("column-identity", "invoices.id", "identity")},
    ),
    (
        f"{INVOICES} ALTER gross DROP EXPRESSION",
        {billing("column-generated", "invoices.gross", "generated")},
    ),
    (f"{PEOPLE} ADD shoes int", {core("extra-column", "people.shoes")}),
    (f"{PEOPLE} DROP tags", {core("missing-column", "people.tags")}),
    (f"{PEOPLE} ALTER tags SET STORAGE MAIN", {core("storage", "people.tags", "storage", WARNING)}),
    ("COMMENT ON TABLE people IS 'x'", {core("comment", "people", "comment", WARNING)}),
    (f"{PEOPLE} SET (fillfactor = 50)", {core("storage", "people", "options", WARNING)}),
    (f"{PEOPLE} DISABLE ROW LEVEL SECURITY", {core("table", "people", "row-security")}),
    (
        f"{PEOPLE} DROP CONSTRAINT ck_people_positive",
        {core("missing-check", "people.ck_people_positive")},
    ),
    (
        (
            f"{PEOPLE} DROP CONSTRAINT ck_people_positive, "
            "ADD CONSTRAINT ck_people_positive CHECK (balance >= 1)"
        ),
        {core("check", "people.ck_people_positive", "expression")},
    ),
    (
        f"{PEOPLE} RENAME CONSTRAINT ck_people_positive TO sound",
        {core("name", "people.ck_people_positive", "name", WARNING)},
    ),
    (
        (
            f"{INVOICES} DROP CONSTRAINT fk_invoices_person_id, "
            "ADD CONSTRAINT fk_invoices_person_id "
            "FOREIGN KEY (person_id) REFERENCES people"
        ),
        {billing("foreign-key", "invoices.fk_invoices_person_id", "on-delete")},
    ),
    (
        f"{INVOICES} DROP CONSTRAINT fk_invoices_person_id",
        {billing("missing-foreign-key", "invoices.fk_invoices_person_id")},
    ),
    (
        f"{INVOICES} DROP CONSTRAINT pk_invoices",
        {billing("missing-primary-key", "invoices.pk_invoices")},
    ),
    (
        f"{INVOICES} DROP CONSTRAINT uq_invoices_number",
        {billing("missing-unique", "invoices.uq_invoices_number")},
    ),
    (
        "DROP INDEX ix_people_active; CREATE UNIQUE INDEX ix_people_active ON people (email)",
        {core("index", "people.ix_people_active", "predicate")},
    ),
    ("DROP INDEX ix_people_name", {core("missing-index", "people.ix_people_name")}),
    ("CREATE INDEX more ON invoices (year)", {billing("extra-index", "invoices.more")}),
    (
        "ALTER INDEX ix_people_name RENAME TO other",
        {core("name", "people.ix_people_name", "name", WARNING)},
    ),
    ("ALTER TYPE mood ADD VALUE 'new'", {core("type", "mood", "labels")}),
    ("ALTER TYPE mood RENAME VALUE 'calm' TO 'quiet'", {core("type", "mood", "labels")}),
    (
        (
            "CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RETURN OLD; END'"
        ),
        {core("function", "stamp()", "body")},
    ),
    ("DROP TRIGGER stamped ON people", {core("missing-trigger", "people.stamped")}),
    (f"{PEOPLE} DISABLE TRIGGER stamped", {core("trigger", "people.stamped", "enabled")}),
    ("DROP POLICY everybody ON people", {core("missing-policy", "people.everybody")}),
    (
        "ALTER POLICY everybody ON people USING (active)",
        {core("policy", "people.everybody", "using")},
    ),
    ("DROP VIEW dear", {billing("missing-view", "dear")}),
    (
        "CREATE OR REPLACE VIEW dear AS SELECT * FROM invoices WHERE net > 2000",
        {billing("view", "dear", "definition")},
    ),
    (
        "ALTER VIEW dear SET (security_barrier = true)",
        {billing("view", "dear", "options")},
    ),
    ("ALTER SEQUENCE tickets INCREMENT 2", {core("sequence", "tickets", "increment")}),
    # what somebody made beside the migrations
    ("CREATE TABLE extra (id int)", {nobodys("extra-table", "extra")}),
    ("CREATE VIEW extra AS SELECT 1 AS one", {nobodys("extra-view", "extra")}),
    (
        "CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        {nobodys("extra-function", "extra()")},
    ),
    ("CREATE TYPE extra AS ENUM ('a')", {nobodys("extra-type", "extra")}),
]


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    return drift_shop(tmp_path / "shop", server_url)


@pytest.fixture
def live(shop: ProjectFiles, database_url: str) -> str:
    """The URL of a database that the shop's migrations made."""
    with forgotten("app"):
        done(modalembic(shop, "upgrade", url=database_url))
    return database_url


@pytest.mark.parametrize(("sql", "found"), CHANGES, ids=range(len(CHANGES)))
def test_a_change_of_the_database_is_named(
    shop: ProjectFiles, live: str, sql: str, found: set[Found]
) -> None:
    execute(live, sql)

    findings = drift_of(shop, live)

    assert meant(finding for finding in findings if finding.severity != "info") == found


def test_an_untouched_database_has_no_findings(shop: ProjectFiles, live: str) -> None:
    assert drift_of(shop, live) == []


def test_a_database_that_was_restored_from_a_dump_has_no_drift(
    shop: ProjectFiles, database_url: str
) -> None:
    """A dump writes a CHECK in other words than a revision does."""
    check = "ALTER TABLE people ADD CONSTRAINT known CHECK ({})"
    written = check.format("name IN ('in', 'out')")
    restored = check.format("name::text = ANY (ARRAY['in'::varchar::text, 'out'::varchar::text])")
    module = shop.module("core", tier="core").revision("c2", down="c1", upgrade=executed(written))
    with forgotten("app"):
        done(modalembic(shop, "upgrade", url=database_url))
    execute(database_url, "ALTER TABLE people DROP CONSTRAINT known", restored)

    assert drift_of(shop, database_url) == []
    module.revision("c2", down="c1", upgrade=executed(written.replace("out", "away")))
    assert meant(drift_of(shop, database_url)) == {core("check", "people.known", "expression")}


def test_a_finding_stands_where_the_last_revision_speaks_of_it(
    shop: ProjectFiles, live: str
) -> None:
    execute(live, "DROP INDEX ix_people_name")

    (finding,) = drift_of(shop, live)

    path = shop.root / "app/modules/core/migrations/versions/c1.py"
    assert finding.path == path
    line = path.read_text(encoding="utf-8").splitlines()[(finding.line or 0) - 1]
    assert "CREATE INDEX ix_people_name" in line
    assert finding.message == (
        "index public.people.ix_people_name is in the migrations and not in the database"
    )


def test_pending_revisions_are_no_drift(shop: ProjectFiles, live: str) -> None:
    billing = shop.module("billing", requires=["core"])
    billing.revision("b2", down="b1", upgrade=executed("ALTER TABLE invoices ADD paid boolean"))
    told = Told()

    assert drift_of(shop, live, told) == []
    assert told.events[0] == "migrating a scratch database (2 revisions)"


def test_a_database_that_is_halfway_is_compared_with_its_half(
    shop: ProjectFiles, database_url: str
) -> None:
    with forgotten("app"):
        done(modalembic(shop, "upgrade", "core", url=database_url))

    assert drift_of(shop, database_url) == []


def test_an_orphan_is_named_and_what_it_made_is_extra(shop: ProjectFiles, live: str) -> None:
    execute(live, "INSERT INTO alembic_version VALUES ('gone')", "CREATE TABLE gone (id int)")

    assert meant(drift_of(shop, live)) == {
        ("warning", "drift/orphan", None, "gone", None),
        ("warning", "drift/extra-table", None, "public.gone", None),
    }


def test_what_a_module_may_have_made_that_is_not_discovered_here_is_no_warning(
    shop: ProjectFiles, live: str
) -> None:
    shop.module("loyalty").revision("l1", upgrade="op.execute('CREATE TABLE points (id int)')")
    with forgotten("app"):
        done(modalembic(shop, "upgrade", url=live))
    shutil.rmtree(shop.root / "app/modules/loyalty")
    execute(live, "ALTER TABLE people ADD shoes integer")

    findings = drift_of(shop, live)

    assert meant(findings) == {
        ("warning", "drift/orphan", None, "l1", None),
        ("info", "drift/extra-table", None, "public.points", None),
        ("error", "drift/extra-column", "core", "public.people.shoes", None),
    }
    (told,) = (each for each in findings if each.rule == "drift/extra-table")
    assert told.message.endswith("(module loyalty, not discovered here, may have made it)")


def test_what_is_no_database_is_refused(shop: ProjectFiles) -> None:
    with pytest.raises(UsageError, match="'life' is neither live nor the URL of a database"):
        drift_of(shop, "life")


def test_a_database_at_no_revision_is_an_error(shop: ProjectFiles, database_url: str) -> None:
    (finding,) = drift_of(shop, database_url)

    assert (finding.severity, finding.rule) == ("error", "drift/nothing-to-compare")


@pytest.mark.parametrize("schemas", ["", 'schemas = ["reports"]'])
def test_another_schema_is_looked_into_only_where_that_is_configured(
    shop: ProjectFiles, live: str, tmp_path: Path, server_url: str, schemas: str
) -> None:
    execute(live, "CREATE SCHEMA reports", "CREATE TABLE reports.t (id int)")
    project = drift_shop(tmp_path / "shop", server_url, schemas)

    found = meant(drift_of(project, live))

    assert ("info", "drift/extra-schema", None, "reports", None) in found
    table = ("warning", "drift/extra-table", None, "reports.t", None)
    assert (table in found) is bool(schemas)


def test_a_live_database_is_never_written_to(
    shop: ProjectFiles, live: str, server_url: str
) -> None:
    """The role may only read, and the database refuses every write besides."""
    name = DatabaseURL.parse(live).database
    execute(live, "CREATE TABLE extra (id int)")
    execute(server_url, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    before = _written(live)

    assert meant(drift_of(shop, live)) == {nobodys("extra-table", "extra")}
    assert _written(live) == before


def test_nothing_can_be_written_where_a_live_database_is_read(live: str) -> None:
    with connect(DatabaseURL.parse(live)) as connection:
        session = PsycopgSession(connection)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            read_only(session, _writer(session))


def _writer(session: PsycopgSession) -> Callable[[], None]:
    return lambda: session.run("CREATE TABLE written (id int)")


def _written(url: str) -> list[tuple[object, ...]]:
    """What a write would change: the tables' and the catalog's next transaction."""
    return fetch(url, "SELECT oid, xmin::text, ctid::text FROM pg_class ORDER BY oid")
