"""Adds up what tests have tried (`tried` below) and says so at the end, also of several workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

TRIED = "tried"
Tell = Callable[[str, int], None]


@pytest.fixture
def tried(record_property: Callable[[str, object], None]) -> Tell:
    """Tells how many of what a test has tried: `tried("points", 40)`."""

    def tell(what: str, number: int) -> None:
        record_property(TRIED, f"{number} {what}")

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told: list[tuple[str, str]] = []
    sums: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", []):
                if name == TRIED and getattr(report, "when", "") == "call":
                    number, _, what = str(value).partition(" ")
                    told.append((report.nodeid, str(value)))
                    sums[what] += int(number)
    if not told:
        return
    terminalreporter.section("tried")
    for test, value in sorted(told):
        terminalreporter.line(f"{value:>24}  {test}")
    for what, total in sorted(sums.items()):
        terminalreporter.line(f"{total} {what} in all")
