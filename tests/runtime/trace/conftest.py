from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.projects import ProjectFiles
from tests.runtime.support import new_project
from tests.runtime.trace.kills import Kills


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectFiles:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))
    return new_project(tmp_path)


@pytest.fixture
def kills(project: ProjectFiles, database_url: str, connect_to: Any, tmp_path: Path) -> Kills:
    """Runs of the project that are killed."""
    return Kills(project, database_url, connect_to(database_url), tmp_path / "order")
