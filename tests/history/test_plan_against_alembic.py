"""Stock Alembic as the oracle: both choose the same revisions, whenever Alembic answers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple, cast

import pytest
from alembic.runtime.migration import HeadMaintainer, RevisionStep
from alembic.script import Script
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from modalembic.errors import AmbiguousTarget, ModalembicError, UnknownTarget, UnreachableTarget
from modalembic.history.graph import RevisionGraph
from modalembic.history.plan import Plan, plan_downgrade, plan_upgrade
from modalembic.history.state import VersionRows, read_state
from modalembic.history.targets import TargetResolver
from tests.history.graphs import Case, cases, stock_map

settings.register_profile("ci", max_examples=150, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=5_000, deadline=None)
PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
oracle = settings(PROFILE, suppress_health_check=[HealthCheck.too_slow])

pytestmark = pytest.mark.filterwarnings("ignore:downgrade -1 from multiple heads")


@dataclass(frozen=True)
class Refusal:
    """Why somebody did not answer."""

    error: Exception


Answer = frozenset[str] | Refusal


class Both:
    """One case, asked of modalembic and of stock Alembic."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.graph: RevisionGraph = case.graph
        self.stock = stock_map(self.graph)
        self.applied = read_state(self.graph, case.rows).applied
        self.resolver = TargetResolver(self.graph, case.modules, self.applied)

    def upgrade(self, text: str) -> Answer:
        try:
            return frozenset(step.revision.id for step in self.planned_up(text).steps)
        except ModalembicError as error:
            return Refusal(error)

    def planned_up(self, text: str) -> Plan:
        goals = self.resolver.upgrade(text)
        return plan_upgrade(self.graph, text, goals, self.applied, self.case.modules)

    def downgrade(self, text: str) -> Answer:
        try:
            return self.resolver.downgrade(text)
        except ModalembicError as error:
            return Refusal(error)

    def stock_upgrade(self, target: str | tuple[str, ...]) -> Answer:
        """As ScriptDirectory._upgrade_revs asks."""
        return self._stock(target, self.case.rows, implicit_base=True)

    def stock_downgrade(self, target: str) -> Answer:
        """As ScriptDirectory._downgrade_revs asks."""
        return self._stock(self.case.rows, target, select_for_downgrade=True)

    def _stock(
        self, upper: str | tuple[str, ...], lower: str | tuple[str, ...], **options: bool
    ) -> Answer:
        try:
            found = self.stock.iterate_revisions(upper, lower, **options)
            return frozenset(revision.revision for revision in found)
        except Exception as error:  # noqa: BLE001 - it also crashes: KeyError, AssertionError, …
            return Refusal(error)

    def stock_undone_with(self, roots: Sequence[str]) -> frozenset[str]:
        """What Alembic says is built on `roots` in this database."""
        above = self.stock._get_descendant_nodes(self.stock.get_revisions(tuple(roots)))
        below = self.stock._get_ancestor_nodes(self.stock.get_revisions(self.case.rows))
        return frozenset({r.revision for r in above} & {r.revision for r in below})

    def own(self, module: str) -> list[str]:
        return [r.id for r in self.case.revisions if r.module == module]


class StockRows(HeadMaintainer):
    """Alembic's bookkeeping of version rows, with nothing written anywhere."""

    def __init__(self, heads: set[str]) -> None:
        self.heads = heads

    def _insert_version(self, version: str) -> None:
        assert version not in self.heads
        self.heads.add(version)

    def _delete_version(self, version: str) -> None:
        self.heads.remove(version)

    def _update_version(self, from_: str, to_: str) -> None:
        assert to_ not in self.heads
        self.heads.remove(from_)
        self.heads.add(to_)


def spellings_without_branch(both: Both) -> Iterator[str]:
    yield from ("heads", "head", "base", "+1", "+2", "-1", "-2", "head-1")
    for id_ in both.graph.revisions:
        yield from (id_, id_[:-1], f"{id_}+1", f"{id_}+2", f"{id_}-1", f"{id_}-2")
    yield from (label for label in both.graph.labels if label not in both.case.modules)


def spellings_of_branch(both: Both, branch: str) -> Iterator[str]:
    for symbol in ("head", "heads", "base", "+1", "+2", "-1", "-2", "head-1", "base+1"):
        yield f"{branch}@{symbol}"
    for id_ in both.graph.revisions:
        yield from (f"{branch}@{id_}", f"{branch}@{id_}+1", f"{branch}@{id_}-1")


