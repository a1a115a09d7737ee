"""Replays of histories, kept with all that they depended on."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from modalembic.project import Project
from modalembic.runtime.cache.dependencies import are_unchanged, gather
from modalembic.runtime.cache.keys import migrations_key
from modalembic.runtime.cache.reads import Reads, reads_noted
from modalembic.runtime.cache.store import Entry, Store

KIND = "migrations"


class Replay:
    """The replay of `goals` and all that they need on a server; `identity` tells which. `kind` is
    what is kept of it."""

    def __init__(
        self,
        project: Project,
        store: Store,
        goals: Collection[str],
        identity: Callable[[], str],
        *,
        kind: str = KIND,
    ) -> None:
        self._project = project
        self._store = store
        self._goals = goals
        self._identity = identity
        self._kind = kind
        self._reads: Reads | None = None
        self._before: tuple[str | None, int] = (None, 0)

    def find(self) -> Entry | None:
        """What an earlier one has left, if nothing that it depended on has changed."""
        key = self._key()
        if key is None:
            return None
        root = self._project.root
        return self._store.find(
            self._kind, key, lambda about: are_unchanged(about.get("dependencies"), root)
        )

    @contextmanager
    def noted(self) -> Iterator[Reads]:
        """Notes what is read while inside, where it is to be kept."""
        if not self._store.keeps:
            yield Reads()
            return
        self._before = self._key(), time.time_ns()
        revisions = self._project.graph.revisions.values()
        with reads_noted(frozenset(revision.path for revision in revisions)) as reads:
            self._reads = reads
            yield reads

    def keep(self, about: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Keep what it made, if it can be known what that depended on, and if nothing of that has
        changed since it began."""
        key, began = self._before
        if self._reads is None or self._reads.untraceable or key is None or key != self._key():
            return
        found = gather(self._reads, self._project.root, began)
        if found is not None:
            self._store.put(self._kind, key, {**about, "dependencies": found.document()}, body)

    def _key(self) -> str | None:
        """None where a file cannot be read: there is nothing to know the replay by."""
        if not self._store.keeps:
            return None
        try:
            return migrations_key(self._project, self._goals, self._identity())
        except OSError:
            return None
