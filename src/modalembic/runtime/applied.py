"""A step that was committed, and what was measured of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modalembic.history.plan import Step

# Modes of locks that reading or writing rows has to wait for, the weakest first:
# https://www.postgresql.org/docs/current/explicit-locking.html
MODES = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")


@dataclass(frozen=True)
class HeldLock:
    """A lock that a revision held on what others could see. `table` is its qualified name (that of
    an index, a view, a sequence where it is one), None for what was dropped and cannot be named;
    `mode` is spelt as in `pg_locks`; `ms` is for how long, at most."""

    table: str | None
    mode: str
    ms: float

    @property
    def document(self) -> dict[str, Any]:
        """The lock as JSON has it."""
        return {"table": self.table, "mode": self.mode, "ms": self.ms}


@dataclass(frozen=True)
class AppliedStep:
    """A step that was committed, how long it took in milliseconds, at which attempt, and the locks
    that it held."""

    step: Step
    ms: float
    attempts: int = 1
    locks: tuple[HeldLock, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """The step as JSON has it."""
        return {
            "revision": self.step.revision.id,
            "module": self.step.revision.module,
            "ms": self.ms,
            "attempts": self.attempts,
            "locks": [lock.document for lock in self.locks],
        }
