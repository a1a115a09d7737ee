"""The scratch server of tests of matching is the tests' own, and the cache theirs alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.match.places import shop


@pytest.fixture(autouse=True)
def _scratch(
    server_url: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", server_url)
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "match cache"))


@pytest.fixture(autouse=True)
def _own_application() -> Iterator[None]:
    with forgotten("app"):
        yield


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ProjectFiles:
    """The shop; no test changes it."""
    return shop(tmp_path_factory.mktemp("shop"))
