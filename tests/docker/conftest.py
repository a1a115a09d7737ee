"""What the tests of `docker/` stand on: a Docker engine and images that were made here."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.docker.commands import DOCKERFILE, REPOSITORY, docker, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# Read at collection: later the environment is scrubbed of what a developer exports.
BASE_IMAGE = os.environ.get("MODALEMBIC_BASE_IMAGE", "modalembic/base:local")


@pytest.fixture(scope="session")
def base_image(docker_engine: None) -> str:
    """An image with Python that is there already: a test pulls nothing."""
    if docker("image", "inspect", BASE_IMAGE, check=False).returncode != 0:
        pytest.skip(
            f"no image {BASE_IMAGE}: docker/local-images.sh makes it, MODALEMBIC_BASE_IMAGE names "
            "another"
        )
    return BASE_IMAGE


@pytest.fixture(scope="session")
def project(base_image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of examples/marketplace with all the wheels that an image of it needs."""
    project = tmp_path_factory.mktemp("job") / "marketplace"
    shutil.copytree(
        REPOSITORY / "examples" / "marketplace",
        project,
        ignore=shutil.ignore_patterns("__pycache__", ".*"),
    )
    requirements = REPOSITORY / "examples" / "requirements.txt"
    if requirements.exists():
        shutil.copy(requirements, project)
    wheels = REPOSITORY / "docker" / "wheels.sh"
    run(wheels, project, base_image, env={"PYTHON": sys.executable})
    return project


@pytest.fixture(scope="session")
def job_image(project: Path, base_image: str) -> Iterator[str]:
    image = f"modalembic-test:{uuid.uuid4().hex[:12]}"
    docker("build", "-f", DOCKERFILE, "--build-arg", f"BASE={base_image}", "-t", image, project)
    yield image
    docker("image", "rm", "--force", image, check=False)
