"""Run in a fresh interpreter: imports one module before all others, then the models, and tells what
came of it. The question and the answer are files, since code that is imported may print.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any


def main(question: Path, answer: Path) -> None:
    """Answer a question."""
    asked = json.loads(question.read_text(encoding="utf-8"))
    sys.path[:0] = asked["search"]
    try:
        told = _told(asked)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the project raises is told
        told = {"error": _error(error)}
    answer.write_text(json.dumps(told), encoding="utf-8")


def _told(asked: dict[str, Any]) -> dict[str, Any]:
    from modalembic.authoring.move.mappers import described_models

    if asked["first"] is not None:
        importlib.import_module(asked["first"])
    with _context(asked):
        for name in asked["models"]:
            importlib.import_module(name)
        described = described_models()
    return {
        **described,
        "unlike": [pair for pair in asked["pairs"] if not _is_one_object(*pair)],
        "tasks": dict(_tasks(asked["names"])),
        "registered": sorted(_registered()),
    }


def _context(asked: dict[str, Any]) -> AbstractContextManager[None]:
    if not asked["context"]:
        return nullcontext()
    from modalembic.project import Project
    from modalembic.runtime.application import application_context

    return application_context(Project.load(asked["root"]))


def _is_one_object(old: list[str | None], new: list[str | None]) -> bool:
    return _object(*old) is _object(*new)


def _object(module: str | None, name: str | None) -> Any:
    assert module is not None
    found: Any = importlib.import_module(module)
    return found if name is None else getattr(found, name)


def _tasks(names: list[list[str]]) -> Iterator[tuple[str, str]]:
    """The names by which Celery knows those of `names` (modules and names in them) that are
    tasks."""
    celery: Any = sys.modules.get("celery")
    if celery is None:
        return
    for module, name in names:
        value: Any = getattr(importlib.import_module(module), name, None)
        if isinstance(value, celery.Task):
            yield f"{module}:{name}", str(value.name)
        elif isinstance(value, type) and issubclass(value, celery.Task):
            for known, task in celery.current_app.tasks.items():
                if task.__class__ is value:
                    yield f"{module}:{name}", str(known)


def _registered() -> Iterator[str]:
    """Every name by which the current Celery application knows a task."""
    celery: Any = sys.modules.get("celery")
    if celery is not None:
        yield from map(str, celery.current_app.tasks)


def _error(error: BaseException) -> dict[str, Any]:
    causes = list(_causes(error))
    circle = next((found for each in causes if (found := _circle(each))), [])
    path, line = _place(error)
    return {
        "type": type(error).__name__,
        "message": str(error),
        "path": path,
        "line": line,
        "circle": circle,
    }


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _circle(error: BaseException) -> list[str]:
    """The modules that import each other in a circle, the first one again at the end."""
    missing = _unfinished(error)
    stack = [
        str(frame.tb_frame.f_globals.get("__name__"))
        for frame in _frames(error.__traceback__)
        if frame.tb_frame.f_code.co_name == "<module>"
    ]
    if missing not in stack:
        return []
    return [*stack[stack.index(missing) :], missing]


def _unfinished(error: BaseException) -> str | None:
    """The module that was asked for something before it had it."""
    if isinstance(error, ImportError) and not isinstance(error, ModuleNotFoundError):
        return error.name
    if isinstance(error, AttributeError):
        return getattr(error.obj, "__name__", None)
    return None


def _place(error: BaseException) -> tuple[str | None, int | None]:
    if isinstance(error, SyntaxError):
        return error.filename, error.lineno
    frames = [
        frame
        for frame in _frames(error.__traceback__)
        if not frame.tb_frame.f_code.co_filename.startswith("<")
        and frame.tb_frame.f_code.co_filename not in {__file__, importlib.__file__}
        and "site-packages" not in Path(frame.tb_frame.f_code.co_filename).parts
    ]
    if not frames:
        return None, None
    return frames[-1].tb_frame.f_code.co_filename, frames[-1].tb_lineno


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
