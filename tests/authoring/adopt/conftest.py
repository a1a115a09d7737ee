from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _scratch(server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch databases are made on the tests' own server."""
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", server_url)
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("FLASK_APP", raising=False)
