"""The state machine, for four minutes; with `make soak` for as long as SOAK_MINUTES says."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.crash.zygote import Zygote
from tests.plugins.points import Tell
from tests.soak.machine import Bench, Machine

CI_SECONDS = 180.0
STEPS_OF_A_MACHINE = 40
MACHINES_OF_A_SEED = 5


@pytest.fixture
def bench(
    tmp_path: Path, short_database: Callable[[str], AbstractContextManager[str]]
) -> Iterator[Bench]:
    with Zygote(tmp_path / "zygote") as zygote:
        yield Bench(0.0, tmp_path, short_database, zygote)


def run_for(bench: Bench, seconds: float, number: int) -> None:
    """Run machines until the time is over; those of one seed can be had again."""
    bench.end = time.monotonic() + seconds
    while time.monotonic() < bench.end:
        print(f"seed {number}")
        run_state_machine_as_test(
            seed(number)(type("Machine", (Machine,), {"bench": bench})),
            settings=settings(
                max_examples=MACHINES_OF_A_SEED,
                stateful_step_count=STEPS_OF_A_MACHINE,
                deadline=None,
                database=None,
                # To find a shorter way to a failure would take longer than all else.
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
        number += 1


def told(bench: Bench, tried: Tell) -> None:
    for rule, number in sorted(bench.steps.items()):
        print(f"{number:>8}  {rule}")
    tried("steps", bench.steps.total())
    tried("crashes", bench.struck)


@pytest.mark.slow
@pytest.mark.longest
def test_whatever_happens_to_a_project_its_database_is_right(bench: Bench, tried: Tell) -> None:
    run_for(bench, CI_SECONDS, number=1)

    told(bench, tried)


@pytest.mark.soak
def test_whatever_happens_to_a_project_for_long_its_database_is_right(
    bench: Bench, tried: Tell
) -> None:
    minutes = float(os.environ.get("SOAK_MINUTES", "60"))
    # Other machines than in CI, and others every time.
    run_for(bench, minutes * 60, number=int(os.environ.get("SOAK_SEED", time.time_ns() // 10**9)))

    told(bench, tried)
