from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import ProjectFiles


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """A directory with no configuration yet."""
    return ProjectFiles(tmp_path / "shop")
