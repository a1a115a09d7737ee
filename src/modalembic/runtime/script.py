"""Alembic's script directory over the revision index: a file is imported when it is needed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from alembic.script import Script, ScriptDirectory
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap

from modalembic.history.revision import Revision
from modalembic.runtime.loader import RevisionLoader


class IndexedScript(Script):
    """A revision for Alembic's eyes; its module is imported on first use."""

    def __init__(self, revision: Revision, loader: RevisionLoader) -> None:
        AlembicRevision.__init__(
            self,
            revision.id,
            revision.down_revisions or None,
            dependencies=revision.depends_on or None,
            branch_labels=revision.branch_labels or None,
        )
        self.path = revision.path
        self._revision = revision
        self._loader = loader

    @property
    def module(self) -> ModuleType:  # type: ignore[override]
        return self._loader.load(self._revision)

    @property
    def doc(self) -> str:
        return self._revision.doc


class IndexedScriptDirectory(ScriptDirectory):
    """A script directory that has `directory/env.py` and the revisions of the index.

    The revision map is made when somebody asks for it (an `env.py` that looks up heads), which a
    run does not: making it takes longer than the rest of a large project's start.
    """

    def __init__(
        self,
        directory: Path,
        locations: Iterable[Path],
        revisions: Iterable[Revision],
        loader: RevisionLoader,
    ) -> None:
        super().__init__(str(directory), version_locations=[str(path) for path in locations])
        self.revision_map = RevisionMap(
            lambda: [IndexedScript(revision, loader) for revision in revisions]
        )
