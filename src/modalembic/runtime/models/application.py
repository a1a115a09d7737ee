"""The application's own code, imported: objects that the configuration names, and the context in
which migrations run."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    contextmanager,
    redirect_stdout,
)
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from modalembic.errors import (
    ApplicationContextError,
    ConfigurationError,
    ImportFailed,
    ModalembicError,
    ObjectNotFound,
)
from modalembic.history.computed import search_path
from modalembic.project import Project

_T = TypeVar("_T")


def load_object(
    spec: str,
    search: Sequence[Path],
    *,
    named_in: Path | None = None,
    line: int | None = None,
) -> Any:
    """The object that `spec` names: `package.module:attribute`, or `…:attribute.attribute`.

    `search` goes in front of `sys.path` while its module is imported; `named_in` and `line` are
    where `spec` is written, for messages. Raises ConfigurationError (not of that form),
    ObjectNotFound (no such module or attribute) or ImportFailed (with the line that raised).
    """
    module_name, colon, attributes = spec.partition(":")
    if not colon or not all(
        p.isidentifier() for p in (*module_name.split("."), *attributes.split("."))
    ):
        raise ConfigurationError(
            f"{spec!r} names no object",
            hint="write it as package.module:attribute",
            path=named_in,
            line=line,
        )
    with search_path(search):
        try:
            module = import_module(module_name, search)
        except ModuleNotFoundError as error:
            raise ObjectNotFound(
                f"{spec!r}: there is no module {error.name!r}",
                hint="is it installed in this environment, or is sys_path missing its directory?",
                path=named_in,
                line=line,
            ) from None
        found: Any = module
        for attribute in attributes.split("."):
            try:
                found = getattr(found, attribute)
            except AttributeError:
                raise ObjectNotFound(
                    f"{spec!r}: {module.__name__} has no {attributes}",
                    hint=f"it is looked for in {getattr(module, '__file__', None) or module_name}",
                    path=named_in,
                    line=line,
                ) from None
    return found


def import_module(name: str, search: Sequence[Path], *, what: str | None = None) -> ModuleType:
    """The module `name`, imported. `what` says in messages what it is (default: its name).

    Raises ModuleNotFoundError where there is no such module (its `name` is `name` or a package
    above, not what it imports), and ImportFailed where its code raises, with the file and line.
    """
    try:
        with redirect_stdout(sys.stderr):  # what it prints is no result of a command
            return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and _is_or_is_above(error.name, name):
            raise
        path, line = _raised_at(error, search)
        said = str(error).partition("\n")[0]
        raise ImportFailed(
            f"{what or name} cannot be imported: {type(error).__name__}"
            + (f": {said}" if said else ""),
            hint=f'python -c "import {name}" shows the whole traceback',
            path=path,
            line=line,
        ) from error


@contextmanager
def application_context(project: Project) -> Iterator[None]:
    """What the configuration's `context` names, entered around the block, with the project's search
    path in front of `sys.path`; nothing where none is configured.

    `context` names a context manager, or a callable without arguments that returns one; a Flask
    application stands for its own context. Raises what `load_object` raises, and
    ApplicationContextError where it is none of these or cannot be entered. An exception of the
    block goes through the context manager, as in any `with`.
    """
    spec = project.configuration.context
    if spec is None:
        yield
        return
    line = project.configuration.line_of("context")
    with search_path(project.search), ExitStack() as stack:
        found = load_object(spec, project.search, named_in=project.configuration.file, line=line)
        manager = _guarded(spec, project, lambda: _manager(spec, project, found))
        _guarded(spec, project, lambda: stack.enter_context(manager))
        yield


def _manager(spec: str, project: Project, found: Any) -> AbstractContextManager[Any]:
    made = found
    if not isinstance(found, AbstractContextManager) and not _has_context(found):
        made = found() if callable(found) else found
    if _has_context(made):
        made = made.app_context()
    if isinstance(made, AbstractContextManager):
        return made
    hint = "it has to be a context manager, or a callable without arguments that returns one"
    if hasattr(made, "__next__"):
        hint = "is @contextlib.contextmanager missing?"
    elif isinstance(made, AbstractAsyncContextManager):
        hint = "it has to be a context manager that is not async"
    raise ApplicationContextError(
        f"context = {spec!r} gives {type(made).__name__}, which is no context manager",
        hint=hint,
        path=project.configuration.file,
        line=project.configuration.line_of("context"),
    )


def _has_context(found: Any) -> bool:
    """Whether this is an application of Flask or Quart. It can be called too, with a request."""
    return not isinstance(found, type) and callable(getattr(found, "app_context", None))


def _guarded(spec: str, project: Project, step: Callable[[], _T]) -> _T:
    try:
        return step()
    except ModalembicError:
        raise
    except Exception as error:
        path, line = _raised_at(error, project.search)
        raise ApplicationContextError(
            f"context = {spec!r} cannot be entered: {type(error).__name__}: {error}",
            hint="--debug shows the whole traceback",
            path=path or project.configuration.file,
            line=line,
        ) from error


def _is_or_is_above(missing: str | None, name: str) -> bool:
    return missing is not None and f"{name}.".startswith(f"{missing}.")


def _raised_at(error: BaseException, search: Sequence[Path]) -> tuple[Path | None, int | None]:
    """The innermost line of the project's own code that led to `error`, else the innermost line."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return Path(error.filename), error.lineno
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<")
        and frame.filename not in (__file__, importlib.__file__)
    ]
    own = [frame for frame in frames if _is_below(Path(frame.filename), search)]
    for frame in reversed(own or frames):
        return Path(frame.filename), frame.lineno
    return None, None


def _is_below(file: Path, search: Sequence[Path]) -> bool:
    return "site-packages" not in file.parts and any(file.is_relative_to(path) for path in search)
