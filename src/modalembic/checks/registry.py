"""Which checks there are. What a check needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from modalembic.checks.finding import Finding
from modalembic.checks.move import Move
from modalembic.checks.request import CheckRequest


@dataclass(frozen=True)
class Check:
    """One check: `run` answers a request with findings, and with moves.

    `needs_database` says whether it asks a server; `with_base` are its rules that only a request
    with a base can find.
    """

    run: Callable[[CheckRequest], Iterable[Finding | Move]]
    needs_database: bool = False
    with_base: frozenset[str] = frozenset()


def _dependencies(request: CheckRequest) -> Iterable[Finding]:
    from modalembic.checks.dependencies import check_dependencies

    return check_dependencies(request.project, scratch=request.scratch, observer=request.observer)


def _drift(request: CheckRequest) -> Iterable[Finding]:
    from modalembic.checks.drift import check_drift

    return check_drift(
        request.project,
        against=request.against,
        database=request.database,
        observer=request.observer,
        scratch=request.scratch,
    )


def _history(request: CheckRequest) -> Iterable[Finding]:
    from modalembic.checks.history import check_history

    return check_history(request.project, request.base)


def _moves(request: CheckRequest) -> Iterable[Finding | Move]:
    from modalembic.checks.moves.check import check_moves

    return check_moves(request)


def _structure(request: CheckRequest) -> Iterable[Finding]:
    from modalembic.checks.structure import check_structure

    return check_structure(request.project)


CHECKS: Mapping[str, Check] = {
    "dependencies": Check(_dependencies, needs_database=True),
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
    "moves": Check(_moves, needs_database=True),
    "structure": Check(_structure),
}
