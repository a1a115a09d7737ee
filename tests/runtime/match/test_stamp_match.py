"""`stamp --match` finds what a database really has, and proves it before it writes a row."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modalembic as api
from modalembic.errors import DatabaseChanged
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.match.stamping import stamp_match
from modalembic.runtime.options import Observer
from tests.projects import GLOB, ProjectFiles
from tests.runtime.match.places import at, match, says, shop, without_rows
from tests.runtime.support import (
    ENV,
    done,
    execute,
    fetch,
    history,
    modalembic,
    new_project,
    sql,
    tables,
    versions,
)

if TYPE_CHECKING:
    import psycopg


def module(document: dict[str, Any], name: str) -> dict[str, Any]:
    """What a document says of a module."""
    (found,) = [each for each in document["modules"] if each["module"] == name]
    return dict(found)


# What was upgraded to, and the rows that have to be found. m2 is empty: it counts as applied.
STATES = [
    ((), set()),
    (("b1",), {"b1"}),
    (("b4",), {"b4"}),
    (("o1",), {"o1"}),
    (("o1", "b4"), {"o1", "b4"}),
    (("o2", "b4"), {"o2", "b4"}),
    (("m1",), {"m2"}),
    (("heads",), {"o2", "b4", "m2"}),
]


@pytest.mark.parametrize(("targets", "rows"), STATES)
def test_tables_without_rows_get_the_rows_that_they_had(
    project: ProjectFiles, database_url: str, targets: tuple[str, ...], rows: set[str]
) -> None:
    at(project, database_url, *targets)
    without_rows(database_url)

    done(match(project, database_url))

    assert versions(database_url) == rows
    done(modalembic(project, "doctor", "--match", url=database_url))
    done(modalembic(project, "upgrade", "heads", url=database_url))
    assert tables(database_url) == {"invoices", "orders", "pages"}


@pytest.mark.parametrize(("targets", "rows"), [*STATES[:2], STATES[3]])
def test_rows_without_tables_are_taken_back(
    project: ProjectFiles, database_url: str, targets: tuple[str, ...], rows: set[str]
) -> None:
    at(project, database_url, *targets)
    done(modalembic(project, "stamp", "heads", url=database_url))

    done(match(project, database_url))

    assert versions(database_url) == rows


def test_rows_older_than_the_tables_are_brought_forward(
    project: ProjectFiles, database_url: str
) -> None:
    at(project, database_url, "heads")
    says(project, database_url, "b1", "m1")
    done(match(project, database_url))
    assert versions(database_url) == {"o2", "b4", "m1"}


def test_what_leaves_no_trace_is_as_the_rows_say(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "b2", "m1")
    found = done(match(project, database_url, "--format", "json")).document
    assert found["after"] == ["b2", "m1"]
    assert module(found, "billing")["because"] == module(found, "cms")["because"] == "rows"
    assert module(found, "billing")["silent"] == [
        {"revision": "b3", "counts": False, "rows": ["public.invoices"], "empty": False}
    ]


def test_whether_rows_were_changed_has_to_be_said(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "b2")
    without_rows(database_url)

    refused = match(project, database_url)

    assert refused.code == 1
    assert "no catalog shows whether b3 of billing has run; nothing was written" in refused.err
    assert "stamp --match --at b3 if so, modalembic stamp --match --at b2 if not" in refused.err
    changes = "b3 changes rows of public.invoices"
    assert f"{changes}: --at has to say whether it has run" in refused.out
    assert versions(database_url) == set()
    said = done(match(project, database_url, "--at", "b2"))
    assert f"{changes}, and counts as not run" in said.out
    assert versions(database_url) == {"b2"}
    done(match(project, database_url, "--at", "b3"))
    assert versions(database_url) == {"b3"}


def test_rows_that_the_tables_contradict_do_not_say_it(
    project: ProjectFiles, database_url: str
) -> None:
    at(project, database_url, "b2")
    says(project, database_url, "b4")
    refused = match(project, database_url, "--format", "json")
    assert refused.code == 1
    assert refused.document["error"]["code"] == "match-unsettled"
    assert refused.document["unsettled"] == ["b3"]
    assert refused.document["after"] is None
    assert versions(database_url) == {"b4"}


def test_what_is_said_to_have_run_has_to_match(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "b2")
    for target in ("b1", "b4", "billing@base"):
        refused = match(project, database_url, "--at", target)
        assert refused.code == 1
        assert "of billing it matches b2 to b3" in refused.err
    assert versions(database_url) == {"b2"}


def test_a_module_of_which_nothing_is_seen_may_have_run_or_not(
    tmp_path: Path, database_url: str
) -> None:
    project = shop(tmp_path)
    project.module("seeds").revision("s1", depends_on="b1", upgrade="op.execute('SELECT 1')")
    at(project, database_url, "b1")
    without_rows(database_url)
    refused = match(project, database_url)
    assert "--at s1 if so, modalembic stamp --match --at seeds@base if not" in refused.err
    done(match(project, database_url, "--at", "seeds@base"))
    assert versions(database_url) == {"b1"}
    done(match(project, database_url, "--at", "s1"))
    assert versions(database_url) == {"s1"}


def test_the_proof_is_shown_and_nothing_written(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "o1", "b4")
    without_rows(database_url)
    shown = done(match(project, database_url, "--dry-run")).out.splitlines()
    assert shown[:3] == [
        "billing: b4 (1 object compared)",
        "cms: none of it",
        "orders: o1 (2 objects compared)",
    ]
    assert shown[-2:] == ["was: nothing", "would be: b4, o1"]
    assert fetch(database_url, "SELECT to_regclass('alembic_version')") == [(None,)]


def test_the_history_says_who_stamped_what_was_found(
    project: ProjectFiles, database_url: str
) -> None:
    at(project, database_url, "m1")
    without_rows(database_url)
    done(match(project, database_url))
    wanted = [("m2", "stamp", {"match": {"billing": 0, "cms": 1, "orders": 0}})]
    assert history(database_url, "revision, direction, details") == wanted
    assert fetch(database_url, "SELECT who <> '' FROM modalembic_history") == [(True,)]


def test_what_is_right_already_stays(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "heads")
    before = history(database_url)
    done(match(project, database_url))
    assert versions(database_url) == {"o2", "b4", "m2"}
    assert history(database_url) == before


# What is done to a database at heads, the modules that match no more, and what differs there.
DAMAGE = [
    ("ALTER TABLE pages ALTER title TYPE varchar(10)", {"cms"}, "type is character varying(10)"),
    ("ALTER TABLE invoices DROP state CASCADE", {"billing", "orders"}, "invoices.state is missing"),
    ("DROP VIEW due", {"orders"}, "view public.due is missing"),
    ("ALTER TABLE pages ADD x int", {"cms"}, "public.pages.x is not expected"),
    ("ALTER TABLE invoices ALTER net SET DEFAULT 9", {"billing"}, "default is 9, expected 0"),
]


@pytest.mark.parametrize(("damage", "modules", "told"), DAMAGE)
def test_what_matches_nothing_is_refused_with_the_nearest(
    project: ProjectFiles, database_url: str, damage: str, modules: set[str], told: str
) -> None:
    at(project, database_url, "heads")
    execute(database_url, damage)
    before = versions(database_url)

    refused = match(project, database_url)

    assert refused.code == 1
    assert told in refused.out
    document = match(project, database_url, "--format", "json").document
    assert document["error"]["code"] == "no-match"
    assert {each["module"] for each in document["modules"] if not each["matches"]} == modules
    assert versions(database_url) == before


def test_two_modules_off_are_both_named(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "heads")
    execute(database_url, "ALTER TABLE pages DROP title", "DROP VIEW due")
    refused = match(project, database_url)
    assert "matches no revisions of cms, orders" in refused.err
    assert "cms: no match; the nearest is m2, with 1 difference" in refused.out
    assert "orders: no match; the nearest is o2, with 1 difference" in refused.out
    assert "modalembic stamp b4 m2 o2;" in refused.err


def test_the_nearest_can_be_stamped_all_the_same(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "b4", "m2")
    says(project, database_url, "o2", "b4", "m2")
    execute(database_url, "ALTER TABLE pages DROP title")
    refused = match(project, database_url)
    _, _, hint = refused.err.partition("all the same: modalembic ")
    command = hint.partition(";")[0].split()
    assert command == ["stamp", "orders@base", "b4", "m2"]
    done(modalembic(project, *command, url=database_url))
    assert versions(database_url) == {"b4", "m2"}
    drift = modalembic(project, "check", "drift", "--against", "live", url=database_url)
    assert "ADD COLUMN title text" in drift.out


def test_what_was_dropped_whole_counts_as_not_run(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "heads")
    execute(database_url, "DROP TABLE pages", "ALTER TABLE invoices DROP order_id")
    done(match(project, database_url))
    assert versions(database_url) == {"o1", "b4"}


def test_what_no_revision_makes_is_told_and_no_mismatch(
    project: ProjectFiles, database_url: str
) -> None:
    at(project, database_url, "b1")
    execute(database_url, "CREATE TABLE theirs (id int)", "COMMENT ON TABLE invoices IS 'x'")
    found = done(match(project, database_url, "--format", "json")).document
    assert [each["name"] for each in found["extra"]] == ["public.theirs"]
    assert [each["part"] for each in found["remarks"]] == ["comment"]
    assert "table public.theirs is not expected" in done(match(project, database_url)).out


def test_a_table_of_a_later_revision_speaks_against_an_earlier_one(
    project: ProjectFiles, database_url: str
) -> None:
    """It is no table of nobody: the next upgrade would stumble over it."""
    at(project, database_url, "b1")
    execute(database_url, "CREATE TABLE orders (id int)")
    refused = match(project, database_url)
    assert refused.code == 1
    assert "orders: no match" in refused.out


def test_an_empty_database_matches_nothing(project: ProjectFiles, database_url: str) -> None:
    done(modalembic(project, "stamp", "heads", url=database_url))
    shown = done(match(project, database_url)).out
    assert "billing: none of it" in shown
    assert versions(database_url) == set()


def test_unknown_rows_stay_unless_they_are_purged(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "b1")
    execute(database_url, "INSERT INTO alembic_version VALUES ('gone')")
    done(match(project, database_url))
    assert versions(database_url) == {"b1", "gone"}
    done(match(project, database_url, "--purge"))
    assert versions(database_url) == {"b1"}


def test_a_module_that_is_not_here_keeps_its_tables(tmp_path: Path, database_url: str) -> None:
    whole = shop(tmp_path / "whole")
    at(whole, database_url, "heads")
    part = shop(tmp_path / "part")
    for path in (part.root / "app/modules/cms").rglob("*.py"):
        path.unlink()
    found = done(match(part, database_url, "--format", "json")).document
    assert found["after"] == ["b4", "m2", "o2"]
    assert [each["name"] for each in found["extra"]] == ["public.pages"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--match", "heads"), "--match finds the targets itself"),
        (("heads", "--at", "b1"), "--at is for --match"),
        (("heads", "--dry-run"), "--dry-run is for --match"),
        ((), "stamp needs a target"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    project: ProjectFiles, database_url: str, arguments: tuple[str, ...], told: str
) -> None:
    refused = modalembic(project, "stamp", *arguments, url=database_url)
    assert refused.code == 2
    assert told in refused.err


def test_empty_revisions_of_a_module_that_is_not_there_stay_pending(
    tmp_path: Path, database_url: str
) -> None:
    project = shop(tmp_path)
    project.module("reports").revision("r1", depends_on="b1")
    at(project, database_url, "b1")
    without_rows(database_url)
    shown = done(match(project, database_url)).out
    assert "from reports@base to r1; taken: none, as nothing of the module is there" in shown
    assert versions(database_url) == {"b1"}


def test_hostile_names_are_no_trouble(tmp_path: Path, database_url: str) -> None:
    project = new_project(tmp_path)
    table = '"Od.d ""%(näme)s"'
    create = f'CREATE TABLE "Sch.ema".{table} ("i.d" serial PRIMARY KEY, a int CHECK (a > 0))'
    module = project.module("core")
    module.revision("c1", upgrade=raw('CREATE SCHEMA "Sch.ema"', create))
    module.revision("c2", down="c1", upgrade=raw(f'ALTER TABLE "Sch.ema".{table} ADD "b%c" int'))
    module.revision("c3", down="c2", upgrade=raw(f'CREATE INDEX "i:x" ON "Sch.ema".{table} (a)'))
    for target in ("c1", "c2", "c3"):
        at(project, database_url, target)
        without_rows(database_url)
        shown = done(match(project, database_url)).out
        assert shown.startswith(f"core: {target} (2 objects compared)")
    execute(database_url, f'ALTER TABLE "Sch.ema".{table} DROP "b%c"')
    assert f'column "Sch.ema".{table}."b%c" is missing' in match(project, database_url).out


def raw(*statements: str) -> str:
    """The body of a revision whose statements have % and : in them."""
    return "\n".join(f"op.get_bind().exec_driver_sql({s.replace('%', '%%')!r})" for s in statements)


def test_version_rows_in_a_table_and_schema_of_their_own(tmp_path: Path, database_url: str) -> None:
    own = 'version_table = "ours"\nversion_table_schema = "ops"\n'
    given = 'connection=connection, version_table="ours", version_table_schema="ops")'
    env = ENV.replace("connection=connection)", given)
    project = new_project(tmp_path, f"{GLOB}\n{own}", env)
    project.module("core").revision("c1", upgrade=sql("CREATE TABLE t (id int)"))
    execute(database_url, "CREATE SCHEMA ops")
    at(project, database_url, "heads")
    execute(database_url, "DELETE FROM ops.ours")
    done(match(project, database_url))
    assert versions(database_url, "ops.ours") == {"c1"}


def test_a_database_that_changes_meanwhile_is_left_alone(
    project: ProjectFiles, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path))  # so that there is a replay to tell
    at(project, database_url, "b1")
    without_rows(database_url)

    class Meddler(Observer):
        """Alters the database while it is compared."""

        def event(self, text: str) -> None:  # noqa: ARG002
            execute(database_url, "ALTER TABLE invoices ADD IF NOT EXISTS x int")

    with pytest.raises(DatabaseChanged):
        stamp_match(
            Project.load(project.root),
            database=database_url,
            observer=Meddler(),
        )
    assert versions(database_url) == set()


def test_a_scratch_server_on_which_nothing_can_be_recorded_will_do(
    project: ProjectFiles,
    database_url: str,
    server: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What revisions touch is not known there, so the catalog is read after each."""
    name = f"maker_{secrets.token_hex(4)}"
    server.execute(f"CREATE ROLE {name} LOGIN CREATEDB PASSWORD 'x'".encode())
    url = replace(DatabaseURL.parse(database_url), user=name, password="x")
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", url.conninfo)
    try:
        at(project, database_url, "o2", "b2", "m1")
        without_rows(database_url)
        done(match(project, database_url, "--at", "b2"))
        assert versions(database_url) == {"b2", "m2", "o2"}
    finally:
        server.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_without_revisions_there_is_nothing_to_match(tmp_path: Path, database_url: str) -> None:
    project = new_project(tmp_path)
    project.module("core")
    execute(database_url, "CREATE TABLE theirs (id int)")
    assert done(match(project, database_url)).out.splitlines() == [
        "core: none of it",
        "made by no revision:",
        "    warning: table public.theirs is not expected (table)",
        "was: nothing",
        "is:  nothing",
    ]


