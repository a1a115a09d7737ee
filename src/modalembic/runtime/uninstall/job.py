"""An uninstallation under way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.state.situation import Situation
from modalembic.runtime.tables.history import who
from modalembic.runtime.uninstall.preview import Preview


@dataclass(frozen=True)
class Found:
    """What the database had when the locks were held, and the run that found it."""

    situation: Situation
    preview: Preview
    run_id: str


@dataclass
class Job:
    """The module that is uninstalled. `file` is where the backup goes, None for none; `saved` is
    that file once it is there, and `found` is set once the locks are held. `apart`: each revision
    is undone in a transaction of its own; `committing`: all are in one, and nothing was left to do
    but to commit it, so that it may be committed whatever is raised from here on."""

    project: Project
    module: str
    file: Path | None
    saved: Path | None = None
    apart: bool = False
    committing: bool = False
    found: Found | None = None

    @property
    def preview(self) -> Preview:
        """What the database had."""
        assert self.found is not None
        return self.found.preview

    def record(self, session: Session) -> None:
        """Record, in the transaction of `session`, that the database does not have the module."""
        assert self.found is not None
        table, run_id = self.found.situation.modules, self.found.run_id
        table.record(session, [self.module], installed=False, who=who(), run_id=run_id)
