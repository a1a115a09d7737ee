"""Two upgrades at once, one of them interrupted: the other does what is left, and neither does a
thing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.postgres.url import DatabaseURL
from tests.crash.endings import Ending, ending_of
from tests.crash.histories import write_history
from tests.crash.proxy import Proxy
from tests.crash.trials import (
    HARMS,
    Subject,
    Trial,
    Tried,
    Workshop,
    every_trial,
    judged,
    some,
    wrong_of_interrupted,
)
from tests.plugins.points import Tell

SAMPLE = 6


def attempt(workshop: Workshop, subject: Subject, trial: Trial, expected: Ending) -> Tried:
    """One trial, and what the run beside it makes of it. The harm is not done where that was first
    and left nothing to do."""
    with (
        workshop.database(subject.start) as url,
        workshop.zygote() as one,
        workshop.zygote() as other,
    ):
        with Proxy(DatabaseURL.parse(url), trial.point, HARMS[trial.harm]) as proxy:
            interrupted = subject.begin(one, proxy.url)
            proxy.victim = interrupted.pid
            beside = subject.begin(other, url)
            wrong = wrong_of_interrupted(interrupted.finish(), trial)
        following = beside.finish()
        if following.code != 0:
            wrong.append(f"the run beside it ended with {following.code}: {following.said}")
        wrong = wrong or ending_of(url).differences(expected)
        return Tried(trial, wrong, struck=proxy.struck.is_set())


def try_all(workshop: Workshop, directory: Path, number: int | None) -> int:
    files = write_history(directory / "shop", seed=31)
    subject = Subject(files.root, files.environ)
    messages, expected = workshop.undisturbed(subject)
    trials = every_trial(messages)
    trials = some(trials, number or len(trials), seed=31)
    # Where the other run was first, there is little to interrupt.
    return judged([attempt(workshop, subject, trial, expected) for trial in trials], share=0.1)


@pytest.mark.slow
def test_of_two_upgrades_at_once_one_is_interrupted_and_the_other_does_what_is_left(
    workshop: Workshop, tmp_path: Path, tried: Tell
) -> None:
    tried("points", try_all(workshop, tmp_path, SAMPLE))


@pytest.mark.soak
def test_of_two_upgrades_at_once_one_is_interrupted_anywhere_and_the_other_does_what_is_left(
    workshop: Workshop, tmp_path: Path, tried: Tell
) -> None:
    tried("points", try_all(workshop, tmp_path, None))
