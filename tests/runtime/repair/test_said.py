"""`repair --done` and `--undone`: a person says what became of an interrupted revision."""

from __future__ import annotations

from typing import Any

import pytest

import modalembic as api
from modalembic.errors import NotInterrupted, UsageError
from tests.runtime.support import done, execute, fetch, history, sql, versions
from tests.runtime.trace.kills import Kills

TABLE = sql("CREATE TABLE t (id int)")
# Nothing tells whether what it does may be done again: it reads on the way.
READS = """
op.execute("INSERT INTO t VALUES (1)")
op.get_bind().exec_driver_sql("SELECT 1")
with op.get_context().autocommit_block():
    KILL(1)
op.execute("INSERT INTO t VALUES (2)")
"""


@pytest.fixture
def interrupted(kills: Kills) -> Kills:
    """m1 was interrupted after its first statement."""
    kills.project.module("m").revision("m0", upgrade=TABLE).revision(
        "m1", down="m0", upgrade=kills.revision(READS), downgrade=kills.revision(READS)
    ).revision("m2", down="m1")
    kills.at(1)
    assert kills.run("upgrade").code == 2
    return kills


def _repairs(kills: Kills) -> list[Any]:
    return fetch(
        kills.url,
        "SELECT revision, details->>'action', content_hash IS NOT NULL, who <> '' "
        "FROM modalembic_history WHERE direction = 'repair' ORDER BY id",
    )


def test_done(interrupted: Kills) -> None:
    execute(interrupted.url, "INSERT INTO t VALUES (2)")

    told = done(interrupted.run("repair", "--done", "m1"))

    assert "done: the upgrade of m1 (m) counts as done" in told.out
    assert "was: m0\nis:  m1" in told.out
    assert versions(interrupted.url) == {"m1"}
    assert _repairs(interrupted) == [("m1", "done", True, True)]
    done(interrupted.run("upgrade"))
    assert fetch(interrupted.url, "SELECT id FROM t ORDER BY id") == [(1,), (2,)]
    assert "no findings" in interrupted.run("doctor").out


def test_undone(interrupted: Kills) -> None:
    execute(interrupted.url, "DELETE FROM t")

    told = done(interrupted.run("repair", "--undone", "m1"))

    assert "undone: the upgrade of m1 (m) counts as not begun" in told.out
    assert versions(interrupted.url) == {"m0"}
    assert _repairs(interrupted) == [("m1", "undone", False, True)]
    done(interrupted.run("upgrade"))
    assert fetch(interrupted.url, "SELECT id FROM t ORDER BY id") == [(1,), (2,)]
    assert "no findings" in interrupted.run("doctor").out


@pytest.mark.parametrize(
    ("option", "left"), [("--done", {"m0"}), ("--undone", {"m1"})], ids=["done", "undone"]
)
def test_of_a_downgrade(interrupted: Kills, option: str, left: set[str]) -> None:
    done(interrupted.run("repair", "--done", "m1"))
    interrupted.at(1, "downgrade", "m@-1")
    assert interrupted.run("downgrade", "m@-1").code == 2

    done(interrupted.run("repair", option, "m1"))

    assert versions(interrupted.url) == left
    assert "no findings" in interrupted.run("doctor").out
    done(interrupted.run("upgrade"))
    assert versions(interrupted.url) == {"m2"}


def test_nothing_is_written_under_dry_run(interrupted: Kills) -> None:
    before = history(interrupted.url, "id, state, details")

    told = done(interrupted.run("repair", "--done", "m1", "--dry-run"))

    assert told.out.startswith("nothing was done; this would be:\ndone: ")
    assert history(interrupted.url, "id, state, details") == before
    assert versions(interrupted.url) == {"m0"}


def test_what_was_not_interrupted_is_refused(interrupted: Kills) -> None:
    before = history(interrupted.url, "id, state, details")
    for option in ("--done", "--undone"):
        for id_ in ("m0", "m2", "nowhere", "", "m1'; --"):
            refused = interrupted.run("repair", option, id_)

            assert refused.code == 2
            assert f"{option} {id_}: no revision of that id was interrupted" in refused.err
            assert "hint: interrupted: m1" in refused.err
    assert history(interrupted.url, "id, state, details") == before


def test_nothing_was_interrupted(kills: Kills) -> None:
    kills.project.module("m").revision("m0", upgrade=TABLE)
    for _ in range(2):
        with pytest.raises(NotInterrupted, match="--done m0"):
            api.repair(kills.project.load(), done=["m0"], database=kills.url)
        assert "nothing to repair" in done(kills.run("repair")).out
        done(kills.run("upgrade"))


def test_both_is_refused(interrupted: Kills) -> None:
    with pytest.raises(UsageError, match="m1 is either --done or --undone"):
        api.repair(interrupted.project.load(), done=["m1"], undone=["m1"], database=interrupted.url)


def test_a_revision_that_is_gone_from_the_code_is_taken_for_undone(interrupted: Kills) -> None:
    module = interrupted.project.module("m")
    for id_ in ("m1", "m2"):
        module.revision_path(id_).unlink()
    module.revision("m3", down="m0")
    refused = interrupted.run("upgrade")
    assert refused.code == 2
    assert "modalembic repair --undone m1" in refused.err

    done(interrupted.run("repair", "--undone", "m1"))

    done(interrupted.run("upgrade"))
    assert versions(interrupted.url) == {"m3"}


def test_a_stamp_says_it_too(interrupted: Kills) -> None:
    done(interrupted.run("stamp", "m1"))

    assert "no findings" in interrupted.run("doctor").out
    done(interrupted.run("upgrade"))


def test_what_stock_alembic_has_done_since_needs_nobody_to_say_it(interrupted: Kills) -> None:
    execute(interrupted.url, "UPDATE alembic_version SET version_num = 'm1'")
    assert "the version rows say that it was done since" in interrupted.run("doctor").out

    done(interrupted.run("repair"))

    assert "doctor/interrupted" not in interrupted.run("doctor").out
    done(interrupted.run("upgrade"))


def test_the_document(interrupted: Kills) -> None:
    left = interrupted.run("repair", "--format", "json")
    assert left.code == 1
    (each,) = left.document["left"]
    assert each["revision"] == "m1"
    assert "modalembic repair --done m1" in each["fix"]
    assert left.document["actions"] == []

    document = done(interrupted.run("repair", "--done", "m1", "--format", "json")).document

    assert [action["action"] for action in document["actions"]] == ["done"]
    assert (document["before"], document["after"]) == (["m0"], ["m1"])
    assert document["left"] == []
