"""New revision files, made by Alembic from the project's own `script.py.mako`, `file_template` and
`timezone`, so that they look like any other revision of the project."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modalembic.authoring.alembic_config import alembic_config
from modalembic.authoring.changes import Change
from modalembic.authoring.files import as_text
from modalembic.authoring.tidy import tidied, without_unused_imports
from modalembic.errors import ModalembicError, RevisionTemplateError
from modalembic.history.computed import search_path
from modalembic.project import Project

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory


@dataclass(frozen=True)
class NewRevision:
    """A revision to write into `location`. `upgrades`, `downgrades` and `imports` are source as
    Alembic renders it, each line after the first indented by four (empty: `pass`, nothing)."""

    id: str
    message: str
    location: Path
    down_revisions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    upgrades: str = ""
    downgrades: str = ""
    imports: str = ""
    stays_empty: bool = False
    """Nobody will write operations into it, so that it needs no imports for them."""


def new_id() -> str:
    """An id that no other revision has: Alembic's own, of twelve hexadecimal digits."""
    from alembic.util import rev_id

    return rev_id()


def revision_changes(project: Project, revisions: Sequence[NewRevision]) -> tuple[Change, ...]:
    """The files of `revisions`, in their order; a later one may name an earlier one. They are laid
    out as formatters have it: a template with `repr` gives other quotes. Nothing is written into
    the project, and no hook is run.

    Raises RevisionTemplateError where Alembic cannot make one of them.
    """
    with (
        tempfile.TemporaryDirectory(prefix="modalembic-revision-") as directory,
        search_path(project.search),
    ):
        script = _script_directory(project, Path(directory).resolve())
        return tuple(_change(project, script, revision) for revision in revisions)


def _script_directory(project: Project, directory: Path) -> ScriptDirectory:
    """Alembic's script directory with the project's settings, which writes into `directory`."""
    from alembic.script import ScriptDirectory
    from alembic.script.revision import RevisionMap

    from modalembic.runtime.environment.templates import template_directory
    from modalembic.runtime.loader import RevisionLoader
    from modalembic.runtime.script import IndexedScript

    with _sys_path_kept(), _as_own_error(project):
        script = ScriptDirectory.from_config(alembic_config(project))
    if not Path(script.dir, "script.py.mako").is_file():
        script.dir = str(template_directory("modular"))
    loader = RevisionLoader()
    script.revision_map = RevisionMap(
        lambda: [IndexedScript(known, loader) for known in project.graph.revisions.values()]
    )
    script.version_locations = [str(directory)]
    script.hooks = []
    script.messaging_opts = {"quiet": True}
    return script


def _change(project: Project, script: ScriptDirectory, revision: NewRevision) -> Change:
    with _as_own_error(project):
        made = script.generate_revision(
            revision.id,
            revision.message,
            head=revision.down_revisions or "base",
            splice=True,
            branch_labels=revision.branch_labels or None,
            version_path=script.version_locations[0],
            depends_on=revision.depends_on or None,
            upgrades=revision.upgrades,
            downgrades=revision.downgrades,
            imports=revision.imports,
            config=alembic_config(project),
        )
    assert made is not None
    path = Path(made.path)
    below = path.relative_to(script.version_locations[0])
    text = tidied(as_text(path.read_bytes()))
    text = without_unused_imports(text) if revision.stays_empty else text
    return Change(revision.location / below, None, text)


@contextmanager
def _as_own_error(project: Project) -> Iterator[None]:
    """What Alembic or the project's template raises, as an error with a place."""
    try:
        yield
    except ModalembicError:
        raise
    except Exception as error:
        # The file is rendered and imported once, so that it can be the template's own exception.
        raise RevisionTemplateError(
            f"Alembic cannot make the revision file: {str(error).strip() or type(error).__name__}",
            hint="correct script.py.mako or Alembic's configuration; nothing was written",
            path=project.alembic.ini or project.alembic.toml or project.configuration.file,
        ) from error


@contextmanager
def _sys_path_kept() -> Iterator[None]:
    """Alembic puts `prepend_sys_path` in front each time it reads its configuration."""
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before
