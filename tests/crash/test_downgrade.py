"""A downgrade that is interrupted is finished by the same command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modalembic.postgres.url import DatabaseURL
from tests.crash.histories import write_history
from tests.crash.trials import Subject, Workshop, every_trial, some
from tests.plugins.points import Tell

SAMPLE = 8


@pytest.fixture
def upgraded(workshop: Workshop, tmp_path: Path) -> Iterator[Subject]:
    """A downgrade of everything, on a database that has everything."""
    files = write_history(tmp_path / "shop", seed=41)
    project = Subject(files.root, files.environ)
    with workshop.database("template0") as url:
        with workshop.zygote() as zygote:
            assert project.run(zygote, url).code == 0
        name = DatabaseURL.parse(url).database
        assert name is not None
        yield Subject(files.root, files.environ, ("downgrade", "base"), name)


@pytest.mark.slow
def test_a_downgrade_interrupted_at_a_message_is_finished_by_the_next(
    upgraded: Subject, workshop: Workshop, tried: Tell
) -> None:
    messages, expected = workshop.undisturbed(upgraded)
    trials = some(every_trial(messages), SAMPLE, seed=41)

    tried("points", workshop.try_all(upgraded, trials, expected))
    assert expected.versions == ()


@pytest.mark.soak
def test_a_downgrade_interrupted_at_any_message_is_finished_by_the_next(
    upgraded: Subject, workshop: Workshop, tried: Tell
) -> None:
    messages, expected = workshop.undisturbed(upgraded)
    trials = every_trial(messages)

    tried("points", workshop.try_all(upgraded, trials, expected))
