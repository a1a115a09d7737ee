"""Revision files as modules: only those that a run needs, all before its first step."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from modalembic.errors import ModalembicError, RevisionImportError
from modalembic.history.header import header_from
from modalembic.history.revision import Revision
from modalembic.runtime.lines import line_in


class RevisionLoader:
    """Loads revision files, each once."""

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType] = {}

    def load(self, revision: Revision) -> ModuleType:
        """The module of `revision`. Raises RevisionImportError where the file cannot be imported,
        or says something else than the index (a stale or hostile cache)."""
        module = self._modules.get(revision.path)
        if module is None:
            module = self._modules[revision.path] = _import(revision)
        return module

    def function(self, revision: Revision, direction: str) -> Callable[..., object]:
        """The `upgrade` or `downgrade` of `revision`. Raises RevisionImportError as `load` does,
        and where the file has none."""
        function: object = getattr(self.load(revision), direction, None)
        if not callable(function):
            raise RevisionImportError(
                f"revision {revision.id} of {revision.module} has no {direction}()",
                hint=f"write one; if there is nothing to do, def {direction}() -> None: pass",
                path=revision.path,
                line=revision.line,
            )
        return function


def _import(revision: Revision) -> ModuleType:
    # The name is Alembic's: a traceback then reads the same under both.
    name = "".join(c if c.isalnum() else "_" for c in Path(revision.path).name)
    spec = importlib.util.spec_from_file_location(name, revision.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise RevisionImportError(
            f"revision {revision.id} of {revision.module} cannot be imported: "
            f"{type(error).__name__}: {error}",
            hint="mend the file and run the command again",
            path=revision.path,
            line=line_in(error, revision.path),
        ) from error
    _verify(revision, vars(module), module.__doc__)
    return module


def _verify(revision: Revision, values: dict[str, Any], doc: str | None) -> None:
    try:
        header = header_from(values, doc, revision.path, revision.line)
    except ModalembicError as error:
        raise RevisionImportError(error.message, path=error.path, line=error.line) from error
    said = (revision.id, revision.down_revisions, revision.depends_on)
    if (header.revision, header.down_revisions, header.depends_on) != said:
        raise RevisionImportError(
            f"the file of revision {revision.id} is not what the index says: its header has "
            f"{header.revision}, down_revision {header.down_revisions}, depends_on "
            f"{header.depends_on}",
            hint="the file changed while modalembic ran, or the cache is damaged; run it again",
            path=revision.path,
            line=revision.line,
        )
