"""What runs in the process that reads an earlier tree: `python -m modalembic.runtime.earlier.child
REQUEST DESCRIPTOR`. Events and one answer go into the pipe; stdout is the user's code's."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from modalembic.config import Configuration, load_configuration
from modalembic.errors import (
    DuplicateLabel,
    DuplicateLocation,
    DuplicateRevision,
    MissingRevision,
    ModalembicError,
    MultipleHeads,
    NoModules,
    NotAProject,
    ProjectProblems,
    RevisionCircle,
    RevisionFileError,
    RevisionIdError,
    WorkingTreeLoaded,
)
from modalembic.project import Project
from modalembic.runtime.earlier.message import Request
from modalembic.runtime.earlier.places import TreePlaces
from modalembic.runtime.earlier.plain import plain_project
from modalembic.runtime.earlier.reading import Reader
from modalembic.runtime.earlier.redirect import loaded_from_working_tree, redirect
from modalembic.runtime.earlier.state import TreeState, state_document
from modalembic.runtime.options import Observer

if TYPE_CHECKING:
    from modalembic.runtime.scratch.server import Scratch

# Models can be read and compared whatever is wrong with the history.
_OF_HISTORY = (
    DuplicateLabel,
    DuplicateLocation,
    DuplicateRevision,
    MissingRevision,
    MultipleHeads,
    RevisionCircle,
    RevisionFileError,
    RevisionIdError,
)


def main(arguments: list[str]) -> int:
    """Answer the request in the file that the arguments name."""
    request = Request.read(Path(arguments[0]))
    with os.fdopen(int(arguments[1]), "w", encoding="utf-8") as pipe:
        try:
            said: dict[str, Any] = {"answer": _guarded(request, _Reporter(pipe))}
        except ProjectProblems as error:
            said = {"errors": [_described(each) for each in error.problems]}
        except ModalembicError as error:
            said = {"errors": [_described(error)]}
        pipe.write(json.dumps(said) + "\n")
    return 0


class _Reporter(Observer):
    """Hands events on, each in a line of the pipe."""

    def __init__(self, pipe: TextIO) -> None:
        self._pipe = pipe

    def event(self, text: str) -> None:
        self._pipe.write(json.dumps({"event": text}) + "\n")
        self._pipe.flush()


def _described(error: ModalembicError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "path": None if error.path is None else str(error.path),
        "line": error.line,
        "module": getattr(error, "module", None),
        "failed": getattr(error, "failed", None),
    }


def _guarded(request: Request, observer: Observer) -> dict[str, Any]:
    """The answer. Raises WorkingTreeLoaded, whatever else went wrong, where a file of the working
    tree was loaded: nothing that was read can then be relied on."""
    copies = frozenset(map(Path, request.copies))
    places = TreePlaces(Path(request.top), Path(request.laid_out), copies)
    sys.path[:] = request.path
    redirect(places)
    try:
        answer = _Reading(request, places, observer).answer()
    except Exception as error:
        _refuse_working_tree(places, error)
        raise
    _refuse_working_tree(places)
    return answer


def _refuse_working_tree(places: TreePlaces, cause: Exception | None = None) -> None:
    for name, file in loaded_from_working_tree(places):
        raise WorkingTreeLoaded(
            f"{name} was loaded from the working tree ({file}), so that two states were mixed",
            hint="let nothing name this directory by an absolute path (an environment variable, "
            "sys.path.insert), and install what lies in the repository with pip install --editable",
            path=file,
        ) from cause


class _Reading:
    def __init__(self, request: Request, places: TreePlaces, observer: Observer) -> None:
        self._request = request
        self._places = places
        self._observer = observer

    def answer(self) -> dict[str, Any]:
        """What was asked for, as JSON has it."""
        project, plain = self._project()
        if project is None:
            return state_document(TreeState(found=False))
        self._refuse_locations(project)
        with ExitStack() as stack:
            asked = self._request
            scratch = self._scratch(project, stack)
            reader = Reader(project, plain, scratch, self._observer, asked.environment)
            return state_document(reader.read(tables=asked.tables, catalogs=asked.catalogs))

    def _project(self) -> tuple[Project | None, bool]:
        """The project, and whether it is a plain Alembic project. What is wrong is raised; of its
        history only where migrations are to run."""
        project, plain = self._found(Path(self._request.root))
        if project is None:
            return None, False
        self._require_sound(project)
        # From here on, what is cached is known by content.
        cache = self._request.cache
        directory = None if cache is None else Path(cache)
        configuration = replace(project.configuration, cache_directory=directory)
        return replace(project, configuration=configuration), plain

    def _found(self, root: Path) -> tuple[Project | None, bool]:
        if not root.is_dir():
            return None, False
        try:
            configuration = self._configuration(root)
        except NotAProject:
            return plain_project(self._configuration(Path(self._request.here)), root), True
        project = Project.of(configuration)
        if any(isinstance(problem, NoModules) for problem in project.problems):
            return plain_project(configuration, root), True
        return project, False

    def _configuration(self, root: Path) -> Configuration:
        # Headers are cached by path, and this path is gone in a moment.
        cache = str(Path(self._request.laid_out).parent / "cache")
        return load_configuration(root, environ={**os.environ, "MODALEMBIC_CACHE_DIR": cache})

    def _require_sound(self, project: Project) -> None:
        if self._request.catalogs:
            project.require_sound()
            return
        others = tuple(each for each in project.problems if not isinstance(each, _OF_HISTORY))
        replace(project, problems=others).require_sound()

    def _refuse_locations(self, project: Project) -> None:
        for module in project.modules:
            for place in (module.directory, module.location):
                if place is not None and self._places.of_working_tree(place / "__init__.py"):
                    raise WorkingTreeLoaded(
                        f"module {module.name} was found in the working tree ({place})",
                        hint="install its distribution with pip install --editable",
                        path=place,
                    )

    def _scratch(self, project: Project, stack: ExitStack) -> Scratch | None:
        if self._request.server is None:
            return None
        from modalembic.postgres.scratch import ScratchServer
        from modalembic.postgres.url import DatabaseURL
        from modalembic.runtime.scratch.server import Scratch

        server = ScratchServer(DatabaseURL.parse(self._request.server), self._request.place)
        return stack.enter_context(
            Scratch(project, self._observer, server=server, cache=self._request.keep)
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
