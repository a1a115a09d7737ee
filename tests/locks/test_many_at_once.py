"""Sixteen upgrades at once, of several versions of a project, some killed while they hold the lock:
every revision runs exactly once, and each run that was left alone is right about what it found."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.commandline import Outcome, finish, start
from tests.locks.crowds import MODULES, NAP_SECONDS, PER_MODULE, Crowd, Trees, prepare, trees

if TYPE_CHECKING:
    import psycopg

    from tests.plugins.points import Tell

NOTHING = "nothing to do: the database is at heads"
AHEAD = (
    r"the database is ahead of this code: it is at (\w+) of (\w+), which this code does not have"
)
UNKNOWN_MODULE = r"warning: the database is at (\w+) of (\w+), a module that is not discovered here"
# The processor is the limit, not the locks: sixteen interpreters start at once.
RUNS = 16


def crowd(
    place: Trees, url: str, chance: random.Random, kills: int, *options: str
) -> tuple[list[Outcome], int]:
    """Sixteen runs in any order, of which `kills` are killed; how the others ended, and how many
    were killed."""
    runs = Crowd(place.log)
    projects = [place.newest] * 8 + [place.older] * 4 + [place.oldest] * 4
    assert len(projects) == RUNS
    chance.shuffle(projects)
    for project in projects:
        runs.join(project, url, *options)
    runs.kill_some(set(chance.sample(place.revisions, kills)), chance)
    return runs.outcomes(), len(runs.killed)


def assert_right(outcomes: list[Outcome]) -> None:
    """Each run did something, found nothing to do, or named what it does not know."""
    for outcome in outcomes:
        assert "Traceback" not in outcome.said
        if outcome.code == 0:
            assert outcome.out.startswith((NOTHING, "upgraded to heads: ")), outcome
        else:
            assert outcome.code == 2, outcome
            named = re.search(AHEAD, outcome.err)
            assert named, outcome
            assert named[1] == f"{named[2]}{PER_MODULE - 1}"
        for revision, module in re.findall(UNKNOWN_MODULE, outcome.err):
            assert revision.startswith(module)
            assert module == MODULES[-1]


def assert_each_ran_once(place: Trees, database: psycopg.Connection[Any]) -> None:
    """By what the revisions have counted, by the history, and by the catalog."""
    counted = database.execute("SELECT revision, count(*) FROM executions GROUP BY 1").fetchall()
    assert sorted(counted) == sorted((revision, 1) for revision in place.revisions)
    noted = database.execute(
        "SELECT revision, direction, state, count(*) FROM modalembic_history GROUP BY 1, 2, 3"
    ).fetchall()
    expected = [(revision, "upgrade", "done", 1) for revision in place.revisions]
    assert sorted(noted) == sorted(expected)
    rows = database.execute("SELECT version_num FROM alembic_version").fetchall()
    assert rows == [(f"{MODULES[-1]}{PER_MODULE - 1}",)]
    made = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE %s"
    assert database.execute(made, ["%_made"]).fetchone() == (len(place.revisions),)


def run_crowd(
    directory: Path, url: str, database: psycopg.Connection[Any], seed: int, kills: int
) -> int:
    """A crowd, and one more run of the newest tree after it; how many were killed."""
    place = trees(directory)
    prepare(database, NAP_SECONDS)
    outcomes, killed = crowd(place, url, random.Random(seed), kills)
    assert_right(outcomes)
    last = finish(start(["upgrade", "--database", url], cwd=place.newest.root))
    assert last.code == 0, last.err
    assert_each_ran_once(place, database)
    return killed


@pytest.mark.slow
def test_every_revision_runs_once(
    tmp_path: Path, database_url: str, database: psycopg.Connection[Any], tried: Tell
) -> None:
    killed = run_crowd(tmp_path, database_url, database, seed=5, kills=4)

    assert killed > 0
    tried("upgrades at once", RUNS)
    tried("killed at work", killed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_every_revision_runs_once_however_they_meet(
    tmp_path: Path, database_url: str, database: psycopg.Connection[Any], tried: Tell, seed: int
) -> None:
    killed = run_crowd(tmp_path, database_url, database, seed, kills=seed % 8)

    tried("upgrades at once", RUNS)
    tried("killed at work", killed)


@pytest.mark.soak
@pytest.mark.pgbouncer
@pytest.mark.parametrize("seed", range(5))
def test_behind_a_pooler_that_keeps_sessions_too(
    tmp_path: Path,
    database_url: str,
    database: psycopg.Connection[Any],
    make_pooler: Callable[..., Callable[[str], str]],
    tried: Tell,
    seed: int,
) -> None:
    through = make_pooler(pool_mode="session", default_pool_size=100)

    killed = run_crowd(tmp_path, through(database_url), database, seed, kills=3)

    tried("upgrades at once", RUNS)
    tried("killed at work", killed)
