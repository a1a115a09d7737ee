"""The server for a project's scratch databases: one rule, for whatever needs one.

1. `MODALEMBIC_SCRATCH_URL`, 2. `scratch` in the configuration: a URL, `embedded` or `container`,
3. a container, if the package for it is installed, Docker answers and its image is to be had,
4. the embedded server.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from modalembic.errors import ContainerFailed, ContainerImageUnavailable, DockerUnavailable
from modalembic.postgres.place import CONTAINER, EMBEDDED
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.cache.reads import journal
from modalembic.runtime.cache.store import Store
from modalembic.runtime.database import open_database
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.errors import said_of_scratch
from modalembic.runtime.scratch.identity import identity_of_place, identity_of_server
from modalembic.runtime.scratch_driver import scratch_named

SOCKETS = ("/var/run/docker.sock", "~/.docker/run/docker.sock", "~/.docker/desktop/docker.sock")


class Scratch:
    """What the scratch work of one run shares: a server, started for the first that needs it, and
    what was made on it already, in this run (`kept`) or in earlier ones (`store`).

    Used as a context manager. `server` is one that runs already, with its `identity`, else it is
    chosen by the rule above. Without `cache`, or where the configuration says so, nothing of other
    runs is used, and nothing is left to them.
    """

    def __init__(
        self,
        project: Project,
        observer: Observer | None = None,
        *,
        server: ScratchServer | None = None,
        identity: str | None = None,
        cache: bool = True,
    ) -> None:
        self._project = project
        self._observer = observer or Observer()
        self._running = server
        self._identity = identity
        self._stack = ExitStack()
        configuration = project.configuration
        self.store = Store.of_user(
            configuration.cache_directory, enabled=cache and configuration.drift_cache
        )
        self.kept: dict[object, Any] = {}

    def __enter__(self) -> Self:
        if self.store.keeps:
            self._stack.enter_context(journal())
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.__exit__(*raised)  # type: ignore[arg-type]

    @property
    def server(self) -> ScratchServer:
        """The server, running from now on. Raises what `open_scratch_server` raises."""
        if self._running is None:
            opened = open_scratch_server(self._project, self._observer)
            self._running = self._stack.enter_context(opened)
            self._identity = None  # it may have become another place than was expected
        return self._running

    @property
    def identity(self) -> str:
        """What of the server the catalogs made on it depend on. Where only the server itself can
        tell it is started; raises what that raises."""
        if self._identity is None:
            self._identity = self._identified()
        return self._identity

    def _identified(self) -> str:
        project = self._project
        place = self._running.place if self._running is not None else _expected_place(project)
        known = identity_of_place(project.configuration, place) if place is not None else None
        if known is None and place is None:
            # As in the rule: what cannot be a container is an embedded server.
            known = identity_of_place(project.configuration, CONTAINER) or identity_of_place(
                project.configuration, EMBEDDED
            )
        if known is None:
            # What was not there before may be there now: an image that was pulled, say.
            known = identity_of_place(project.configuration, self.server.place)
        return known or identity_of_server(self.server)


@contextmanager
def shared_scratch(
    scratch: Scratch | None,
    project: Project,
    observer: Observer | None = None,
    *,
    cache: bool = True,
) -> Iterator[Scratch]:
    """`scratch`, which stays open, or else one of its own."""
    if scratch is not None:
        yield scratch
        return
    with Scratch(project, observer, cache=cache) as own:
        yield own


def _expected_place(project: Project) -> str | None:
    """`embedded` or `container`; nothing where a URL is named; None where it may be either."""
    named = scratch_named(project)
    if named is not None:
        return named if named in {CONTAINER, EMBEDDED} else ""
    return None if _may_be_container() else EMBEDDED


def _may_be_container() -> bool:
    return find_spec("testcontainers") is not None and docker_may_answer()


@contextmanager
def open_scratch_server(
    project: Project, observer: Observer | None = None
) -> Iterator[ScratchServer]:
    """The server, running while inside, with what runs that died have left swept away.

    Raises what starting it, or connecting to it, raises.
    """
    watching = observer or Observer()
    with ExitStack() as stack:
        with said_of_scratch(project):
            server = _opened(project, watching, stack)
            left = server.sweep()
        for name in left:
            watching.event(f"dropped {name}, which a run that died had left")
        yield server


def _opened(project: Project, observer: Observer, stack: ExitStack) -> ScratchServer:
    named = scratch_named(project)
    if named is not None:
        return _started(project, named, observer, stack)
    if _may_be_container():
        try:
            return _started(project, CONTAINER, observer, stack)
        except (DockerUnavailable, ContainerImageUnavailable, ContainerFailed) as error:
            observer.event(f"no container for scratch databases: {error.message}")
    return _started(project, EMBEDDED, observer, stack)


def _started(project: Project, named: str, observer: Observer, stack: ExitStack) -> ScratchServer:
    url = stack.enter_context(open_database(project, named, observer.event))
    assert url is not None
    # The driver is for the application; here psycopg works. A URL may hold a password.
    place = named if named in {CONTAINER, EMBEDDED} else ""
    return ScratchServer(replace(_with_database(url), driver=None), place)


def _with_database(url: DatabaseURL) -> DatabaseURL:
    return url if url.database is not None else url.with_database("postgres")


def docker_may_answer() -> bool:
    """Whether it is worth the import of Docker's client to ask: a socket or an address is there."""
    named = any(name in os.environ for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "TC_HOST"))
    return named or any(Path(socket).expanduser().exists() for socket in SOCKETS)
