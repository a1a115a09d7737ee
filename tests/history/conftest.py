from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import ProjectFiles


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """A project with modules in `app/modules`."""
    return ProjectFiles(tmp_path / "shop").configure()
