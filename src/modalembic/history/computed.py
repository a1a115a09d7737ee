"""Headers that only an import can tell: the one exception to never importing a revision file."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb

from modalembic.errors import HeaderImportError
from modalembic.history.header import header_from, line_of
from modalembic.history.revision import Header

_DISTRIBUTION = re.compile(r".+\.(dist-info|egg-info|egg-link|pth)")


def import_header(path: str, search: Sequence[Path]) -> Header:
    """The header of the file `path` by importing it, with `search` in front of `sys.path`.

    Raises HeaderImportError where the import fails, RevisionFileError where the header is wrong.
    """
    with search_path(search):
        spec = importlib.util.spec_from_file_location("_modalembic_header", path)
        if spec is None or spec.loader is None:
            raise HeaderImportError("the file cannot be imported", path=path)
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            raise HeaderImportError(
                f"the revision's header is computed, and importing the file failed: "
                f"{type(error).__name__}: {error}",
                hint="make what it imports importable, or write the header as literals",
                path=path,
                line=_failing_line(error, path),
            ) from error
    return header_from(vars(module), module.__doc__, path, line_of(path, "revision") or 1)


def depends_on_project(source: bytes, search: Sequence[Path]) -> bool:
    """Whether a file imports anything that is found in `search`, the project's own directories: its
    header may then change with any of the project's files."""
    tops: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            tops.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            tops.add((node.module or "").partition(".")[0])
    return any(
        (directory / top).is_dir() or (directory / f"{top}.py").is_file()
        for directory in search
        for top in tops - {""}
    )


def _failing_line(error: BaseException, path: str) -> int | None:
    """The last line of the file itself that ran."""
    lines = [
        line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == path
    ]
    return lines[-1] if lines else None


def environment_fingerprint() -> str:
    """A hash of the installed distributions and their versions, as the names of their metadata
    directories tell them: a `try: import …` in a header can change when they do."""
    from hashlib import sha256

    names: set[str] = set()
    for entry in sys.path:
        try:
            names.update(filter(_DISTRIBUTION.fullmatch, os.listdir(entry or ".")))
        except OSError:
            continue
    return sha256("\n".join([sys.version, *sorted(names)]).encode()).hexdigest()


@contextmanager
def search_path(search: Sequence[Path]) -> Iterator[None]:
    """`search` in front of `sys.path` for as long as the block runs."""
    before = list(sys.path)
    added = [str(path) for path in search if str(path) not in before]
    sys.path[:0] = added
    try:
        yield
    finally:
        for entry in added:
            if entry in sys.path:
                sys.path.remove(entry)
