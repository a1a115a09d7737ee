"""`doctor` sees where a database is not what its version rows say, and asks for a comparison only
where names make it doubtful."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.projects import ProjectFiles
from tests.runtime.match.places import at, match, says, shop, without_rows
from tests.runtime.support import ENV, Result, done, execute, modalembic, new_project, sql, versions

NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"
Found = set[tuple[str, str | None]]


@pytest.fixture(autouse=True)
def _scratch(
    server_url: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", server_url)
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "match cache"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ProjectFiles:
    """The shop; no test changes it."""
    return shop(tmp_path_factory.mktemp("shop"))


def doctor(project: ProjectFiles, url: str, *options: str) -> Result:
    return modalembic(project, "doctor", *options, "--format", "json", url=url)


def matching(result: Result) -> list[dict[str, Any]]:
    """The findings about what the database is."""
    rules = ("doctor/matches-", "doctor/not-compared", "doctor/made-by-nobody")
    return [f for f in result.document["findings"] if f["rule"].startswith(rules)]


def rules(result: Result) -> Found:
    return {(each["rule"], each["module"]) for each in matching(result)}


@pytest.mark.parametrize("targets", [(), ("b2", "m1"), ("o1",), ("heads",)])
def test_nothing_is_compared_where_all_names_are_as_the_rows_say(
    project: ProjectFiles,
    database_url: str,
    targets: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", NOWHERE)
    at(project, database_url, *targets)
    assert rules(doctor(project, database_url)) == set()


def test_rows_without_tables_are_found_and_mended(project: ProjectFiles, database_url: str) -> None:
    done(modalembic(project, "stamp", "heads", url=database_url))
    found = doctor(project, database_url)
    assert found.code == 1
    other = "doctor/matches-other"
    assert rules(found) == {(other, "billing"), (other, "orders"), (other, "cms")}
    assert {each["fix"] for each in matching(found)} == {"modalembic stamp --match"}
    messages = {each["module"]: each["message"] for each in matching(found)}
    assert messages["cms"] == "the version rows say m2, and the database matches none of it"
    done(match(project, database_url))
    assert rules(doctor(project, database_url)) == set()


def test_tables_without_rows_are_found_and_mended(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "heads")
    without_rows(database_url)
    found = matching(doctor(project, database_url))
    assert [(each["module"], each["actual"], each["expected"]) for each in found] == [
        ("billing", None, "b4"),
        ("cms", None, "m2"),
        ("orders", None, "o2"),
    ]
    done(match(project, database_url))
    assert versions(database_url) == {"b4", "m2", "o2"}


@pytest.mark.parametrize(
    ("there", "rows", "module", "message"),
    [
        (
            ("o2", "b2"),
            ("o1", "b4"),
            "orders",
            "the version rows say o1, and the database matches o2",
        ),
        (
            ("o1", "b1"),
            ("o1", "b4"),
            "billing",
            "the version rows say b4, and the database matches b1",
        ),
    ],
)
def test_columns_too_early_or_missing_are_reason_enough(
    project: ProjectFiles,
    database_url: str,
    there: tuple[str, ...],
    rows: tuple[str, ...],
    module: str,
    message: str,
) -> None:
    at(project, database_url, *there)
    says(project, database_url, *rows)
    found = {each["module"]: each["message"] for each in matching(doctor(project, database_url))}
    assert found[module] == message


def test_what_no_catalog_shows_is_said(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "b2")
    without_rows(database_url)
    (found,) = matching(doctor(project, database_url))
    assert found["message"] == (
        "the version rows say that nothing has run, and the database matches b2 to b3; whether b3 "
        "has run no catalog shows"
    )


def test_what_names_do_not_show_is_found_when_it_is_asked_for(
    project: ProjectFiles, database_url: str
) -> None:
    at(project, database_url, "heads")
    execute(database_url, "ALTER TABLE pages ALTER title TYPE varchar(9)", "CREATE TABLE mine ()")
    assert rules(doctor(project, database_url)) == set()
    found = doctor(project, database_url, "--match")
    assert rules(found) == {("doctor/matches-none", "cms"), ("doctor/made-by-nobody", None)}
    (drifted,) = [each for each in matching(found) if each["module"] == "cms"]
    assert drifted["fix"] == "modalembic check drift --against live"
    assert "column public.pages.title has another type" in drifted["message"]


def test_what_matches_nothing_is_shown_by_a_dry_run(
    project: ProjectFiles, database_url: str
) -> None:
    at(project, database_url, "m1")
    execute(database_url, "ALTER TABLE pages DROP title")
    says(project, database_url)
    (found,) = matching(doctor(project, database_url))
    assert (found["rule"], found["module"]) == ("doctor/matches-none", "cms")
    assert found["fix"] == "modalembic stamp --match --dry-run"
    shown = match(project, database_url, "--dry-run")
    assert shown.code == 1
    assert "column public.pages.title is missing" in shown.out


def test_without_a_scratch_server_it_says_what_is_wrong_and_what_is_missing(
    project: ProjectFiles, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(modalembic(project, "stamp", "b1", url=database_url))
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", NOWHERE)
    (found,) = matching(doctor(project, database_url))
    assert (found["rule"], found["severity"]) == ("doctor/not-compared", "error")
    assert "table invoices, which b1 makes, is not there" in found["message"]
    assert "the scratch server" in found["message"]
    assert "MODALEMBIC_SCRATCH_URL=" in found["fix"]


def test_names_are_followed_through_renames_and_drops(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = new_project(tmp_path)
    module = project.module("core")
    create = "op.create_table('old', sa.Column('id', sa.Integer))"
    module.revision("c1", upgrade=create)
    module.revision("c2", down="c1", upgrade="op.rename_table('old', 'new')")
    module.revision("c3", down="c2", upgrade="op.add_column('new', sa.Column('x', sa.Integer))")
    module.revision("c4", down="c3", upgrade="op.drop_column('new', 'x')")
    module.revision("c5", down="c4", upgrade=sql('CREATE TABLE "Other" (id int)'))
    module.revision("c6", down="c5", upgrade="op.drop_table('Other')")
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", NOWHERE)
    for revision in ("c1", "c2", "c3", "c4", "c5", "c6"):
        at(project, database_url, revision)
        assert rules(doctor(project, database_url)) == set()
    says(project, database_url, "c1")
    (found,) = matching(doctor(project, database_url))
    assert "table old, which c1 makes, is not there" in found["message"]
    assert "table new, which c2 makes, is there already" in found["message"]


def test_names_that_postgres_folds_or_a_revision_computes_are_no_reason(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no scratch server could be had, these were errors."""
    project = new_project(tmp_path)
    module = project.module("core")
    module.revision("c1", upgrade=sql("CREATE TABLE Bills (Id int)", "CREATE TABLE other (id int)"))
    module.revision("c2", down="c1", upgrade=sql("ALTER TABLE BILLS ADD Total int"))
    module.revision("c3", down="c2", upgrade=sql('DROP TABLE IF EXISTS nobody, public."other"'))
    computed = "for part in 'xy':\n    op.execute(f'CREATE TABLE part_{part} (id int)')"
    module.revision("c4", down="c3", upgrade=computed)
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", NOWHERE)
    for revision in ("c1", "c2", "c3", "c4"):
        at(project, database_url, revision)
        assert rules(doctor(project, database_url)) == set()
    execute(database_url, "DROP TABLE bills")
    (found,) = matching(doctor(project, database_url))
    assert "table Bills, which c1 makes, is not there" in found["message"]


def test_a_database_that_only_the_environment_knows_is_compared_too(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = shop(tmp_path)
    asked = 'url = context.config.get_main_option("sqlalchemy.url")'
    env = ENV.replace(asked, f'import os\n{asked} or os.environ["OUR_URL"]')
    project.file("migrations/env.py", env)
    monkeypatch.setenv("OUR_URL", database_url.replace("postgresql://", "postgresql+psycopg://"))
    done(modalembic(project, "upgrade", "o1", "--quiet"))
    without_rows(database_url)
    found = modalembic(project, "doctor", "--format", "json")
    assert {each["module"] for each in matching(found)} == {"billing", "orders"}
    done(modalembic(project, "stamp", "--match"))
    assert versions(database_url) == {"o1"}
