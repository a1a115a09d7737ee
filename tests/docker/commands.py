"""Running docker and what belongs to it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DOCKERFILE = REPOSITORY / "docker" / "Dockerfile"


def docker(*arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    return run("docker", *arguments, check=check)


def run(
    *command: str | Path, check: bool = True, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DOCKER_BUILDKIT": "0", **(env or {})},
    )
    assert done.returncode == 0 or not check, f"{command}\n{done.stdout}{done.stderr}"
    return done
