"""Revisions as a graph: who follows and who depends on whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from modalembic.history.revision import Revision


class RevisionGraph:
    """The resolved graph over an index. Built once and never changed; every answer is sorted or in
    the order of the index.

    References are resolved as Alembic does: an id, else a branch label, which stands for the
    revision that carries it (the *first* of its branch). What cannot be resolved is in `missing`.
    Of two revisions with one id the first counts; `duplicates` has the others.
    """

    def __init__(self, revisions: Iterable[Revision]) -> None:
        self.revisions: dict[str, Revision] = {}
        self.duplicates: list[Revision] = []
        for revision in revisions:
            if self.revisions.setdefault(revision.id, revision) is not revision:
                self.duplicates.append(revision)
        self.labels: dict[str, str] = {}
        for revision in self.revisions.values():
            for label in revision.branch_labels:
                self.labels.setdefault(label, revision.id)
        self.missing: list[tuple[Revision, str, str]] = []
        self.down: dict[str, tuple[str, ...]] = {}
        self.parents: dict[str, tuple[str, ...]] = {}
        known = self.revisions
        for id_, revision in known.items():
            downs = revision.down_revisions
            if any(name not in known for name in downs):
                downs = self._resolved(revision, "down_revision", downs)
            self.down[id_] = downs
            if revision.depends_on:
                needs = self._resolved(revision, "depends_on", revision.depends_on)
                self.parents[id_] = tuple(dict.fromkeys((*downs, *needs)))
            else:
                self.parents[id_] = downs

    def _resolved(self, revision: Revision, header: str, names: Iterable[str]) -> tuple[str, ...]:
        resolved = []
        for name in names:
            id_ = name if name in self.revisions else self.labels.get(name)
            if id_ is None:
                self.missing.append((revision, header, name))
            else:
                resolved.append(id_)
        return tuple(dict.fromkeys(resolved))

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Revisions that follow or depend on each revision, sorted; no entry for none."""
        return _inverted(self.parents)

    @cached_property
    def down_children(self) -> Mapping[str, tuple[str, ...]]:
        """Revisions that have each revision as their `down_revision`, sorted; no entry for none."""
        return _inverted(self.down)

    @cached_property
    def of_module(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of each module's revisions, in the order of the index."""
        grouped: dict[str, list[str]] = defaultdict(list)
        for id_, revision in self.revisions.items():
            grouped[revision.module].append(id_)
        return {module: tuple(ids) for module, ids in grouped.items()}

    @cached_property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Each module's own last revisions, sorted: those from which no other of the module can be
        reached, on whatever way through the graph."""
        return {module: self.tops(ids) for module, ids in self.of_module.items()}

    def tops(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The last ones of `ids`, sorted: those that no other one needs, on whatever way."""
        own = set(ids)
        candidates = own - {parent for id_ in own for parent in self.parents[id_]}
        if len(candidates) > 1 and any(id_ in self.children for id_ in candidates):
            # A way may also lead out of a module and back; several heads are rare enough to look.
            below = {parent for id_ in candidates for parent in self.parents[id_]}
            candidates -= self.ancestors(below)
        return tuple(sorted(candidates))

    def line_parents(self, id_: str) -> tuple[str, ...]:
        """The revisions of the same module that `id_` follows, sorted; a line by `down_revision`
        may pass through other modules on its way."""
        return self._next_in_module(id_, self.down)

    def line_children(self, id_: str) -> tuple[str, ...]:
        """The revisions of the same module that follow `id_`, sorted; as for `line_parents`."""
        return self._next_in_module(id_, self.down_children)

    def _next_in_module(self, id_: str, edges: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        module = self.revisions[id_].module
        found: set[str] = set()
        seen: set[str] = set()
        pending = list(edges.get(id_, ()))
        while pending:
            other = pending.pop()
            if other in seen:
                continue
            seen.add(other)
            if self.revisions[other].module == module:
                found.add(other)
            else:
                pending.extend(edges.get(other, ()))
        return tuple(sorted(found))

    def own_bases(self, module: str) -> tuple[str, ...]:
        """The module's first revisions, sorted: those that follow no other one of the module."""
        return tuple(
            sorted(id_ for id_ in self.of_module.get(module, ()) if not self.line_parents(id_))
        )

    def ancestors(self, ids: Iterable[str]) -> set[str]:
        """`ids` and everything that they follow or depend on."""
        return _reached(ids, self.parents)

    def descendants(self, ids: Iterable[str]) -> set[str]:
        """`ids` and everything that follows or depends on them."""
        return _reached(ids, self.children)

    def maximal(self, ids: set[str]) -> set[str]:
        """Of a set that is closed under ancestors, the revisions that no other one in it needs."""
        needed = {parent for id_ in ids for parent in self.parents[id_]}
        return ids - needed

    def circle(self) -> tuple[str, ...]:
        """The ids of one circle in the order of dependence, or nothing."""
        left = {id_: len(parents) for id_, parents in self.parents.items()}
        ready = [id_ for id_, count in left.items() if not count]
        children = self.children
        while ready:
            id_ = ready.pop()
            del left[id_]
            for child in children.get(id_, ()):
                left[child] -= 1
                if not left[child]:
                    ready.append(child)
        if not left:
            return ()
        trail: dict[str, None] = {}
        id_ = min(left)
        while id_ not in trail:
            trail[id_] = None
            id_ = min(parent for parent in self.parents[id_] if parent in left)
        circle = list(trail)
        return tuple(circle[circle.index(id_) :])


def _inverted(edges: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    inverse: dict[str, list[str]] = {}
    for id_, targets in edges.items():
        for target in targets:
            inverse.setdefault(target, []).append(id_)
    return {
        id_: tuple(sorted(found)) if len(found) > 1 else (found[0],)
        for id_, found in inverse.items()
    }


def _reached(ids: Iterable[str], edges: Mapping[str, tuple[str, ...]]) -> set[str]:
    reached = set(ids)
    pending = list(reached)
    while pending:
        for other in edges.get(pending.pop(), ()):
            if other not in reached:
                reached.add(other)
                pending.append(other)
    return reached