@pytest.mark.parametrize("rows", [{"c2a"}, {"c2b"}, {"c2a", "c2b"}, {"c3"}, {"c1"}])
def test_branches_of_a_module_are_found_each_by_itself(
    tmp_path: Path, database_url: str, rows: set[str]
) -> None:
    project = new_project(tmp_path)
    module = project.module("core")
    module.revision("c1", upgrade=sql("CREATE TABLE t (id int)"))
    module.revision("c2a", down="c1", upgrade=sql("ALTER TABLE t ADD a int"))
    module.revision("c2b", down="c1", upgrade=sql("ALTER TABLE t ADD b int"))
    module.revision("c3", down=("c2a", "c2b"), upgrade=sql("ALTER TABLE t ADD c int"))
    at(project, database_url, *sorted(rows))
    without_rows(database_url)
    done(match(project, database_url))
    assert versions(database_url) == rows


def test_it_can_be_asked_in_python(project: ProjectFiles, database_url: str) -> None:
    at(project, database_url, "b1", "m1")
    says(project, database_url, "b4")
    found = api.match(Project.load(project.root), database=database_url)
    assert found.matches
    assert found.applied == {"b1", "m1", "m2"}
    assert (found.rows, found.after()) == (("b4",), ("b1", "m2"))
    assert versions(database_url) == {"b4"}
