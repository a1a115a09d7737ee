"""Which checks there are. What a check needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from modalembic.checks.finding import Finding
from modalembic.checks.request import CheckRequest


@dataclass(frozen=True)
class Check:
    """One check: `run` answers a request with findings.

    `needs_database` says whether it asks a server; `with_base` are its rules that only a request
    with a base can find.
    """

    run: Callable[[CheckRequest], Iterable[Finding]]
    needs_database: bool = False
    with_base: frozenset[str] = frozenset()


def _drift(request: CheckRequest) -> Iterable[Finding]:
    from modalembic.checks.drift import check_drift

    return check_drift(
        request.project,
        against=request.against,
        database=request.database,
        observer=request.observer,
    )


def _history(request: CheckRequest) -> Iterable[Finding]:
    from modalembic.checks.history import check_history

    return check_history(request.project, request.base)


def _structure(request: CheckRequest) -> Iterable[Finding]:
    from modalembic.checks.structure import check_structure

    return check_structure(request.project)


CHECKS: Mapping[str, Check] = {
    "drift": Check(_drift, needs_database=True),
    "history": Check(
        _history,
        with_base=frozenset(
            f"history/{rule}"
            for rule in (
                "base-without-project",
                "changed-revision",
                "deleted-revision",
                "reworded-revision",
            )
        ),
    ),
    "structure": Check(_structure),
}
