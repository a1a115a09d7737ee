"""An upgrade of revisions that are all transactional, interrupted at protocol messages: the next
run ends as one that nothing has happened to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.histories import ENVIRONMENTS, write_history
from tests.crash.trials import Subject, Workshop, every_trial, some
from tests.plugins.points import Tell

SAMPLE = 10
SEEDS = {environment: seed for seed, environment in enumerate(sorted(ENVIRONMENTS), 1)}


def subject(directory: Path, environment: str) -> Subject:
    """A generated history with an env.py of this kind."""
    files = write_history(directory / "shop", seed=SEEDS[environment], environment=environment)
    cache = {"MODALEMBIC_CACHE_DIR": str(files.cache)}
    return Subject(files.root, cache, own_url=environment == "own url")


@pytest.mark.slow
@pytest.mark.parametrize("environment", sorted(ENVIRONMENTS))
def test_an_upgrade_interrupted_at_a_message_is_finished_by_the_next(
    environment: str, workshop: Workshop, tmp_path: Path, tried: Tell
) -> None:
    generated = subject(tmp_path, environment)
    messages, expected = workshop.undisturbed(generated)
    trials = some(every_trial(messages), SAMPLE, SEEDS[environment])

    tried("points", workshop.try_all(generated, trials, expected))


@pytest.mark.soak
@pytest.mark.parametrize("environment", sorted(ENVIRONMENTS))
def test_an_upgrade_interrupted_at_any_message_is_finished_by_the_next(
    environment: str, workshop: Workshop, tmp_path: Path, tried: Tell
) -> None:
    generated = subject(tmp_path, environment)
    messages, expected = workshop.undisturbed(generated)
    trials = every_trial(messages)

    tried("points", workshop.try_all(generated, trials, expected))
