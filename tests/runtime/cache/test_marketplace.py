"""What is kept of the example says what making it anew says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import Result, modalembic

MARKETPLACE = Path(__file__).parents[3] / "examples" / "marketplace"

pytestmark = pytest.mark.slow


@pytest.fixture
def marketplace(tmp_path: Path, server_url: str, monkeypatch: pytest.MonkeyPatch) -> ProjectFiles:
    """A copy with two spoiled models."""
    root = tmp_path / "marketplace"
    shutil.copytree(MARKETPLACE, root, ignore=shutil.ignore_patterns("__pycache__", ".modalembic"))
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", server_url)
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))
    user = root / "app/modules/core/models/user.py"
    user.write_text(user.read_text().replace("String(", "String(1"))
    return ProjectFiles(root)


def checked(project: ProjectFiles, *options: str) -> Result:
    with forgotten("app"):
        return modalembic(project, "check", "drift", "--format", "json", *options)


def test_drift_is_the_same_from_the_cache(marketplace: ProjectFiles) -> None:
    anew = checked(marketplace, "--no-cache")
    first = checked(marketplace)
    again = checked(marketplace)

    assert anew.code == 1
    assert anew.document["findings"]
    assert anew.document == first.document == again.document
    assert "scratch database" in first.err
    assert "scratch database" not in again.err


def test_two_processes_at_once_find_the_same(marketplace: ProjectFiles, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "modalembic", "--project", str(marketplace.root)]
    command += ["check", "drift", "--format", "json", "--quiet"]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    first, second = (process.communicate()[0] for process in running)

    assert b'"findings"' in first
    assert first == second
    assert not list((tmp_path / "cache" / "catalogs").glob(".new-*"))
    assert "scratch database" not in checked(marketplace).err
