"""The same on the example: 69 revisions of 13 modules, one of them with an `autocommit_block`."""

from __future__ import annotations

import pytest

from tests.crash.trials import Subject, Workshop, every_trial, some
from tests.examples.shops import MARKETPLACE
from tests.plugins.points import Tell

SAMPLE = 5


@pytest.mark.slow
def test_an_upgrade_of_the_marketplace_interrupted_at_a_message_is_finished_by_the_next(
    workshop: Workshop, tried: Tell
) -> None:
    marketplace = Subject(MARKETPLACE.directory)
    messages, expected = workshop.undisturbed(marketplace)
    trials = some(every_trial(messages), SAMPLE, seed=1)

    tried("points", workshop.try_all(marketplace, trials, expected))


@pytest.mark.soak
def test_an_upgrade_of_the_marketplace_interrupted_at_any_message_is_finished_by_the_next(
    workshop: Workshop, tried: Tell
) -> None:
    marketplace = Subject(MARKETPLACE.directory)
    messages, expected = workshop.undisturbed(marketplace)
    trials = every_trial(messages)

    tried("points", workshop.try_all(marketplace, trials, expected))
