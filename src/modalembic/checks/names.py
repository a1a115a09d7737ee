"""The names of the checks, for whoever need not know what is behind them."""

from __future__ import annotations

NAMES = ("dependencies", "drift", "history", "moves", "structure")
USUAL = ("dependencies", "drift", "history", "structure")


def usual_checks(*, moves: bool) -> tuple[str, ...]:
    """Those that run where none is named; `moves` where there is a base to compare with."""
    return (*USUAL, *(("moves",) if moves else ()))
