"""Run in a process of its own: imports one module before all others, then the models, and tells
what came of it. Of several modules each has a fork to itself, in which nothing of the project has
been imported before. The question and the answers are files, since code that is imported may print.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from modalembic.authoring.move.inert import inert_modules

_LIBRARIES = frozenset({"site-packages", "dist-packages"})


def main(question: Path) -> None:
    """Answer the question in a file, in files beside it: `0.json` about the first module and so on.
    Several modules are asked about only where this process can be forked safely; else there is no
    answer."""
    asked = json.loads(question.read_text(encoding="utf-8"))
    sys.path[:0] = asked["search"]
    if len(asked["firsts"]) == 1:
        _answer(asked, 0, question.parent)
    elif _is_prepared(asked):
        asked["inert"] = inert_modules(asked["firsts"], map(Path, asked["search"]))
        asked["loaded"] = frozenset(sys.modules)
        _answer_in_forks(asked, question.parent)


def _answer(asked: dict[str, Any], number: int, directory: Path) -> None:
    try:
        first = asked["firsts"][number]
        if first is not None:
            importlib.import_module(first)
        known = _known(asked, number, directory)
        told = _told(asked) if known is None else {"same as": known}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the project raises is told
        told = {"error": _error(error)}
    unfinished = directory / f"{number}.part"
    unfinished.write_text(json.dumps(told), encoding="utf-8")
    unfinished.rename(directory / f"{number}.json")


def _answer_in_forks(asked: dict[str, Any], directory: Path) -> None:
    running = 0
    for number in range(len(asked["firsts"])):
        if running == asked["at once"]:
            os.wait()
            running -= 1
        if os.fork() == 0:
            try:
                # It lives for a moment, and looking for garbage takes a third of that.
                gc.disable()
                _answer(asked, number, directory)
            finally:
                os._exit(0)
        running += 1
    for _ in range(running):
        os.wait()


def _is_prepared(asked: dict[str, Any]) -> bool:
    """Load the libraries; whether this process still knows nothing of the project, and can be
    forked."""
    for name in asked["libraries"]:
        # What is not loaded now is loaded by the fork that needs it.
        with suppress(Exception, SystemExit):
            importlib.import_module(name)
    own = any(_is_own(module, asked["search"]) for module in [*sys.modules.values()])
    return not own and threading.active_count() == 1


def _libraries(asked: dict[str, Any]) -> Iterator[str]:
    """The modules that have been loaded and are not the project's own."""
    for name, module in [*sys.modules.items()]:
        if name != "__main__" and not _is_own(module, asked["search"]):
            yield name


def _is_own(module: ModuleType, search: list[str]) -> bool:
    """Whether a module is the project's: below its entries of `sys.path`, and not installed there,
    as in an environment that lies in the project."""
    # What is in `sys.modules` may be anything, and lazy modules answer by importing more.
    known = getattr(module, "__dict__", {})
    file = known.get("__file__")
    for place in [file] if file else [*(known.get("__path__") or ())]:
        for root in search:
            path = Path(place)
            if path.is_relative_to(root) and not _LIBRARIES & {*path.relative_to(root).parts}:
                return True
    return False


def _known(asked: dict[str, Any], number: int, directory: Path) -> int | None:
    """The number of a module that is asked about too and has made of this interpreter what the one
    of `number` has: both have run the same files in the same order. None: this is the first one."""
    if "inert" not in asked:
        return None
    new = [item for item in sys.modules.items() if item[0] not in asked["loaded"]]
    own = (name for name, module in new if _is_own(module, asked["search"]))
    run = "\n".join(name for name in own if name not in asked["inert"])
    claim = directory / hashlib.sha256(run.encode()).hexdigest()
    mine = directory / f"{number}.claim"
    mine.write_text(str(number), encoding="ascii")
    try:
        os.link(mine, claim)
    except FileExistsError:
        return int(claim.read_text(encoding="ascii"))
    except OSError:
        pass  # a file system without links: each for itself
    return None


def _told(asked: dict[str, Any]) -> dict[str, Any]:
    from modalembic.authoring.move.mappers import described_models

    with _context(asked):
        for name in asked["models"]:
            importlib.import_module(name)
        described = described_models()
    return {
        **described,
        "unlike": [pair for pair in asked["pairs"] if not _is_one_object(*pair)],
        "tasks": dict(_tasks(asked["names"])),
        "registered": sorted(_registered()),
        "libraries": [*_libraries(asked)] if asked["libraries"] is None else [],
    }


def _context(asked: dict[str, Any]) -> AbstractContextManager[None]:
    if not asked["context"]:
        return nullcontext()
    from modalembic.project import Project
    from modalembic.runtime.models.application import application_context

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
    main(Path(sys.argv[1]))
