"""Where the application's own code names something that is no table: a view, a function, a trigger
that a listener makes or that is registered with alembic_utils."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from modalembic.errors import ModalembicError
from modalembic.project import Project
from modalembic.runtime.environment.file import environment_file

# In a string by itself, with its schema or its arguments, or in a statement that creates it.
_NAMED = r"""(?i)(?:["'.]|\b(?:VIEW|FUNCTION|PROCEDURE|TRIGGER|POLICY|INDEX|EXISTS)\s+"?){}(?!\w)"""


class SourceLines:
    """Reads the files of a project that have been imported, each once."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, name: str) -> tuple[str | None, Path, int] | None:
        """The module, the file and the line that names something first; None where none does."""
        pattern = re.compile(_NAMED.format(re.escape(name)))
        for path, text in self._texts:
            found = pattern.search(text) if name in text else None
            if found is not None:
                # The end of it: what is in front may have line breaks.
                return self._module(path), path, text.count("\n", 0, found.end()) + 1
        return None

    @cached_property
    def _texts(self) -> tuple[tuple[Path, str], ...]:
        root = self._project.root
        files = {
            Path(file)
            for module in tuple(sys.modules.values())
            if isinstance(file := vars(module).get("__file__"), str) and file.endswith(".py")
        }
        own = {f for f in files if f.is_relative_to(root) and "site-packages" not in f.parts}
        own -= {Path(revision.path) for revision in self._project.graph.revisions.values()}
        with suppress(ModalembicError):  # it is not there, and then nothing can be in it
            own.add(environment_file(self._project))
        return tuple((path, _text(path)) for path in sorted(own))

    def _module(self, path: Path) -> str | None:
        """The module in whose directory a file lies, the innermost."""
        directories = ((m.directory, m.name) for m in self._project.modules)
        found = [
            (len(directory.parts), name)
            for directory, name in directories
            if directory is not None and path.is_relative_to(directory)
        ]
        return max(found)[1] if found else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
