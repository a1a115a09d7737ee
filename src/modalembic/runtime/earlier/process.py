"""Reading an earlier tree in a process of its own, in which nothing of the working tree is
imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from modalembic.config import load_configuration
from modalembic.errors import EarlierFailed, ImportFailed, ModalembicError, ProjectProblems
from modalembic.history.links import links_for_copies
from modalembic.project import Project
from modalembic.runtime.earlier import Side
from modalembic.runtime.earlier.installed import install
from modalembic.runtime.earlier.message import Request
from modalembic.runtime.earlier.places import PACKAGE, TreePlaces
from modalembic.runtime.earlier.state import TreeState, load_state
from modalembic.runtime.earlier.tree import EarlierTree
from modalembic.runtime.options import Observer

if TYPE_CHECKING:
    from modalembic.postgres.scratch import ScratchServer

CHILD = "modalembic.runtime.earlier.child"
_PATIENCE_SECONDS = 5


def read_earlier(
    project: Project,
    tree: EarlierTree,
    *,
    tables: bool = False,
    catalogs: tuple[Side, ...] = (),
    environment: bool = False,
    server: ScratchServer | None = None,
    keep: bool = True,
    observer: Observer | None = None,
) -> TreeState:
    """What `tree` says: of its tables, if they are asked for, with `environment` of those too that
    only `env.py` knows, and the `catalogs` that it makes on `server`, without the help of other
    runs if it is not to `keep` anything. `project` is that of the working tree.

    Raises WorkingTreeLoaded, EarlierFailed, and every error of reading a project, importing its
    models and running its migrations, each at its place in the working tree.
    """
    with tempfile.TemporaryDirectory(prefix="modalembic-reading-") as directory:
        request = _request(project, tree, Path(directory), server)
        request = replace(
            request, tables=tables, catalogs=catalogs, keep=keep, environment=environment
        )
        answer = _asked(request, Path(directory), tree, observer or Observer())
    return load_state(answer, tree)


def _request(
    project: Project, tree: EarlierTree, directory: Path, server: ScratchServer | None
) -> Request:
    installed = install(tree, project.root, directory / "installed")
    places = TreePlaces(tree.top, tree.laid_out, installed.copies)
    path = [*installed.front, *places.mapped_all(sys.path), *installed.back]
    root = tree.mirror(project.root)
    assert root is not None
    cache = project.configuration.cache_directory
    return Request(
        top=str(tree.top),
        laid_out=str(tree.laid_out),
        root=str(root),
        here=str(project.root),
        path=tuple(map(str, path)),
        copies=tuple(sorted(map(str, installed.copies))),
        server=None if server is None else server.url.conninfo,
        place="" if server is None else server.place,
        cache=None if cache is None else str(cache),
    )


def _asked(
    request: Request, directory: Path, tree: EarlierTree, observer: Observer
) -> dict[str, Any]:
    file, output = directory / "request.json", directory / "output"
    request.write(file)
    said: dict[str, Any] = {}
    with output.open("wb") as written, _running(request, file, written) as (process, pipe):
        for line in pipe:
            message = json.loads(line)
            if "event" in message:
                observer.event(f"{tree.told(message['event'])} at {tree.short}")
            else:
                said = message
        code = process.wait()
    if "errors" in said:
        errors = tuple(_error(each, tree) for each in said["errors"])
        raise errors[0] if len(errors) == 1 else ProjectProblems(errors)
    if "answer" not in said:
        text = output.read_text(encoding="utf-8", errors="replace").strip()
        raise _died(code, text, tree) from RuntimeError(tree.told(text))
    answer: dict[str, Any] = said["answer"]
    return answer


@contextmanager
def _running(
    request: Request, file: Path, output: IO[bytes]
) -> Iterator[tuple[subprocess.Popen[bytes], IO[str]]]:
    """The process, and what it says. It is ended with the block, given time to drop what it made on
    the server."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as pipe:
        try:
            process = subprocess.Popen(
                # -P: the directory that it runs in is the user's. -B: it is gone in a moment.
                [sys.executable, "-P", "-B", "-m", CHILD, str(file), str(writing)],
                cwd=_directory(request),
                env=_environ(request),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(writing,),
            )
        finally:
            os.close(writing)
        try:
            yield process, pipe
        finally:
            _end(process)


def _directory(request: Request) -> str:
    """Where the project is, if it is there: settings name files from it."""
    return request.root if Path(request.root).is_dir() else request.laid_out


def _environ(request: Request) -> dict[str, str]:
    """The environment, in which other processes find the earlier tree too, and the child
    modalembic."""
    places = TreePlaces(Path(request.top), Path(request.laid_out), frozenset())
    before = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    own = PACKAGE.parent
    # An installed one is found anyway.
    first = [] if "site-packages" in own.parts else [str(own)]
    links = links_for_copies(load_configuration(request.here))
    return {
        **os.environ,
        **links,
        "PYTHONPATH": os.pathsep.join([*first, *places.mapped_all(before)]),
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, if it has not ended. Ctrl-C reaches it as well; a second interrupt would
    keep it from dropping its databases."""
    for signal_ in (None, signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            if signal_ is not None:
                process.send_signal(signal_)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE_SECONDS)


def _error(described: dict[str, Any], tree: EarlierTree) -> ModalembicError:
    """The error that the child described, at its place in the working tree's layout."""
    kind = _kinds().get(described["code"], EarlierFailed)
    path = described["path"]
    hint = described["hint"]
    if issubclass(kind, ImportFailed):  # it would be the working tree that is imported
        hint = f"git worktree add DIRECTORY {tree.short} lays it out, to see the whole traceback"
    error = kind(
        f"at {tree.called} ({tree.short}): {tree.told(described['message'])}",
        hint=None if hint is None else tree.told(hint),
        path=None if path is None else tree.original(Path(path)),
        line=described["line"],
    )
    for name in ("module", "failed"):
        if described[name] is not None:
            setattr(error, name, described[name])
    return error


def _kinds() -> dict[str, type[ModalembicError]]:
    found: dict[str, type[ModalembicError]] = {}
    pending: list[type[ModalembicError]] = [ModalembicError]
    while pending:
        kind = pending.pop()
        found[kind.code] = kind
        pending.extend(kind.__subclasses__())
    return found


def _died(code: int, output: str, tree: EarlierTree) -> EarlierFailed:
    """The child ended without an answer: a crash, or an end that the application's code asked
    for. `output` is all that it wrote."""
    last = f": {tree.told(output.splitlines()[-1])}" if output else ""
    return EarlierFailed(
        f"at {tree.called} ({tree.short}): the process that reads it ended with {code}{last}",
        hint="does importing the models, or running env.py, end the process? --debug shows all "
        "that it wrote",
    )
