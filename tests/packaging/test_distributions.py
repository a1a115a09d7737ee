"""The wheel and the source distribution, as a user gets them."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path, PurePosixPath

import pytest

REPOSITORY = Path(__file__).parents[2]
TEMPLATES = REPOSITORY / "env_templates"

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a source distribution and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, REPOSITORY)
    return out


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    (wheel,) = distributions.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin directory of a new virtual environment with the wheel and nothing else."""
    home = tmp_path_factory.mktemp("installed") / ".venv"
    venv.create(home, with_pip=True)
    _run(home / "bin" / "python", "-m", "pip", "install", "-qq", wheel)
    return home / "bin"


def test_wheel_holds_every_source_file_and_template(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    source = REPOSITORY / "src"
    assert packed == {
        *(f"modalembic/env_templates/{file}" for file in _files(TEMPLATES)),
        *map(str, _files(source)),
    }


def test_wheel_carries_the_licence_and_the_typing_marker(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {PurePosixPath(name).name for name in archive.namelist()}
    assert {"LICENSE", "py.typed", "entry_points.txt"} <= names


def test_source_distribution_holds_what_builds_and_tests_it(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        top = {PurePosixPath(name).parts[1] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "Makefile",
        "src",
        "env_templates",
        "tests",
        "examples",
    } <= top


def test_installed_command_says_its_version(installed: Path) -> None:
    assert _run(installed / "modalembic", "--version").strip().endswith("0.1.0")


def test_installed_command_helps(installed: Path) -> None:
    assert "upgrade" in _run(installed / "modalembic", "--help")


def test_installed_package_runs_as_a_module(installed: Path) -> None:
    assert "upgrade" in _run(installed / "python", "-m", "modalembic", "--help")


def test_installed_package_finds_its_templates(installed: Path) -> None:
    listed = _run(
        installed / "python",
        "-c",
        "import importlib.resources as r\n"
        "for entry in (r.files('modalembic') / 'env_templates').iterdir(): print(entry.name)",
    )
    assert sorted(listed.split()) == sorted(entry.name for entry in TEMPLATES.iterdir())


def test_editable_install_has_no_copy_of_the_templates(tmp_path: Path) -> None:
    """There they are read from the top of the repository; a copy would go stale."""
    _run(
        sys.executable,
        "-c",
        "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])",
        tmp_path,
    )
    (editable,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(editable) as archive:
        assert not [name for name in archive.namelist() if "env_templates" in name]


def _files(directory: Path) -> list[Path]:
    return [
        path.relative_to(directory)
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "egg-info" not in str(path)
    ]


def _run(*command: str | Path) -> str:
    """Without PYTHONPATH: what is tested is what was built, not the source tree."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
