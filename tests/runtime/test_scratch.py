"""Which server scratch databases are made on."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.errors import ConfigurationError, DockerUnavailable
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.scratch import server as scratch
from modalembic.runtime.scratch.server import docker_may_answer, open_scratch_server
from tests.projects import ProjectFiles
from tests.runtime.support import Recorder


def project(root: Path, text: str = "", **environ: str) -> Project:
    files = ProjectFiles(root / "shop").configure(f'modules = ["app/modules/*"]\n{text}')
    files.module("core").revision("c1")
    return files.load(environ)


def opened(loaded: Project, recorder: Recorder | None = None) -> ScratchServer:
    with open_scratch_server(loaded, recorder) as server, server.connection() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        return server


def test_the_configuration_names_it(tmp_path: Path, server_url: str) -> None:
    server = opened(project(tmp_path, f'scratch = "{server_url}"'))

    assert server.url == DatabaseURL.parse(server_url)
    assert server.place == ""


def test_the_environment_wins(tmp_path: Path, server_url: str) -> None:
    loaded = project(
        tmp_path, 'scratch = "postgresql://nowhere/x"', MODALEMBIC_SCRATCH_URL=server_url
    )

    assert opened(loaded).url == DatabaseURL.parse(server_url)


def test_variables_are_filled_in(
    tmp_path: Path, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = project(tmp_path, 'scratch = "${CI_SERVER}"')
    with pytest.raises(ConfigurationError, match=r"scratch refers to \$\{CI_SERVER\}"):
        opened(loaded)

    monkeypatch.setenv("CI_SERVER", server_url)
    assert opened(loaded).url == DatabaseURL.parse(server_url)


def test_the_driver_of_the_application_does_not_matter(tmp_path: Path, server_url: str) -> None:
    url = server_url.replace("postgresql://", "postgresql+asyncpg://")

    assert opened(project(tmp_path, f'scratch = "{url}"')).url.driver is None


@pytest.mark.parametrize("answers", [False, True])
def test_without_docker_it_is_the_embedded_server(
    tmp_path: Path, server_directory: Path, monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    def refuse(*_: object) -> None:
        raise DockerUnavailable("no Docker engine answers: nobody there")

    monkeypatch.setattr(scratch, "docker_may_answer", lambda: answers)
    monkeypatch.setattr("modalembic.postgres.container.open_container", refuse)
    data = server_directory / "scratch" / "postgres"
    loaded = project(tmp_path, f'[tool.modalembic.embedded]\ndata = "{data}"')
    recorder = Recorder()

    assert opened(loaded, recorder).place == "embedded"
    told = "no container for scratch databases: no Docker engine answers: nobody there"
    assert (told in recorder.told) is answers


def test_docker_is_asked_where_an_address_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "SOCKETS", ())
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.delenv("TC_HOST", raising=False)
    assert not docker_may_answer()
    monkeypatch.setenv("DOCKER_HOST", "unix:///somewhere.sock")
    assert docker_may_answer()