class _Difference(NamedTuple):
    """What modalembic does otherwise on purpose: the spelling, how it answers, and why."""

    direction: str
    spelling: str
    answer: type[ModalembicError] | None
    reason: str


DIFFERENCES = (
    _Difference(
        "upgrade",
        r"\+[12]",
        AmbiguousTarget,
        "with several modules stock goes on from whatever single row there is",
    ),
    _Difference(
        "downgrade",
        r"-[12]",
        AmbiguousTarget,
        "with several modules stock takes the first row, and says itself that this is ambiguous",
    ),
    _Difference(
        "downgrade",
        r"(\w+@)?heads?",
        UnreachableTarget,
        "stock finds nothing to undo, and passes over that the command cannot be meant",
    ),
    _Difference(
        "downgrade",
        r"\w+-[12]",
        None,
        "below the first revision of one line stock finds base, which undoes every line; here the "
        "line is undone that was named",
    ),
    _Difference(
        "downgrade",
        r"\w+@\w+-[12]",
        UnreachableTarget,
        "where nothing of the branch is applied stock finds nothing to undo",
    ),
    _Difference(
        "downgrade",
        r"\w+@\w+",
        UnknownTarget,
        "stock ignores the branch when the revision that is named has one child or none",
    ),
    _Difference(
        "upgrade|downgrade",
        r"\w+@[+-][12]",
        AmbiguousTarget,
        "of a module's two last revisions stock sees one: the other one is implied by another "
        "module's row",
    ),
)


def agree(direction: str, text: str, ours: Answer, stock: Answer) -> bool:
    """Whether both answer alike, or stock does not answer, or the difference is a known one."""
    form = re.sub(r"\b(alpha|beta|gamma|delta)\b", "module", re.sub(r"[a-z_]+[0-9]+", "id", text))
    if isinstance(stock, Refusal):
        event(f"{direction} {form}: stock refuses with {type(stock.error).__name__}")
        return True
    if ours == stock:
        return True
    event(f"{direction} {form}: different on purpose")
    return any(
        re.fullmatch(known.direction, direction)
        and re.fullmatch(known.spelling, text)
        and (known.answer is None or type(getattr(ours, "error", None)) is known.answer)
        for known in DIFFERENCES
    )


@oracle
@given(cases())
def test_a_target_without_a_branch_chooses_what_alembic_chooses(case: Case) -> None:
    both = Both(case)
    for text in spellings_without_branch(both):
        ours, stock = both.upgrade(text), both.stock_upgrade(text)
        assert agree("upgrade", text, ours, stock), (text, ours, stock)
        ours, stock = both.downgrade(text), both.stock_downgrade(text)
        assert agree("downgrade", text, ours, stock), (text, ours, stock)


@oracle
@given(cases(tidy=True))
def test_a_target_in_a_branch_chooses_what_alembic_chooses(case: Case) -> None:
    both = Both(case)
    for branch in both.graph.of_module:
        for text in spellings_of_branch(both, branch):
            ours, stock = both.upgrade(text), both.stock_upgrade(text)
            assert agree("upgrade", text, ours, stock), (text, ours, stock)
            ours, stock = both.downgrade(text), both.stock_downgrade(text)
            assert agree("downgrade", text, ours, stock), (text, ours, stock)


@oracle
@given(cases())
def test_an_upgrade_of_any_branch_runs_what_alembic_runs_for_the_ids_that_it_means(
    case: Case,
) -> None:
    """Alembic's labels mean something else where a module's line leaves the module, or a label is
    not on its first revision. There the ids are compared that the target resolves to."""
    both = Both(case)
    for branch in {*both.graph.of_module, *both.graph.labels}:
        for text in (*spellings_of_branch(both, branch), branch):
            ours = both.upgrade(text)
            if not isinstance(ours, Refusal):
                goals = both.resolver.upgrade(text)
                stock = both.stock_upgrade(goals) if goals else frozenset()
                if isinstance(stock, Refusal):
                    # Alembic takes no two revisions of which one needs the other.
                    assert len(goals) > 1, (text, stock)
                else:
                    assert ours == stock, text


