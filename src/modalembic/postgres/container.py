"""A throw-away server in a container, by testcontainers."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from modalembic.errors import (
    ContainerFailed,
    ContainerImageUnavailable,
    DockerUnavailable,
    ModalembicError,
)
from modalembic.postgres.connection import connect
from modalembic.postgres.settings import ContainerSettings
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    from testcontainers.community.postgres import PostgresContainer

USER = "postgres"
DATABASE = "app"
START_SECONDS = 90.0
POLL_SECONDS = 0.1
OTHER_PLACES = "use another place: --database embedded, or --database postgresql://..."


@contextmanager
def open_container(
    settings: ContainerSettings, on_event: Callable[[str], None]
) -> Iterator[DatabaseURL]:
    """The URL of an empty database in a new container, which is removed afterwards.

    Raises DockerUnavailable, ContainerImageUnavailable or ContainerFailed.
    """
    docker = _docker_client()
    try:
        _ensure_image(docker, settings.image, on_event)
        _without_reaper_if_it_cannot_be_had(docker, on_event)
    finally:
        docker.close()
    container = _new_container(settings.image)
    on_event(f"starting a container from {settings.image}")
    try:
        yield _start(container, settings.image)
    finally:
        container.stop()


def image_id(settings: ContainerSettings) -> str | None:
    """The digest of the image on this machine; None where it is not here, or no Docker answers."""
    try:
        docker = _docker_client()
    except DockerUnavailable:
        return None
    from docker.errors import DockerException

    try:
        return str(docker.images.get(settings.image).id)
    except (DockerException, OSError):
        return None
    finally:
        docker.close()


def _docker_client() -> Any:
    try:
        from docker.errors import DockerException
        from testcontainers.core.docker_client import DockerClient
    except ImportError as error:
        raise DockerUnavailable(
            "the package that runs containers is not installed",
            hint=f'pip install "modalembic[container]"; or {OTHER_PLACES}',
        ) from error
    try:
        client = DockerClient().client
        client.ping()
    except (DockerException, OSError) as error:
        raise DockerUnavailable(
            f"no Docker engine answers: {_innermost(error)}",
            hint=f"start Docker, or point DOCKER_HOST to it; or {OTHER_PLACES}",
        ) from error
    return client


def _ensure_image(docker: Any, image: str, on_event: Callable[[str], None]) -> None:
    from docker.errors import DockerException

    try:
        if not _is_here(docker, image):
            on_event(f"pulling {image}")
            docker.images.pull(image)
    except (DockerException, OSError) as error:
        raise ContainerImageUnavailable(
            f"the image {image} is not on this machine and cannot be pulled: {_innermost(error)}",
            hint="name one that is here or can be pulled: MODALEMBIC_POSTGRES_IMAGE=IMAGE; "
            f"or {OTHER_PLACES}",
        ) from error


def _is_here(docker: Any, image: str) -> bool:
    from docker.errors import ImageNotFound

    try:
        docker.images.get(image)
    except ImageNotFound:
        return False
    return True


def _without_reaper_if_it_cannot_be_had(docker: Any, on_event: Callable[[str], None]) -> None:
    """What killed programs leave behind, testcontainers removes by an image of its own, which a
    machine without a way to its registry lacks. That is no reason not to start."""
    from docker.errors import DockerException
    from testcontainers.core.config import testcontainers_config

    if testcontainers_config.ryuk_disabled:
        return
    image = testcontainers_config.ryuk_image
    try:
        if not _is_here(docker, image):
            docker.images.pull(image)
    except (DockerException, OSError):
        on_event(f"{image} cannot be pulled: a run that is killed leaves its container behind")
        testcontainers_config.ryuk_disabled = True


def _new_container(image: str) -> PostgresContainer:
    from testcontainers.community.postgres import PostgresContainer

    class Server(PostgresContainer):
        # The library's own wait goes on for two minutes after the container has ended.
        def _connect(self) -> None:
            pass

    return Server(
        image, username=USER, password=secrets.token_urlsafe(16), dbname=DATABASE, driver=None
    )


def _start(container: PostgresContainer, image: str) -> DatabaseURL:
    from docker.errors import DockerException

    try:
        container.start()
        url = DatabaseURL.parse(container.get_connection_url())
    except (DockerException, OSError, RuntimeError) as error:
        raise _failed(image, _last_words(container) or _innermost(error)) from error
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and _runs(container):
        with suppress(ModalembicError):
            connect(url, connect_timeout=2).close()
            return url
        time.sleep(POLL_SECONDS)
    raise _failed(image, _last_words(container) or "it said nothing")


def _failed(image: str, reason: str) -> ContainerFailed:
    return ContainerFailed(
        f"the container from {image} did not become a Postgres server: {reason}",
        hint=f"is it a Postgres image? docker run --rm -e POSTGRES_PASSWORD=x {image}",
    )


def _runs(container: PostgresContainer) -> bool:
    wrapped = container.get_wrapped_container()
    wrapped.reload()
    return str(wrapped.status) in ("created", "running", "restarting")


def _last_words(container: PostgresContainer) -> str:
    from testcontainers.core.exceptions import ContainerStartException

    try:
        output = b"".join(container.get_logs()).decode(errors="replace").splitlines()
    except (ContainerStartException, OSError):
        return ""  # it never came to be
    return next((line.strip() for line in reversed(output) if line.strip()), "")


def _innermost(error: BaseException) -> str:
    """What the engine said, out of what requests and docker wrapped around it."""
    explanation = getattr(error, "explanation", None)
    if explanation:
        return str(explanation)
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return re.sub(r"^\[Errno \d+\] ", "", str(error))
