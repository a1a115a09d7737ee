"""Revisions and graphs made by hand."""

from __future__ import annotations

from collections.abc import Iterable

from modalembic.history.graph import RevisionGraph
from modalembic.history.plan import plan_upgrade
from modalembic.history.revision import Revision
from modalembic.history.targets import TargetResolver


def revision(
    id_: str,
    module: str | None = None,
    down: str | Iterable[str] = (),
    depends_on: str | Iterable[str] = (),
    labels: str | Iterable[str] = (),
) -> Revision:
    """A revision by hand. Its module is the letter that its id begins with, if not given."""

    def names(value: str | Iterable[str]) -> tuple[str, ...]:
        return (value,) if isinstance(value, str) else tuple(value)

    return Revision(
        id_, module or id_[0], names(down), names(depends_on), names(labels), "", f"{id_}.py", 1
    )


def graph_of(*revisions: Revision) -> RevisionGraph:
    return RevisionGraph(revisions)


def history(modules: int, length: int) -> RevisionGraph:
    """Lines that lean on each other: every third revision needs one of the module before it."""
    return RevisionGraph(
        revision(
            f"m{module}_{number}",
            f"m{module}",
            down=f"m{module}_{number - 1}" if number else (),
            depends_on=f"m{module - 1}_{number}" if module and number % 3 == 0 else (),
            labels=f"m{module}" if not number else (),
        )
        for number in range(length)
        for module in range(modules)
    )


def planned(graph: RevisionGraph) -> list[str]:
    order = sorted(graph.of_module)
    goals = TargetResolver(graph, order).upgrade("heads")
    steps = plan_upgrade(graph, "heads", goals, frozenset(), order).steps
    return [step.revision.id for step in steps]
