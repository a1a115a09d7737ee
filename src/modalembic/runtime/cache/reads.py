"""Seeing which files a replay reads and what revisions import.

Python tells an audit hook of every file that is opened and every directory that is listed. A module
that was imported before is not opened again, so imports are reads as well.
"""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, cast

import modalembic

_bootstrap: Any = cast(Any, importlib)._bootstrap  # noqa: SLF001 - there is no public place
_OWN = str(Path(modalembic.__file__).parent) + os.sep
_MODELS = str(Path(_OWN, "modules")) + os.sep
_METADATA = str(Path(os.__file__).parent / "importlib" / "metadata") + os.sep
_STANDARD = str(Path(os.__file__).parent) + os.sep
_ALEMBIC_CONFIGURATION = tuple(
    str(Path(os.sep, "alembic", *parts)) for parts in (("config.py",), ("util", "compat.py"))
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass
class Reads:
    """What was seen. `early` are files opened before revisions ran, `late` while they did, which is
    while `running`; `written` were written; `listed` are directories, `asked` variables of the
    environment that code of the project asked for. `imports` are the modules that a file has
    imported, by its path; `before` were loaded.

    `untraceable` says that the result depends on what cannot be followed: tables were created or
    dropped that the revisions had not defined, or an import of theirs had failed. `journal` has
    what was seen since before that.
    """

    revisions: frozenset[str] = frozenset()
    journal: Reads | None = None
    before: frozenset[str] = field(default_factory=lambda: frozenset(sys.modules))
    early: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    imports: dict[str, set[str]] = field(default_factory=dict)
    running: bool = False
    untraceable: bool = False

    def note_import(self, importer: object, names: Iterable[str]) -> None:
        """The file `importer` imports the modules `names`."""
        self.imports.setdefault(str(importer), set()).update(names)

    def note_open(self, name: str, *, writes: bool) -> None:
        """The file `name` is opened."""
        if writes:
            self.written.add(name)
        else:
            (self.late if self.running else self.early).add(name)


_at_work: list[Reads] = []
_hooked: list[bool] = []


@contextmanager
def reads_noted(revisions: frozenset[str]) -> Iterator[Reads]:
    """What a replay reads while inside; `revisions` are the paths of the revision files. Not for
    two threads at once."""
    seen = Reads(revisions, _at_work[0] if _at_work else None)
    with _noted(seen), _imports_seen(seen), _tables_seen(seen):
        yield seen


@contextmanager
def journal() -> Iterator[None]:
    """While inside, what is read by whatever is imported is noted, for the replays to come: a
    module that is loaded by then reads nothing again."""
    if _at_work:
        yield
        return
    with _noted(Reads()) as seen, _imports_seen(seen):
        yield


@contextmanager
def _noted(seen: Reads) -> Iterator[Reads]:
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_hook)  # which cannot be taken away again, and is idle otherwise
    with _variables_seen(seen):
        _at_work.append(seen)
        try:
            yield seen
        finally:
            _at_work.remove(seen)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _at_work or event not in {"open", "os.listdir", "os.scandir"}:
        return
    path = arguments[0]
    if not isinstance(path, str | bytes | os.PathLike) or not path:
        return
    name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - Path.resolve would ask the disk
    if event == "open":
        writes = _is_written(arguments)
        if writes or not _is_our_own_business(sys._getframe(1)):  # noqa: SLF001
            for seen in _at_work:
                seen.note_open(name, writes=writes)
    elif _is_meant(_asking(sys._getframe(1))):  # noqa: SLF001
        for seen in _at_work:
            seen.listed.add(name)


def _is_written(arguments: tuple[Any, ...]) -> bool:
    mode, flags = (*arguments, None, None)[1:3]
    if isinstance(mode, str) and set(mode) & set("wax+"):
        return True
    return isinstance(flags, int) and bool(flags & _WRITES)


def _is_our_own_business(frame: FrameType | None) -> bool:
    """Whether it is modalembic, or Alembic for its configuration, that opens a file: what they read
    is known without."""
    file = _asking(frame)
    if file.startswith("<"):
        return False
    return file.startswith(_OWN) or file.endswith(_ALEMBIC_CONFIGURATION)


