"""The server is stopped at once, as by a crash, at messages of an upgrade, and comes back."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest

from modalembic.postgres.connection import connect
from tests.crash.cluster import Cluster
from tests.crash.histories import write_history
from tests.crash.proxy import Link, Proxy
from tests.crash.trials import HARMS, Subject, Workshop, every_trial, some
from tests.crash.zygote import Zygote
from tests.plugins.points import Tell


def databases(cluster: Cluster) -> Callable[[str], AbstractContextManager[str]]:
    """Empty databases of the cluster, which runs whenever one is made."""
    numbers = itertools.count()

    @contextmanager
    def database(_template: str) -> Iterator[str]:
        name = f"crash_{next(numbers)}"
        with connect(cluster.url) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        yield cluster.url.with_database(name).conninfo

    return database


@pytest.fixture
def workshop(cluster: Cluster, zygotes: SimpleQueue[Zygote]) -> Workshop:
    """One trial at a time: they share the server that is stopped."""
    return Workshop(databases(cluster), zygotes, jobs=1)


def stopped_at_once(cluster: Cluster) -> Callable[[Proxy, Link], None]:
    """The harm: the server is stopped, and started again."""

    def harm(_proxy: Proxy, _link: Link) -> None:
        cluster.stop("immediate")
        cluster.start()

    return harm


def attempts(
    workshop: Workshop,
    cluster: Cluster,
    directory: Path,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> int:
    """So many trials, the same every time; how many were made."""
    monkeypatch.setitem(HARMS, "stop", stopped_at_once(cluster))
    files = write_history(directory / "shop", seed=11)
    subject = Subject(files.root, files.environ)
    messages, expected = workshop.undisturbed(subject)
    trials = some(every_trial(messages, ["stop"]), number, seed=11)
    return workshop.try_all(subject, trials, expected)


@pytest.mark.slow
def test_an_upgrade_goes_on_after_its_server_was_stopped_at_once(
    workshop: Workshop,
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tried: Tell,
) -> None:
    tried("points", attempts(workshop, cluster, tmp_path, 4, monkeypatch))


@pytest.mark.soak
def test_an_upgrade_goes_on_after_its_server_was_stopped_at_once_at_many_points(
    workshop: Workshop,
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tried: Tell,
) -> None:
    tried("points", attempts(workshop, cluster, tmp_path, 200, monkeypatch))
