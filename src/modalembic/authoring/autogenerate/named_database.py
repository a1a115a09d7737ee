"""A database that is named with `--database`: it may lag, and is otherwise what its revisions
make."""

from __future__ import annotations

from collections import Counter

from modalembic.authoring.autogenerate.proof import told
from modalembic.errors import DatabaseDrifted
from modalembic.project import Project
from modalembic.runtime.drift.drift import live_drift
from modalembic.runtime.drift.live import read_live
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import Scratch

_MOST = 20


def require_as_migrated(
    project: Project, database: str, scratch: Scratch, observer: Observer
) -> None:
    """Tell which modules lag in the database, and that what is new is compared with it as it will
    be when they do not. Raises DatabaseDrifted where it is not what its revisions make, so that
    this would be another comparison, and what `live_drift` raises."""
    applied = read_live(project, database, observer).situation.state.applied
    lag = Counter(r.module for id_, r in project.graph.revisions.items() if id_ not in applied)
    if lag:
        lagging = ", ".join(f"{name} by {number}" for name, number in sorted(lag.items()))
        observer.event(f"the database lags ({lagging}); compared is what it will be")
    drift = live_drift(project, database, observer=observer, scratch=scratch)
    found = [each for each in drift.differences if each.severity != "info"]
    if found:
        more = len(found) - _MOST
        rows = [f"  {told(each)}" for each in found[:_MOST]]
        rows += [f"  and {more} more"] if more > 0 else []
        raise DatabaseDrifted(
            "the database is not what its revisions make; nothing was written:\n" + "\n".join(rows),
            hint="`modalembic check drift --against live` tells how to mend it; without "
            "--database the models are compared with the migrations alone",
        )
