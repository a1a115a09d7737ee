"""A command that works on scratch databases is interrupted: nothing that it leaves, in the cache or
on the server, is trusted by a later one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from modalembic.postgres.connection import connect
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from tests.checks.drift_shop import CORE, drift_shop
from tests.cli.commandline import Outcome, shop
from tests.crash.cluster import Cluster
from tests.crash.proxy import Message, Proxy
from tests.crash.trials import (
    HARMS,
    Trial,
    Tried,
    every_trial,
    judged,
    some,
    wrong_of_interrupted,
)
from tests.crash.zygote import Zygote
from tests.plugins.points import Tell

SAMPLE = 5
LEFT = "SELECT datname FROM pg_database WHERE datname LIKE 'modalembic\\_scratch\\_%'"
ROWS_LOST = "DROP TABLE alembic_version, modalembic_history"


@dataclass(frozen=True)
class Scratchwork:
    """A command with `--format json` that works on scratch databases of `server`, and the exit code
    that it has. Every trial begins with an empty cache."""

    root: Path
    cache: Path
    server: DatabaseURL
    zygote: Zygote
    command: tuple[str, ...]
    code: int

    def undisturbed(self) -> tuple[list[Message], dict[str, Any]]:
        """The messages of a run that nothing happens to, and its answer."""
        self._begin_anew()
        with Proxy(self.server) as proxy:
            outcome = self._run(proxy.url)
        assert outcome.code == self.code, outcome.said
        return list(proxy.seen), self._answer(outcome)

    def attempt(self, trial: Trial, expected: dict[str, Any]) -> Tried:
        """One trial, and what comes after it."""
        self._begin_anew()
        with Proxy(self.server, trial.point, HARMS[trial.harm]) as proxy:
            environ = self._environ(proxy.url)
            started = self.zygote.start(*self._arguments, cwd=self.root, environ=environ)
            proxy.victim = started.pid
            outcome = started.finish()
        wrong = [] if outcome.code == self.code else wrong_of_interrupted(outcome, trial)
        # The second of these may take what the first has kept.
        for _ in range(2):
            following = self._run(self.server.conninfo)
            if following.code != self.code or self._answer(following) != expected:
                wrong.append(f"a later run ended with {following.code}: {following.said}")
        return Tried(trial, wrong + self._left(), struck=proxy.struck.is_set())

    @property
    def _arguments(self) -> tuple[str, ...]:
        return ("--format", "json", *self.command)

    def _begin_anew(self) -> None:
        shutil.rmtree(self.cache, ignore_errors=True)

    def _run(self, url: str) -> Outcome:
        return self.zygote.run(*self._arguments, cwd=self.root, environ=self._environ(url))

    def _environ(self, url: str) -> dict[str, str]:
        return {"MODALEMBIC_CACHE_DIR": str(self.cache), "MODALEMBIC_SCRATCH_URL": url}

    def _answer(self, outcome: Outcome) -> dict[str, Any]:
        return dict(json.loads(outcome.out or "{}"))

    def _left(self) -> list[str]:
        """Scratch databases that a sweep does not find."""
        ScratchServer(self.server).sweep(older_than=0)
        with connect(self.server) as connection:
            return [f"left: {row[0]}" for row in connection.execute(LEFT)]


@pytest.fixture
def zygote(zygotes: SimpleQueue[Zygote]) -> Iterator[Zygote]:
    zygote = zygotes.get()
    yield zygote
    zygotes.put(zygote)


@pytest.fixture
def check(tmp_path: Path, cluster: Cluster, zygote: Zygote) -> Scratchwork:
    """`check drift` of a project whose models say something else than its migrations."""
    files = drift_shop(tmp_path / "shop", cluster.url.conninfo)
    files.file("app/modules/core/models.py", CORE.replace("String(80)", "String(81)"))
    command = ("check", "drift")
    return Scratchwork(files.root, tmp_path / "cache", cluster.url, zygote, command, 1)


@pytest.fixture
def match(tmp_path: Path, cluster: Cluster, zygote: Zygote) -> Scratchwork:
    """`stamp --match` of a database that has lost its version rows; it only shows."""
    files = shop(tmp_path / "shop")
    url = cluster.url.with_database("lost").conninfo
    with connect(cluster.url) as connection:
        connection.execute("DROP DATABASE IF EXISTS lost WITH (FORCE)")
        connection.execute("CREATE DATABASE lost")
    for target in ("core2", "bill1"):
        upgrade = zygote.run("--database", url, "upgrade", target, cwd=files.root)
        assert upgrade.code == 0, upgrade.said
    with connect(DatabaseURL.parse(url)) as connection:
        connection.execute(ROWS_LOST)
    command = ("--database", url, "stamp", "--match", "--dry-run")
    return Scratchwork(files.root, tmp_path / "cache", cluster.url, zygote, command, 0)


def try_all(work: Scratchwork, number: int | None) -> int:
    messages, expected = work.undisturbed()
    trials = every_trial(messages)
    trials = some(trials, number or len(trials), seed=21)
    return judged([work.attempt(trial, expected) for trial in trials])


@pytest.mark.slow
def test_what_an_interrupted_check_leaves_is_not_trusted(check: Scratchwork, tried: Tell) -> None:
    tried("points", try_all(check, SAMPLE))


@pytest.mark.slow
def test_what_an_interrupted_match_leaves_is_not_trusted(match: Scratchwork, tried: Tell) -> None:
    tried("points", try_all(match, SAMPLE))


@pytest.mark.soak
def test_what_a_check_interrupted_anywhere_leaves_is_not_trusted(
    check: Scratchwork, tried: Tell
) -> None:
    tried("points", try_all(check, None))


@pytest.mark.soak
def test_what_a_match_interrupted_anywhere_leaves_is_not_trusted(
    match: Scratchwork, tried: Tell
) -> None:
    tried("points", try_all(match, None))
