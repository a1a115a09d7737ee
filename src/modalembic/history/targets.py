"""Targets as people write them, resolved over the graph and the state of a database.

The spellings are Alembic's (`heads`, `base`, an id or its prefix, `branch@head`, `branch@+1`,
`id-1`); a branch is a module's name first, and a branch label second. Where Alembic answers, the
answer is the same; what it leaves to chance with several branches (`-1`) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from modalembic.errors import AmbiguousTarget, UnknownTarget, UnreachableTarget
from modalembic.history.graph import RevisionGraph
from modalembic.history.names import Names, Target


class TargetResolver:
    """Resolves targets over `graph`, for a database that has the revisions `applied`.

    `modules` are the names of all modules, those without revisions too.
    """

    def __init__(
        self, graph: RevisionGraph, modules: Iterable[str], applied: AbstractSet[str] = frozenset()
    ) -> None:
        self._graph = graph
        self._names = Names(graph, modules)
        self._applied = applied

    def upgrade(self, text: str) -> tuple[str, ...]:
        """The revisions, sorted, that an upgrade to `text` has to reach. Nothing for `base`.

        Raises UnknownTarget, AmbiguousTarget or UnreachableTarget.
        """
        target = self._names.parse(text)
        if target.steps is None:
            return self._absolute(target)
        if target.steps >= 0:
            return (self._up(target, target.steps),)
        if target.symbol is None:
            raise UnreachableTarget(
                f"{text} leads down, and this is an upgrade", hint=f"modalembic downgrade {text}"
            )
        landed, _ = self._down(target, -target.steps)
        return () if landed is None else (landed,)

    def downgrade(self, text: str) -> frozenset[str]:
        """The applied revisions that a downgrade to `text` undoes, whatever their module.

        Raises UnknownTarget, AmbiguousTarget or UnreachableTarget.
        """
        roots = self._lowest_undone(self._names.parse(text))
        return frozenset(self._graph.descendants(roots) & self._applied)

    def revision(self, text: str) -> str:
        """The one revision that `text` names: an id, an unambiguous prefix, or a branch's head."""
        return self._only(self._names.parse(text))

    def module_of(self, text: str) -> str | None:
        """The module that a target is about; None where it is about all of them."""
        target = self._names.parse(text)
        if target.branch is not None:
            return self._names.module_of(target.branch)
        if target.symbol is None:
            return self._only_module(text)
        if target.symbol in ("heads", "head", "base"):
            return None
        return self._graph.revisions[self._names.revision(target.symbol, None)].module

    # --- absolute -------------------------------------------------------------------------------

    def _absolute(self, target: Target) -> tuple[str, ...]:
        match target.symbol:
            case "heads":
                return self._heads(target)
            case "head":
                heads = self._heads(target)
                if len(heads) > 1:
                    raise self._several_heads(target, heads)
                return heads
            case "base":
                if target.branch is not None:
                    self._names.module_of(target.branch)
                return ()
            case None:
                raise UnknownTarget(f"{target.text!r} names no revision")
            case symbol:
                return (self._names.revision(symbol, target.branch),)

    def _only(self, target: Target) -> str:
        found = self._absolute(target)
        if len(found) != 1:
            raise AmbiguousTarget(
                f"{target.text} is {len(found)} revisions" if found else f"{target.text} is none",
                hint=f"name one of {', '.join(found)}" if found else "name a revision",
            )
        return found[0]

    def _heads(self, target: Target) -> tuple[str, ...]:
        if target.branch is None:
            return tuple(sorted(self._graph.maximal(set(self._graph.revisions))))
        return self._graph.tops(self._names.line(target.branch))

    def _several_heads(self, target: Target, heads: Sequence[str]) -> AmbiguousTarget:
        if target.branch is not None:
            return AmbiguousTarget(
                f"{target.text} is ambiguous: {target.branch} has the heads {', '.join(heads)}",
                hint=f"write {target.branch}@heads for all of them, or one of the ids",
            )
        modules = sorted({self._graph.revisions[head].module for head in heads})
        return AmbiguousTarget(
            f"head is ambiguous: there are {len(heads)}, of {', '.join(modules)}",
            hint=f"write heads for all of them, or {modules[0]}@head for one",
        )

    # --- relative -------------------------------------------------------------------------------

    def _start(self, target: Target) -> tuple[str | None, str | None]:
        """The revision (None: base) that steps are counted from, and the branch to stay in."""
        if target.symbol is None:
            branch = target.branch or self._only_module(target.text)
            return self._current(target, branch), branch
        if target.symbol == "base":
            return None, target.branch or self._only_module(target.text)
        return self._only(Target(target.text, target.branch, target.symbol, None)), target.branch

    def _only_module(self, text: str) -> str:
        """The module that `+1` or `-1` is about, if there can be no doubt."""
        modules = sorted(self._graph.of_module)
        if len(modules) == 1:
            return modules[0]
        raise AmbiguousTarget(
            f"{text} is ambiguous with {len(modules)} modules",
            hint=f"say which one: {modules[0]}@{text}" if modules else "there are no revisions",
        )

    def _current(self, target: Target, branch: str) -> str | None:
        """The last applied revision of a branch; None where none is applied."""
        tops = self._graph.tops(self._names.line(branch) & self._applied)
        if len(tops) > 1:
            raise AmbiguousTarget(
                f"{target.text} is ambiguous: the database has {', '.join(tops)} of {branch}",
                hint=f"start from one of them: {tops[0]}{target.steps:+d}",
            )
        return tops[0] if tops else None

    def _up(self, target: Target, steps: int) -> str:
        here, branch = self._start(target)
        for taken in range(steps):
            following = self._following(here, branch)
            if not following:
                raise UnreachableTarget(
                    f"{target.text} is {steps - taken} further than there are revisions",
                    hint=f"the last one is {here}" if here else "there are no revisions",
                )
            here = self._one(target, following, f"follow {here or 'base'}")
        assert here is not None  # there was at least one step
        return here

    def _following(self, here: str | None, branch: str | None) -> Sequence[str]:
        graph = self._graph
        if branch is None:
            assert here is not None  # only a branch begins at base
            following = graph.down_children.get(here, ())
            module = graph.revisions[here].module
            # A line that goes on in other modules only is followed there.
            return [id_ for id_ in following if graph.revisions[id_].module == module] or following
        line = self._names.line(branch)
        if here is None:
            return [id_ for id_ in graph.own_bases(self._names.module_of(branch)) if id_ in line]
        return [id_ for id_ in graph.line_children(here) if id_ in line]

    def _down(self, target: Target, steps: int) -> tuple[str | None, str]:
        """Where `steps` down from a revision lead (None: base), and the last one on the way."""
        start, _ = self._start(target)
        if start is None:
            raise UnreachableTarget(f"{target.text} is below base", hint="write base")
        here: str | None = start
        last = start
        for left in range(steps, 0, -1):
            if here is None:
                raise UnreachableTarget(
                    f"{target.text} is {left} below the first revision, {last}",
                    hint="write base, module@base, or fewer steps",
                )
            last, below = here, self._graph.down[here]
            here = self._one(target, below, f"are joined by {here}") if below else None
        return here, last

    def _one(self, target: Target, found: Sequence[str], what: str) -> str:
        if len(found) > 1:
            raise AmbiguousTarget(
                f"{target.text} is ambiguous: {' and '.join(found)} {what}",
                hint="name the revision to go to",
            )
        return found[0]

    # --- downgrades -----------------------------------------------------------------------------

    def _lowest_undone(self, target: Target) -> AbstractSet[str]:
        """The revisions that go, with all that is built on them."""
        up = target.symbol in ("head", "heads") if target.steps is None else target.steps > 0
        if up and (target.steps is None or target.symbol is None):
            raise UnreachableTarget(
                f"{target.text} leads up, and this is a downgrade",
                hint="a downgrade goes to base, to module@base, to module@-1 or to a revision",
            )
        if target.steps is None:
            if target.symbol != "base":
                return self._above(target, self._only(target))
            return self._bases(target.branch)
        if target.symbol is None:
            return {self._last(target, -target.steps)}
        if up:
            return self._above(target, self._up(target, target.steps))
        landed, last = self._down(target, -target.steps)
        return self._above(target, landed) if landed else {self._applied_one(last)}

    def _bases(self, branch: str | None) -> AbstractSet[str]:
        if branch is None:
            return self._graph.revisions.keys()
        bases = self._graph.own_bases(self._names.module_of(branch))
        return self._names.line(branch).intersection(bases)

    def _above(self, target: Target, id_: str) -> set[str]:
        """What follows the revision `id_`, which stays."""
        self._applied_one(id_)
        if target.branch is None:
            return set(self._graph.down_children.get(id_, ()))
        return self._names.line(target.branch).intersection(self._graph.line_children(id_))

    def _applied_one(self, id_: str) -> str:
        if id_ not in self._applied:
            raise UnreachableTarget(
                f"the database does not have {id_}, so it cannot go down from there",
                hint="`modalembic current` shows what it has",
            )
        return id_

    def _last(self, target: Target, steps: int) -> str:
        """The lowest of the last `steps` applied revisions of a branch."""
        here, branch = self._start(target)
        if here is None:
            raise UnreachableTarget(
                f"the database has no revision of {branch}",
                hint="`modalembic current` shows what it has",
            )
        for _ in range(steps - 1):
            below = self._graph.line_parents(here)
            if not below:
                raise UnreachableTarget(
                    f"{target.text} is further than {branch} has revisions in this database",
                    hint=f"write {branch}@base, or fewer steps",
                )
            here = self._one(target, below, f"are joined by {here}")
        below = self._graph.line_parents(here)
        if below:
            self._one(target, below, f"are joined by {here}")
        return here
