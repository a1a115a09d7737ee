"""Who holds the locks of a version table, asked without taking them."""

from __future__ import annotations

from modalembic.postgres.lock import Holder
from modalembic.runtime.connection.session import Session
from modalembic.runtime.locks import holder_of, run_key, work_key
from modalembic.runtime.tables.version import VersionTable


def run_holder(session: Session, table: VersionTable) -> Holder | None:
    """Who keeps other runs out; None where nobody does."""
    return holder_of(session, run_key(table))


def work_holder(session: Session, table: VersionTable) -> Holder | None:
    """Whose connection migrates; it may be of a run that is dead."""
    return holder_of(session, work_key(table))
