"""From two states of the tree to moves and findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from modalembic.checks.dependencies.ordering import ancestry_of
from modalembic.checks.finding import Finding
from modalembic.checks.move import Move
from modalembic.checks.moves import findings
from modalembic.checks.moves.changes import (
    Change,
    merged,
    proven_changes,
    proven_differences,
    stated_changes,
)
from modalembic.checks.moves.lost import is_dropped, leftover
from modalembic.checks.moves.order import Order, gaps, order_of
from modalembic.checks.moves.states import TableState, table_states
from modalembic.checks.request import CheckRequest
from modalembic.errors import EnvironmentFailed, EnvironmentMisuse, ModalembicError, UsageError
from modalembic.runtime.diff.two_states import ComparedSide, TwoStates
from modalembic.runtime.earlier import Side
from modalembic.runtime.earlier.state import STATEMENT, TreeState
from modalembic.runtime.earlier.tree import earlier_tree, merge_base
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import shared_scratch
from modalembic.runtime.touches import Touches


def check_moves(request: CheckRequest) -> Iterator[Finding | Move]:
    """Every table that moved since the merge base of the request's base and HEAD, and what there is
    to say of it.

    Raises UsageError without a base, BaseUnavailable where git does not have it, and what reading
    the base raises: that tree cannot be mended any more.
    """
    project, observer = request.project, request.observer or Observer()
    if request.base is None:
        raise UsageError(
            "check moves compares two states of the tree, and no base is named",
            hint='modalembic check moves --base origin/main; or base = "origin/main" in '
            "[tool.modalembic]",
        )
    commit = merge_base(project.root, request.base)
    with (
        earlier_tree(project.root, commit) as tree,
        shared_scratch(request.scratch, project, observer, cache=request.cache) as scratch,
    ):
        both = TwoStates(project, tree, scratch, observer)
        before = both.before(static=request.static)
        if not before.found:
            yield findings.no_project(project, tree)
            return
        try:
            check = _whole(_Check(request, both, before, both.now(static=request.static)))
        except ModalembicError as error:
            yield findings.of_error(error)
            return
        yield from check.results()


def _whole(check: _Check) -> _Check:
    """The check, with the models that only `env.py` knows where these may tell more: of a project
    that is not split yet, no module has them."""
    before, now, static = check.before, check.now, check.request.static
    unclear = not before.tables or any(state.state in ("new", "gone") for state in check.states)
    if not unclear or not (before.central or now.central):
        return check
    both = replace(check.both, environment=True)
    try:
        before = before if before.plain else both.before(static=static)
        return replace(check, both=both, before=before, now=both.now(static=static))
    except (EnvironmentFailed, EnvironmentMisuse):
        if static:
            return check
        raise


@dataclass(frozen=True)
class _Proof:
    """What Postgres says; nothing where it was not asked."""

    compared: Mapping[Side, ComparedSide] = field(default_factory=dict)
    touches: Touches | None = None


@dataclass(frozen=True)
class _Check:
    request: CheckRequest
    both: TwoStates
    before: TreeState
    now: TreeState

    def results(self) -> Iterator[Finding | Move]:
        """The findings and the moves."""
        for problem in self.now.problems:
            yield findings.of_error(problem)
        proof = _Proof()
        if self._asks_postgres():
            before = self.both.catalogs_before()
            try:
                made = self.both.made_now()
                proof = _Proof(self.both.compared(before, made.catalogs), made.touches)
            except ModalembicError as error:
                yield findings.of_error(error)
        orders = dict(self._orders(proof.touches))
        for state in self.states:
            yield from self._of(state, proof.compared, orders.get(state))
        if proof.compared and self.request.pure:
            yield from self._others(proof.compared)
        for gap in gaps(self.request.project.graph, orders):
            yield findings.unordered(gap, self.request.project.graph)

    def _of(
        self, state: TableState, compared: Mapping[Side, ComparedSide], order: Order | None
    ) -> Iterator[Finding | Move]:
        match state.state:
            case "moved":
                yield from self._moved(state, compared, order)
            case "gone":
                yield from self._gone(state, compared)
            case "new":
                migrations = compared.get("migrations")
                made = migrations is not None and migrations.has_before(state.name)
                yield findings.new_table(state, pure=self.request.pure, made=made)
            case "same" if not (compared and self.request.pure):
                yield from self._in_place(state)

    @cached_property
    def states(self) -> tuple[TableState, ...]:
        return table_states(self.before, self.now)

    def _asks_postgres(self) -> bool:
        """Whether there is anything that only Postgres can tell. A project that cannot be migrated
        is a finding already."""
        if self.request.static or self.request.project.problems:
            return False
        if self.request.pure and self.before.revisions != self.now.revisions:
            return True
        return any(state.state in ("moved", "gone") for state in self.states)

    def _orders(self, touches: Touches | None) -> Iterator[tuple[TableState, Order]]:
        """The order of each table that moved, where it is known."""
        project = self.request.project
        ancestry = None if touches is None else ancestry_of(project)
        for state in self.states:
            if state.state == "moved":
                order = order_of(project, self.before, state, touches, ancestry)
                if order is not None:
                    yield state, order

    def _moved(
        self, state: TableState, compared: Mapping[Side, ComparedSide], order: Order | None
    ) -> Iterator[Finding | Move]:
        if state.key in map(findings.table_of, self.now.problems):
            return  # it has two owners, which is said already
        changes = self._changes(state, compared)
        yield Move(
            state.key,
            state.source,
            state.target,
            identical=None if changes is None else not changes,
            ordered=None if order is None else order.ordered,
        )
        if state.target is None:
            yield findings.no_owner(state)
        if changes is None:
            yield findings.not_proven(state, static=self.request.static)
        for change in changes or ():
            yield findings.changed(state, change)
        if order is not None and order.pairs:
            yield findings.either_way(state, order.pairs[0], len(order.pairs) - 1)

    def _changes(
        self, state: TableState, compared: Mapping[Side, ComparedSide]
    ) -> tuple[Change, ...] | None:
        """What differs: by Postgres where it was asked and has the table, else by the statements;
        None where neither can tell."""
        stated = stated_changes(state)
        if not any(each.has(state.name) for each in compared.values()):
            return stated
        # A listener may do what no catalog shows: grant something, fill the table.
        unseen = tuple(each for each in stated or () if each.object == STATEMENT)
        return proven_changes(compared, state) or unseen

    def _gone(self, state: TableState, compared: Mapping[Side, ComparedSide]) -> Iterator[Finding]:
        project, migrations = self.request.project, compared.get("migrations")
        assert state.before is not None
        if is_dropped(project, self.before, state.key, migrations, state.name):
            yield findings.dropped(state, pure=self.request.pure)
            return
        found = leftover(project, state.key, state.before.path)
        if found is not None:
            yield findings.not_imported(state, found)
        else:
            yield findings.lost(state, certain=migrations is not None)

    def _in_place(self, state: TableState) -> Iterator[Finding]:
        changes = stated_changes(state)
        if changes:
            yield findings.changed_in_place(state, changes, pure=self.request.pure)

    def _others(self, compared: Mapping[Side, ComparedSide]) -> Iterator[Finding]:
        """What Postgres finds different beside what belongs to the tables of which something was
        said already."""
        states = {state.name: state for state in self.states}
        told = {
            (side, each)
            for side, of_side in compared.items()
            for state in self.states
            if state.state != "same"
            for each in proven_differences(of_side, state)
        }
        left = {
            side: [each for each in of_side.differences if (side, each) not in told]
            for side, of_side in compared.items()
        }
        tables = {each.name: each.table for found in left.values() for each in found}
        for change in merged(left):
            yield findings.not_pure(states.get(tables[change.name] or ""), change)
