"""`docker/Dockerfile`: built on a base that was made here, run against a real Postgres."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.docker.commands import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.docker, pytest.mark.slow]

PASSWORD = "s3cret word"


class Server:
    """A Postgres container on a network of its own, as its neighbours see it."""

    def __init__(self, network: str, name: str) -> None:
        self.network = network
        self.name = name
        self.url = f"postgresql://shop:{PASSWORD.replace(' ', '%20')}@database:5432/shop"

    def sql(self, statement: str) -> str:
        return docker(
            "exec", self.name, "psql", "-U", "shop", "-d", "shop", "-Atc", statement
        ).stdout.strip()


@pytest.fixture
def database(postgres_image: str) -> Iterator[Server]:
    name = f"modalembic-test-{uuid.uuid4().hex[:12]}"
    docker("network", "create", name)
    docker(
        *("run", "--detach", "--name", name, "--network", name, "--network-alias", "database"),
        *("-e", "POSTGRES_USER=shop", "-e", f"POSTGRES_PASSWORD={PASSWORD}"),
        *("-e", "POSTGRES_DB=shop", postgres_image),
    )
    try:
        _wait_for(name)
        yield Server(name, name)
    finally:
        docker("rm", "--force", "--volumes", name, check=False)
        docker("network", "rm", name, check=False)


def _wait_for(name: str) -> None:
    deadline = time.monotonic() + 60
    while docker(
        *("exec", name, "pg_isready", "-h", "127.0.0.1", "-U", "shop"), check=False
    ).returncode:
        assert time.monotonic() < deadline, docker("logs", name, check=False).stderr
        time.sleep(0.2)


def _job(image: str, database: Server, *arguments: str) -> tuple[int, str, str]:
    """Runs as tightly as the Kubernetes manifest asks for."""
    done = docker(
        *("run", "--rm", "--network", database.network, "--read-only", "--tmpfs", "/tmp"),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("-e", f"MODALEMBIC_DATABASE_URL={database.url}", image, *arguments),
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_it_runs_modalembic(job_image: str) -> None:
    assert "0.1.0" in docker("run", "--rm", job_image, "--version").stdout


def test_it_does_not_run_as_root(job_image: str) -> None:
    assert docker("run", "--rm", "--entrypoint", "id", job_image, "-u").stdout.strip() == "10001"


def test_it_stays_small(job_image: str, base_image: str) -> None:
    """Without the wheels it was made from, and without pip."""
    added = _size(job_image) - _size(base_image)
    assert added < 150 * 1024 * 1024
    leftovers = docker(
        *("run", "--rm", "--entrypoint", "find", job_image, "/app", "/opt"),
        *("-name", "*.whl", "-o", "-path", "*/site-packages/pip"),
    )
    assert leftovers.stdout == ""


def _size(image: str) -> int:
    return int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout)


def test_its_default_command_upgrades_a_database(job_image: str, database: Server) -> None:
    code, _, complaint = _job(job_image, database)
    assert code == 0, complaint
    assert int(database.sql("SELECT count(*) FROM modalembic_history")) > 0

    code, _, complaint = _job(job_image, database, "current", "--check")
    assert code == 0, complaint

    code, again, complaint = _job(job_image, database, "upgrade", "heads", "--format", "json")
    assert code == 0, complaint
    assert json.loads(again)["applied"] == []
    assert PASSWORD not in again


def test_an_unreachable_server_is_one_clear_error(job_image: str, database: Server) -> None:
    docker("stop", "--time", "5", database.name)
    code, _, complaint = _job(job_image, database)
    assert code == 2
    assert "Traceback" not in complaint
    assert PASSWORD not in complaint