@oracle
@given(cases())
def test_a_downgrade_of_any_module_undoes_what_alembic_says_is_built_on_it(case: Case) -> None:
    both = Both(case)
    for module in both.graph.of_module:
        own = both.own(module)
        assert both.downgrade(f"{module}@base") == both.stock_undone_with(own)
        tops = both.graph.tops(set(own) & both.applied)
        last = both.downgrade(f"{module}@-1")
        if len(tops) == 1 and not isinstance(last, Refusal):
            assert last == both.stock_undone_with(tops)
        else:
            assert isinstance(last, Refusal)
        for id_ in both.applied.intersection(own):
            above = both.stock._get_descendant_nodes(
                both.stock.get_revisions(id_), include_dependencies=False
            )
            roots = [r.revision for r in above if r.revision in own and r.revision != id_]
            assert both.downgrade(f"{module}@{id_}") == both.stock_undone_with(roots)


@oracle
@given(cases(), st.randoms(use_true_random=False))
def test_a_plan_is_in_order_and_the_same_for_every_order_of_discovery(
    case: Case, random: Random
) -> None:
    both = Both(case)
    plan = both.planned_up("heads")
    applied = set(both.applied)
    for step in plan.steps:
        assert applied.issuperset(both.graph.parents[step.revision.id])
        applied.add(step.revision.id)
    assert applied == set(both.graph.revisions)

    shuffled = list(case.revisions)
    random.shuffle(shuffled)
    other = Both(replace(case, revisions=tuple(shuffled)))
    assert other.planned_up("heads") == plan
    down = plan_downgrade(both.graph, "base", both.applied, case.modules)
    assert plan_downgrade(other.graph, "base", both.applied, case.modules) == down
    left = set(both.applied)
    for step in down.steps:
        left.remove(step.revision.id)
        assert left.isdisjoint(both.graph.children.get(step.revision.id, ()))
    assert not left


@oracle
@given(cases())
def test_after_every_step_the_rows_are_the_maximal_applied_revisions(case: Case) -> None:
    both = Both(case)
    orphan = "gone000"
    state = read_state(both.graph, (*case.rows, orphan))
    assert state.orphans == (orphan,)
    rows, applied = VersionRows(both.graph, state), set(state.applied)
    up = both.planned_up("heads")
    down = plan_downgrade(both.graph, "base", frozenset(both.graph.revisions), case.modules)
    for step in (*up.steps, *down.steps):
        before = set(rows.rows)
        if step.direction == "upgrade":
            gone, come = rows.upgrade(step.revision.id)
            applied.add(step.revision.id)
        else:
            gone, come = rows.downgrade(step.revision.id)
            applied.remove(step.revision.id)
        assert before.issuperset(gone)
        assert before.isdisjoint(come)
        assert rows.rows == (before - set(gone)) | set(come) == both.graph.maximal(applied)
        assert orphan not in {*gone, *come}


@oracle
@given(cases(), st.data())
def test_rows_that_overlap_are_mended_by_the_first_step(case: Case, data: st.DataObject) -> None:
    both = Both(case)
    assume(both.applied)
    stamped = data.draw(st.lists(st.sampled_from(sorted(both.applied)), unique=True))
    state = read_state(both.graph, {*case.rows, *stamped})
    assert state.applied == both.applied
    assert set(state.implied) == set(stamped) - set(case.rows)
    for implied, by in state.implied.items():
        assert implied in both.graph.ancestors([by]) - {by}
    for direction, steps in (
        ("upgrade", both.planned_up("heads").steps),
        ("downgrade", plan_downgrade(both.graph, "base", both.applied, case.modules).steps),
    ):
        rows = VersionRows(both.graph, state)
        for step in steps[:1]:
            id_ = step.revision.id
            after = both.applied | {id_} if direction == "upgrade" else both.applied - {id_}
            _ = rows.upgrade(id_) if direction == "upgrade" else rows.downgrade(id_)
            assert rows.rows == both.graph.maximal(set(after))


@oracle
@given(cases())
def test_where_alembic_keeps_its_rows_without_a_crash_they_are_ours(case: Case) -> None:
    """Alembic's own bookkeeping over our order of steps, with no database behind it."""
    both = Both(case)
    plan = both.planned_up("heads")
    stock = StockRows(set(case.rows))
    try:
        for step in plan.steps:
            script = cast(Script, both.stock.get_revision(step.revision.id))
            stock.update_to_step(RevisionStep(both.stock, script, is_upgrade=True))
    except (KeyError, AssertionError) as error:
        event(f"HeadMaintainer crashes with {type(error).__name__}")
        return
    if stock.heads == both.graph.maximal(set(both.graph.revisions)):
        event("HeadMaintainer leaves our rows")
    else:
        event("HeadMaintainer leaves overlapping rows")
        assert stock.heads > both.graph.maximal(set(both.graph.revisions))
