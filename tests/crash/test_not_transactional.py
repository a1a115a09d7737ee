"""An upgrade with revisions that leave their transaction, interrupted at protocol messages: the
next run ends as one that nothing has happened to, or names the one command that makes it do so."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.commandline import Outcome
from tests.crash.histories import write_history
from tests.crash.trials import FAILED, Subject, Workshop, every_trial, run_again, some
from tests.crash.zygote import Zygote
from tests.plugins.points import Tell

SAMPLE = 30
HINT = re.compile(r"^ *hint: modalembic repair$", re.MULTILINE)


@dataclass(frozen=True)
class Mended:
    """Recovers: by the next run, or by the command that it names and the run after that. `ways`
    counts which."""

    ways: Counter[str] = field(default_factory=Counter)

    def __call__(self, subject: Subject, zygote: Zygote, url: str, outcome: Outcome) -> list[str]:
        following = subject.run(zygote, url)
        if following.code == 0:
            self.ways["next run"] += 1
            return run_again(subject, zygote, url, outcome)
        if following.code != FAILED or not HINT.search(following.err):
            return [f"the next run ended with {following.code}: {following.said}"]
        doctor = subject.run(zygote, url, "doctor")
        if doctor.code != 1 or "fix: modalembic repair" not in doctor.out:
            return [f"doctor says otherwise: {doctor.said}"]
        repair = subject.run(zygote, url, "repair")
        if repair.code != 0:
            return [f"repair ended with {repair.code}: {repair.said}"]
        self.ways["repair"] += 1
        last = subject.run(zygote, url)
        return [] if last.code == 0 else [f"after the repair: {last.code}: {last.said}"]


def subject(directory: Path, environment: str) -> Subject:
    files = write_history(directory / "shop", seed=51, environment=environment, blocks=True)
    alone = environment == "own url"
    return Subject(files.root, files.environ, own_url=alone, leaves_transactions=True)


def try_all(workshop: Workshop, generated: Subject, number: int | None, tried: Tell) -> None:
    messages, expected = workshop.undisturbed(generated)
    trials = every_trial(messages)
    trials = some(trials, number or len(trials), seed=52)
    mended = Mended()

    tried("points", workshop.try_all(generated, trials, expected, mended))
    tried("points mended by repair", mended.ways["repair"])


@pytest.mark.slow
def test_what_was_left_half_done_at_a_message_is_finished_by_the_next_run_or_by_repair(
    workshop: Workshop, tmp_path: Path, tried: Tell
) -> None:
    try_all(workshop, subject(tmp_path, "template"), SAMPLE, tried)


@pytest.mark.soak
@pytest.mark.parametrize("environment", ["template", "own url", "asynchronous"])
def test_what_was_left_half_done_at_any_message_is_finished_by_the_next_run_or_by_repair(
    environment: str, workshop: Workshop, tmp_path: Path, tried: Tell
) -> None:
    try_all(workshop, subject(tmp_path, environment), None, tried)
