"""Somebody who looks on while revisions run, on the connection that they run on."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

    from modalembic.history.plan import Step


class Watch:
    """Looks on; a base class whose methods do nothing. `traces` is whether revisions that leave
    their transaction leave a trace: on a database that is thrown away that is for nothing."""

    traces = True

    def watching(self, context: MigrationContext) -> AbstractContextManager[None]:
        """Entered for as long as the steps of a run are at work on the connection of `context`."""
        del context
        return nullcontext()

    def done(self, step: Step) -> None:
        """A step has done its work, and its transaction is about to be committed. What is raised
        here rolls it back."""