def _is_meant(file: str) -> bool:
    """Whether who lists a directory wants to know what is there: imports do not, and modalembic
    only where it looks for models."""
    return not file.startswith(("<", _OWN)) or file.startswith(_MODELS)


def _asking(frame: FrameType | None) -> str:
    """The file of the first frame that is not of the standard library; `<frozen importlib…>` where
    something is imported, and modalembic's own where it is asked what is installed."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib"):
            return file
        if file.startswith(_METADATA):
            return _OWN  # which packages there are is known without
        if not file.startswith((_STANDARD, "<")) or "site-packages" in file:
            return file
        frame = frame.f_back
    return ""


@contextmanager
def _variables_seen(seen: Reads) -> Iterator[None]:
    """Notes which variables of the environment are asked for, but for what packages ask."""
    kind: Any = type(os.environ)
    plain: Callable[..., str] = kind.__getitem__

    def seeing(self: Any, name: Any) -> str:
        file = _asking(sys._getframe(1))  # noqa: SLF001
        if file and "site-packages" not in file and not file.startswith(("<", _OWN)):
            seen.asked.add(str(name))
        return plain(self, name)

    kind.__getitem__ = seeing
    try:
        yield
    finally:
        kind.__getitem__ = plain


@contextmanager
def _imports_seen(seen: Reads) -> Iterator[None]:
    """Notes what is imported, be it loaded already or not."""
    plain: Callable[..., Any] = builtins.__import__
    # What importlib.import_module calls, whoever has a reference to that.
    by_name: Callable[..., Any] = _bootstrap._gcd_import  # noqa: SLF001

    def seeing(
        name: str,
        globals: Any = None,  # noqa: A002
        locals: Any = None,  # noqa: A002
        fromlist: Any = (),
        level: int = 0,
    ) -> Any:
        given = globals or {}
        importer = given.get("__file__")
        try:
            found = plain(name, globals, locals, fromlist, level)
        except ImportError:
            seen.untraceable |= importer in seen.revisions
            raise
        if level:
            package = given.get("__package__") or ""
            name = ".".join(filter(None, (package.rsplit(".", level - 1)[0], name)))
        seen.note_import(importer, (name, *(f"{name}.{each}" for each in fromlist or ())))
        return found

    def seeing_by_name(name: str, package: Any = None, level: int = 0) -> Any:
        importer = sys._getframe(2).f_globals.get("__file__")  # noqa: SLF001
        try:
            found = by_name(name, package, level)
        except ImportError:
            seen.untraceable |= importer in seen.revisions
            raise
        seen.note_import(importer, (found.__name__,))
        return found

    builtins.__import__ = seeing
    _bootstrap._gcd_import = seeing_by_name  # noqa: SLF001
    try:
        yield
    finally:
        builtins.__import__ = plain
        _bootstrap._gcd_import = by_name  # noqa: SLF001


@contextmanager
def _tables_seen(seen: Reads) -> Iterator[None]:
    """Notes whether tables are created or dropped that no revision has defined."""
    from sqlalchemy import MetaData, Table, event

    defined: dict[int, Any] = {}

    def note(table: Any, _parent: Any) -> None:
        if seen.running:
            defined[id(table)] = table

    def judge(table: Any, *_: Any, **__: Any) -> None:
        if id(table) not in defined:
            seen.untraceable = True

    def judge_all(metadata: Any, *_: Any, **__: Any) -> None:
        # Told of tables that are there already too: one more would be made.
        for table in metadata.tables.values():
            judge(table)

    listeners: tuple[tuple[Any, str, Callable[..., None]], ...] = (
        (Table, "after_parent_attach", note),
        *((Table, name, judge) for name in ("before_create", "before_drop")),
        *((MetaData, name, judge_all) for name in ("before_create", "before_drop")),
    )
    for listener in listeners:
        event.listen(*listener)
    try:
        yield
    finally:
        for listener in listeners:
            event.remove(*listener)
