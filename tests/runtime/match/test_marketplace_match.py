"""The marketplace, of which each module is at another place: it is found again without its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.checks.market import perform

pytestmark = pytest.mark.slow

STATES: list[tuple[str, ...]] = [
    ("legacy@+20",),
    ("core@+2", "orders@+3", "inventory@+2", "cms@head"),
    ("heads",),
]


def commands(cache: Path, server_url: str, items: Sequence[Sequence[str]]) -> list[Any]:
    """What each of the command lines leaves; none may fail."""
    job = {"action": "command", "template": server_url, "items": [list(item) for item in items]}
    outcomes = perform(job, cache=cache)
    for item, outcome in zip(items, outcomes, strict=True):
        assert outcome["code"] == 0, (item, outcome)
    return [outcome["out"] for outcome in outcomes]


def test_every_state_is_found_again(
    make_database: Callable[[], str], server_url: str, tmp_path: Path
) -> None:
    items: list[list[str]] = []
    for targets in STATES:
        on = ["--database", make_database()]
        match = [*on, "stamp", "--match"]
        items += [[*on, "upgrade", target] for target in targets]
        items += [[*match, "--dry-run"], [*on, "stamp", "base", "--purge"], match]

    found = commands(tmp_path, server_url, items)

    for targets in STATES:
        with_rows, _, without_rows = found[len(targets) : len(targets) + 3]
        found = found[len(targets) + 3 :]
        assert with_rows["after"] == with_rows["before"], targets
        assert without_rows["matches"], targets
        for known, guessed in zip(with_rows["modules"], without_rows["modules"], strict=True):
            between = {*guessed["earliest"], *(each["revision"] for each in guessed["silent"])}
            assert {*known["revisions"], *guessed["revisions"]} <= between, targets
            assert all(each["empty"] for each in guessed["silent"]), targets
