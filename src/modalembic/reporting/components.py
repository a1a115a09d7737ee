"""How far the modules have come, as a team's table: each component with a mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from modalembic.reporting.text import table

if TYPE_CHECKING:
    from modalembic.runtime.state.status import ModuleStatus

MARKS: Mapping[str, str] = MappingProxyType(
    {"own": "yes", "mixed": "partly", "re-export": "old", "empty": "empty", "missing": "missing"}
)
_NOT_THERE = "-"
_KEY = (
    "yes: its own; partly: some of it lies elsewhere; old: only re-exported; "
    "missing: named and not there"
)


def component_lines(statuses: Sequence[ModuleStatus]) -> Iterator[str]:
    """`modalembic modules --components`."""
    header, *rows = _table(statuses)
    yield from table([cell.upper() for cell in header], rows)
    yield _KEY


def component_markdown(statuses: Sequence[ModuleStatus]) -> Iterator[str]:
    """`modalembic modules --format markdown`, for a wiki."""
    header, *rows = _table(statuses)
    yield _row(header)
    yield _row(["---"] * len(header))
    yield from map(_row, rows)


def _table(statuses: Sequence[ModuleStatus]) -> Iterator[list[str]]:
    shown = [status for status in statuses if status.completeness is not None]
    names = sorted({each.name for status in shown for each in status.components})
    yield ["module", "tier", "split", *names]
    for status in shown:
        marks = {each.name: MARKS[each.state] for each in status.components}
        cells = [marks.get(name, _NOT_THERE) for name in names]
        yield [status.module.name, status.module.tier, str(status.completeness), *cells]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
