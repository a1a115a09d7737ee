"""`docker/compose.yaml`: Postgres, then the migrations, then the application."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docker.commands import DOCKERFILE, REPOSITORY, docker, run

COMPOSE = REPOSITORY / "docker" / "compose.yaml"

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture(scope="session")
def compose(docker_engine: None) -> list[str]:
    if docker("compose", "version", check=False).returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("neither `docker compose` nor docker-compose")


def test_compose_accepts_the_file(compose: list[str]) -> None:
    resolved = yaml.safe_load(run(*compose, "-f", COMPOSE, "config").stdout)
    assert set(resolved["services"]) == {"database", "migrations", "application"}


def test_each_service_waits_for_the_one_before() -> None:
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    assert services["migrations"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services["application"]["depends_on"] == {
        "migrations": {"condition": "service_completed_successfully"}
    }


def test_the_application_starts_on_a_migrated_database(
    compose: list[str], job_image: str, project: Path, base_image: str, postgres_image: str
) -> None:
    environment = {
        "BASE": base_image,
        "DOCKERFILE": str(DOCKERFILE),
        "IMAGE": job_image,
        "POSTGRES_IMAGE": postgres_image,
        "PROJECT": str(project),
        "COMPOSE_PROJECT_NAME": f"modalembic{uuid.uuid4().hex[:12]}",
    }
    command = [*compose, "-f", str(COMPOSE)]
    try:
        run(*command, "up", "--detach", env=environment)
        application = run(*command, "ps", "--all", "--quiet", "application", env=environment)
        container = application.stdout.strip()
        exit_code = docker("wait", container).stdout.strip()
        said = docker("logs", container)
    finally:
        run(*command, "down", "--volumes", "--timeout", "5", check=False, env=environment)
    assert exit_code == "0", said.stdout + said.stderr
