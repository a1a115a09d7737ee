"""Who is told of a run beside the one who asked for it: the project's hooks, and tracing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from modalembic.project import Project
from modalembic.runtime.identity import new_run_id
from modalembic.runtime.observers.hooks import Hooks
from modalembic.runtime.observers.spans import Spans
from modalembic.runtime.options import Observer

_EVENTS = tuple(name for name in vars(Observer) if not name.startswith("_"))


class Several(Observer):
    """Tells each of `observers` everything, in their order. What one raises ends the run."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers
        for name in _EVENTS:
            setattr(self, name, self._teller(name))

    def _teller(self, name: str) -> Any:
        events = [getattr(observer, name) for observer in self._observers]

        def tell(*values: Any) -> None:
            for event in events:
                event(*values)

        return tell


def with_hooks(project: Project, command: str, target: str, observer: Observer | None) -> Observer:
    """`observer`, and then the project's hooks and a span, for one call of `command`."""
    observer = observer or Observer()
    return Several(observer, Spans(command, target), Hooks(project, command, target, observer))


@contextmanager
def observed(observer: Observer) -> Iterator[str]:
    """A run as the block, of whose beginning and end `observer` is told; gives its id."""
    run_id = new_run_id()
    observer.begun(run_id)
    try:
        yield run_id
    except BaseException as error:
        observer.broken(error)
        raise
    observer.ended()
