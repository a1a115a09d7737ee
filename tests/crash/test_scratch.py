"""A command that works on scratch databases is interrupted: nothing that it leaves, in the cache or
on the server, is trusted by a later one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from modalembic.postgres.connection import connect
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from tests.checks.drift_shop import CORE, drift_shop
from tests.cli.commandline import Outcome
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

SAMPLE = 10
LEFT = "SELECT datname FROM pg_database WHERE datname LIKE 'modalembic\\_scratch\\_%'"
COMMAND = ("check", "drift", "--format", "json")


@dataclass(frozen=True)
class Drifted:
    """A project whose models say something else than its migrations, and what is used to check it.
    Every trial begins with an empty cache."""

    root: Path
    cache: Path
    server: DatabaseURL
    zygote: Zygote

    def begin_anew(self) -> None:
        shutil.rmtree(self.cache, ignore_errors=True)

    def check(self, url: str) -> Outcome:
        return self.zygote.run(*COMMAND, cwd=self.root, environ=self.environ(url))

    def environ(self, url: str) -> dict[str, str]:
        return {"MODALEMBIC_CACHE_DIR": str(self.cache), "MODALEMBIC_SCRATCH_URL": url}

    def undisturbed(self) -> tuple[list[Message], list[dict[str, Any]]]:
        """The messages of a check that nothing happens to, and what it finds."""
        self.begin_anew()
        with Proxy(self.server) as proxy:
            outcome = self.check(proxy.url)
        found = findings(outcome)
        assert [finding["rule"] for finding in found] == ["drift/column-type"]
        return list(proxy.seen), found

    def attempt(self, trial: Trial, expected: list[dict[str, Any]]) -> Tried:
        """One trial, and what comes after it."""
        self.begin_anew()
        with Proxy(self.server, trial.point, HARMS[trial.harm]) as proxy:
            started = self.zygote.start(*COMMAND, cwd=self.root, environ=self.environ(proxy.url))
            proxy.victim = started.pid
            outcome = started.finish()
        wrong = [] if outcome.code == 1 else wrong_of_interrupted(outcome, trial)
        # The second of these may take what the first has kept.
        for _ in range(2):
            following = self.check(self.server.conninfo)
            if following.code != 1 or findings(following) != expected:
                wrong.append(f"a later check ended with {following.code}: {following.said}")
        return Tried(trial, wrong + self._left(), struck=proxy.struck.is_set())

    def _left(self) -> list[str]:
        """Scratch databases that a sweep does not find."""
        ScratchServer(self.server).sweep(older_than=0)
        with connect(self.server) as connection:
            return [f"left: {row[0]}" for row in connection.execute(LEFT)]


def findings(outcome: Outcome) -> list[dict[str, Any]]:
    """What a check found; nothing where it came to no end."""
    return list(json.loads(outcome.out)["findings"]) if outcome.out else []


@pytest.fixture
def drifted(tmp_path: Path, cluster: Cluster, zygotes: SimpleQueue[Zygote]) -> Iterable[Drifted]:
    files = drift_shop(tmp_path / "shop", cluster.url.conninfo)
    files.file("app/modules/core/models.py", CORE.replace("String(80)", "String(81)"))
    zygote = zygotes.get()
    yield Drifted(files.root, tmp_path / "cache", cluster.url, zygote)
    zygotes.put(zygote)


def try_all(drifted: Drifted, number: int | None) -> int:
    messages, expected = drifted.undisturbed()
    trials = every_trial(messages)
    trials = some(trials, number or len(trials), seed=21)
    return judged([drifted.attempt(trial, expected) for trial in trials])


@pytest.mark.slow
def test_what_an_interrupted_check_leaves_is_not_trusted(drifted: Drifted, tried: Tell) -> None:
    tried("points", try_all(drifted, SAMPLE))


@pytest.mark.soak
def test_what_a_check_interrupted_anywhere_leaves_is_not_trusted(
    drifted: Drifted, tried: Tell
) -> None:
    tried("points", try_all(drifted, None))
