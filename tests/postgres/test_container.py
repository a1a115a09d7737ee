from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest

from modalembic.errors import ContainerFailed, ContainerImageUnavailable, DockerUnavailable
from modalembic.postgres.connection import connect
from modalembic.postgres.container import open_container
from modalembic.postgres.settings import ContainerSettings
from modalembic.postgres.url import DatabaseURL


def opened(image: str, events: list[str] | None = None) -> None:
    with open_container(ContainerSettings(image), (events or []).append):
        pass


@pytest.mark.docker
def test_a_container_is_a_server_with_an_empty_database_and_is_removed_afterwards(
    postgres_image: str,
) -> None:
    events: list[str] = []
    with open_container(ContainerSettings(postgres_image), events.append) as url:
        assert isinstance(url, DatabaseURL)
        assert url.driver is None
        assert url.password
        with connect(url) as connection:
            connection.execute("CREATE TABLE t (a int)")
            query = "SELECT current_database(), current_setting('server_encoding')"
            assert connection.execute(query).fetchone() == ("app", "UTF8")
        port = url.hosts[0].port
        published = _published_ports()
        assert f":{port}->" in published
    assert f":{port}->" not in _published_ports()
    assert f"starting a container from {postgres_image}" in events


def _published_ports() -> str:
    done = subprocess.run(
        ["docker", "ps", "--format", "{{.Ports}}"], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.docker
def test_a_container_is_removed_when_the_work_in_it_fails(postgres_image: str) -> None:
    ports: list[str | None] = []

    def fail(url: DatabaseURL) -> None:
        ports.append(url.hosts[0].port)
        raise ZeroDivisionError

    with (
        pytest.raises(ZeroDivisionError),
        open_container(ContainerSettings(postgres_image), lambda _: None) as url,
    ):
        fail(url)
    assert f":{ports[0]}->" not in _published_ports()


@pytest.mark.docker
def test_an_image_that_cannot_be_pulled_is_named(docker_engine: None) -> None:
    name = "localhost:1/no/such-image:1"
    with pytest.raises(ContainerImageUnavailable, match=name) as caught:
        opened(name)
    assert caught.value.code == "container-image"
    assert "MODALEMBIC_POSTGRES_IMAGE" in (caught.value.hint or "")


@pytest.mark.docker
def test_an_image_that_is_no_server_fails_at_once_with_its_last_words(
    postgres_image: str, request: pytest.FixtureRequest
) -> None:
    # The entry point refuses a command that is not there, as any image that is no server does.
    broken = "modalembic-test-broken:1"
    request.addfinalizer(
        lambda: subprocess.run(["docker", "rmi", "-f", broken], capture_output=True, check=False)
    )
    subprocess.run(
        ["docker", "build", "-q", "-t", broken, "-"],
        input=f'FROM {postgres_image}\nENTRYPOINT ["sh", "-c", "echo no server here; exit 3"]\n',
        text=True,
        capture_output=True,
        check=True,
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )
    with pytest.raises(ContainerFailed, match="no server here"):
        opened(broken)


# docker's client forgets a socket that it could not connect; it is collected here, not later.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_docker_engine_is_one_error_with_other_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such/socket")
    with pytest.raises(DockerUnavailable, match="no Docker engine answers") as caught:
        opened("postgres:18-alpine")
    assert "--database embedded" in (caught.value.hint or "")
    assert len(caught.value.message) < 200
    del caught
    gc.collect()


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "testcontainers.core.docker_client", None)
    with pytest.raises(DockerUnavailable) as caught:
        opened("postgres:18-alpine")
    assert 'pip install "modalembic[container]"' in (caught.value.hint or "")
