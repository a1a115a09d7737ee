"""Databases that were dumped and restored, or made from models, are found for what they are."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.checks.drift_shop import drift_shop
from tests.checks.test_restored import call, programs_of
from tests.projects import ProjectFiles
from tests.runtime.match.places import at, match
from tests.runtime.support import done, execute, new_project, sql, versions

if TYPE_CHECKING:
    import psycopg

pytestmark = pytest.mark.slow


def respelled(directory: Path) -> ProjectFiles:
    """Every revision changes an expression that a restore spells in other words."""
    states = "varchar(9) CONSTRAINT known CHECK (state IN ('new', 'paid'))"
    more = "ADD CONSTRAINT known CHECK (state IN ('new', 'paid', 'sent'))"
    where = "WHERE state IN ('new', 'paid')"
    project = new_project(directory)
    module = project.module("core")
    module.revision("c1", upgrade=sql(f"CREATE TABLE jobs (id int PRIMARY KEY, state {states})"))
    module.revision("c2", down="c1", upgrade=sql(f"CREATE INDEX open_jobs ON jobs (id) {where}"))
    alter = "ALTER TABLE jobs DROP CONSTRAINT known"
    module.revision("c3", down="c2", upgrade=sql(f"{alter}, {more}"))
    module.revision(
        "c4", down="c3", upgrade=sql("CREATE VIEW todo AS SELECT id FROM jobs " + where)
    )
    module.revision("c5", down="c4", upgrade=sql(f"{alter}, ADD COLUMN note text"))
    module.revision("c6", down="c5", upgrade=sql(f"ALTER TABLE jobs {more}"))
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ProjectFiles:
    """No test changes it."""
    return respelled(tmp_path_factory.mktemp("respelled"))


@pytest.mark.parametrize("target", ["c1", "c2", "c3", "c4", "c5", "c6"])
def test_a_dump_restored_without_its_version_rows(
    project: ProjectFiles,
    tmp_path: Path,
    make_database: Callable[[], str],
    server: psycopg.Connection,
    target: str,
) -> None:
    old, new = make_database(), make_database()
    at(project, old, target)
    programs = programs_of(server.info.server_version // 10000)
    dump = tmp_path / "dump.sql"
    without = ["--exclude-table=alembic_version", "--exclude-table=modalembic_history*"]
    call(programs / "pg_dump", *without, f"--file={dump}", f"--dbname={old}")
    once = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={dump}"]
    call(programs / "psql", *once, new)

    done(match(project, new))

    assert versions(new) == {target}


# As after a restore.
SPELLED = "state::text = ANY (ARRAY['new'::varchar::text, 'paid'::varchar::text])"
STRANGE = (
    "CREATE FUNCTION same(int, int) RETURNS bool LANGUAGE sql AS 'SELECT $1 = $2'",
    "CREATE OPERATOR === (FUNCTION = same, LEFTARG = int, RIGHTARG = int)",
    "CREATE TABLE theirs (id int CHECK (id === 1))",
)


def test_what_nobody_makes_need_not_be_possible_on_the_scratch_server(
    project: ProjectFiles, database_url: str
) -> None:
    """An operator is known by its name only, and could not be created again."""
    at(project, database_url, "c1")
    again = f"ALTER TABLE jobs DROP CONSTRAINT known, ADD CONSTRAINT known CHECK ({SPELLED})"
    execute(database_url, *STRANGE, again)
    shown = done(match(project, database_url)).out
    assert shown.startswith("core: c1 (1 object compared)")
    assert "table public.theirs is not expected" in shown


def test_where_nothing_can_be_created_again_it_is_compared_as_written(
    project: ProjectFiles, database_url: str
) -> None:
    at(project, database_url, "c1")
    used = "ALTER TABLE jobs ADD CHECK (id === 1)"
    again = f"ALTER TABLE jobs DROP CONSTRAINT known, ADD CONSTRAINT known CHECK ({SPELLED})"
    execute(database_url, *STRANGE, used, again)
    refused = match(project, database_url)
    assert refused.code == 1
    assert "expressions were compared as they are written: " in refused.out
    assert "operator" in refused.out


CREATE_ALL = """
import sys
from sqlalchemy import create_engine, text
from app.base import Base
import app.modules.core.models, app.modules.billing.models

engine = create_engine(sys.argv[1].replace("postgresql:", "postgresql+psycopg:"))
with engine.begin() as connection:
    for statement in {before!r}:
        connection.execute(text(statement))
    Base.metadata.create_all(connection)
    for statement in {after!r}:
        connection.execute(text(statement))
"""
BEFORE = ("CREATE SEQUENCE tickets", "CREATE TYPE size AS ENUM ('s', 'm')")
# What the migrations make and no model has.
AFTER = (
    "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER stamped BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION stamp()",
    "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY everybody ON people USING (true)",
    "CREATE VIEW dear AS SELECT * FROM invoices WHERE net > 1000",
)


def test_what_create_all_has_made_is_at_the_head(
    tmp_path: Path, database_url: str, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = drift_shop(tmp_path / "shop", server_url)
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("PYTHONPATH", str(project.root))
    call(Path(sys.executable), "-c", CREATE_ALL.format(before=BEFORE, after=AFTER), database_url)

    done(match(project, database_url))

    assert versions(database_url) == {"b1"}


def test_what_no_model_has_is_named_as_missing_after_create_all(
    tmp_path: Path, database_url: str, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = drift_shop(tmp_path / "shop", server_url)
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("PYTHONPATH", str(project.root))
    call(Path(sys.executable), "-c", CREATE_ALL.format(before=BEFORE, after=()), database_url)

    refused = match(project, database_url)

    assert refused.code == 1
    for missing in ("view public.dear", "trigger public.people.stamped", "function public.stamp()"):
        assert f"{missing} is missing" in refused.out
    assert versions(database_url) == set()
