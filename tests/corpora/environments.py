"""Environments of their own for public packages, kept between runs below one directory."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from modalembic.postgres.filelock import held

REPOSITORY = Path(__file__).parents[2]
ASSETS = REPOSITORY / "tests" / "assets" / "corpora"

# What pip says when no index answers; all else that it fails for is an error of ours.
UNREACHABLE = re.compile(
    r"from versions: none|ConnectionPool|Timeout|Network is unreachable", re.IGNORECASE
)


@dataclass(frozen=True)
class Environment:
    """A Python, and the directories that it imports from besides its own packages."""

    python: Path
    path: tuple[Path, ...]


class Environments:
    """Makes environments below `directory`. One that is there already is used again, if it was made
    from the same requirements."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def with_packages(self, name: str) -> Environment:
        """A virtual environment with the packages in `requirements.txt` of the corpus `name`, those
        in `alone.txt` without what they depend on, and modalembic."""
        requirements, alone = ASSETS / name / "requirements.txt", ASSETS / name / "alone.txt"
        ours = _dependencies()

        def make(target: Path) -> None:
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", target], check=True)
            # Most of it is never imported.
            pip = ("--python", str(_python(target)), "install", "--no-compile")
            _pip(*pip, "--requirement", str(requirements), *ours)
            if alone.exists():
                _pip(*pip, "--no-deps", "--requirement", str(alone))

        texts = [file.read_text() for file in (requirements, alone) if file.exists()]
        target = self._made(name, [*texts, *ours], make)
        return Environment(_python(target), (REPOSITORY / "src",))

    def unpacked(self, name: str) -> Path:
        """A directory with the packages in `requirements.txt` of the corpus `name`, for files to be
        read from: what they depend on is missing."""
        requirements = ASSETS / name / "requirements.txt"

        def make(target: Path) -> None:
            pip = ("install", "--no-deps", "--no-compile", "--target", str(target))
            _pip(*pip, "--requirement", str(requirements))

        return self._made(name, [requirements.read_text()], make)

    def _made(self, name: str, ingredients: list[str], make: Callable[[Path], None]) -> Path:
        python = [sys.version, sys.base_prefix]
        key = sha256("\n".join([*ingredients, *python]).encode()).hexdigest()[:12]
        target = self._directory / f"{name}-{key}"
        complete = self._directory / f"{name}-{key}.complete"
        self._directory.mkdir(parents=True, exist_ok=True)
        with held(self._directory / f"{name}.lock", created=lambda _: None):
            if not complete.exists():
                shutil.rmtree(target, ignore_errors=True)
                make(target)
                complete.touch()
        return target


def _python(target: Path) -> Path:
    return target / "bin" / "python"


def _dependencies() -> list[str]:
    """What modalembic depends on; modalembic itself is imported from the source tree."""
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        dependencies: list[str] = tomllib.load(file)["project"]["dependencies"]
    return dependencies


def _pip(*arguments: str) -> None:
    """Run pip as it is configured here. Skips where no index can be reached."""
    options = ["--disable-pip-version-check", "--no-input", "--quiet", "--retries", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", *options, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip(f"no package index can be reached: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
