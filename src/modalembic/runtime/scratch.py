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

from modalembic.errors import ContainerFailed, ContainerImageUnavailable, DockerUnavailable
from modalembic.postgres.place import CONTAINER, EMBEDDED
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.database import filled_in, open_database
from modalembic.runtime.options import Observer

SOCKETS = ("/var/run/docker.sock", "~/.docker/run/docker.sock", "~/.docker/desktop/docker.sock")


@contextmanager
def open_scratch_server(
    project: Project, observer: Observer | None = None
) -> Iterator[ScratchServer]:
    """The server, running while inside, with what runs that died have left swept away.

    Raises what starting it, or connecting to it, raises.
    """
    watching = observer or Observer()
    with ExitStack() as stack:
        server = _opened(project, watching, stack)
        for name in server.sweep():
            watching.event(f"dropped {name}, which a run that died had left")
        yield server


def _opened(project: Project, observer: Observer, stack: ExitStack) -> ScratchServer:
    configuration = project.configuration
    named = configuration.environment_scratch
    if named is None and configuration.scratch is not None:
        named = filled_in(project, "scratch", configuration.scratch)
    if named is not None:
        return _started(project, named, observer, stack)
    if find_spec("testcontainers") is not None and docker_may_answer():
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
