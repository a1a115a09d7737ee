from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.crash.cluster import Cluster, own_cluster
from tests.crash.trials import Workshop
from tests.crash.zygote import Zygote

JOBS = 2


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def zygotes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleQueue[Zygote]]:
    """Processes to fork from; as many as run at once."""
    ready: SimpleQueue[Zygote] = SimpleQueue()
    with ExitStack() as stack:
        for number in range(JOBS):
            directory = tmp_path_factory.mktemp(f"zygote{number}")
            ready.put(stack.enter_context(Zygote(directory)))
        yield ready


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server of the tests' own."""
    with own_cluster() as cluster:
        yield cluster


@pytest.fixture
def workshop(
    zygotes: SimpleQueue[Zygote], short_database: Callable[[str], AbstractContextManager[str]]
) -> Workshop:
    """Where trials are made."""
    return Workshop(short_database, zygotes, JOBS)
