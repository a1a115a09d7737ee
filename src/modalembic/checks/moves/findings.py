"""What there is to say of tables that moved, changed, came or went."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from modalembic.checks.dependencies.ordering import Pair
from modalembic.checks.error_findings import finding_of
from modalembic.checks.finding import Finding, Severity
from modalembic.checks.moves.changes import Change
from modalembic.checks.moves.lost import Leftover
from modalembic.checks.moves.order import Gap
from modalembic.checks.moves.states import TableState
from modalembic.checks.moves_rules import ERRORS
from modalembic.errors import DuplicateTable, ModalembicError, TwoOwners
from modalembic.history.graph import RevisionGraph
from modalembic.history.header import line_of
from modalembic.project import Project
from modalembic.runtime.earlier.state import StatedTable
from modalembic.runtime.earlier.tree import EarlierTree

# SQLAlchemy's own words where two modules define a table in one MetaData.
_DEFINED_TWICE = re.compile(r"Table '([^']+)' is already defined for this MetaData")
# A message becomes a file's name.
_TABLES_IN_MESSAGE = 3
_LATER = "move it as it is, and change it in a change of its own"


def owner_name(owner: str | None) -> str:
    """An owner for people."""
    return "no module" if owner is None else owner


def of_error(error: ModalembicError) -> Finding:
    """What is wrong with this tree. Raises the error again if it is nothing of the project's."""
    twice = _DEFINED_TWICE.search(error.message)
    if isinstance(error, TwoOwners | DuplicateTable) or twice is not None:
        return Finding(
            rule="moves/two-owners",
            severity="error",
            message=error.message,
            module=getattr(error, "module", None),
            object="table",
            name=twice[1] if twice is not None else table_of(error),
            path=error.path,
            line=error.line,
            fix=None if twice is not None else error.hint,
        )
    if error.code not in ERRORS:
        raise error
    return finding_of("moves", error)


def table_of(problem: ModalembicError) -> str | None:
    """The table of which a problem speaks."""
    found = re.search(r"table '([^']+)'", problem.message)
    return found[1] if found is not None else None


def no_project(project: Project, tree: EarlierTree) -> Finding:
    """The base has nothing to compare with."""
    return Finding(
        rule="moves/base-without-project",
        severity="warning",
        message=f"{tree.short} has neither a modalembic project nor an Alembic environment in this "
        "directory, so no table was compared",
        path=project.configuration.file,
    )


def changed(state: TableState, change: Change) -> Finding:
    """A table that moved is not what it was."""
    moved = f"{state.key} moved from {owner_name(state.source)} to {owner_name(state.target)}"
    return _about(
        state,
        "moves/changed",
        "error",
        f"{moved} and changed: {change}",
        change=change,
        fix=_LATER,
    )


def changed_in_place(state: TableState, changes: Sequence[Change], *, pure: bool) -> Finding:
    """A table that did not move is not what it was."""
    told = "; ".join(map(str, changes))
    return _about(
        state,
        "moves/changed-in-place",
        _severity(pure=pure),
        f"{state.key} did not move, and changed: {told}",
        fix="leave it to a change of its own" if pure else None,
    )


def not_pure(state: TableState | None, change: Change) -> Finding:
    """Something else than a table that moved is not what it was, under --pure."""
    table = state.now or state.before if state is not None else None
    return Finding(
        rule="moves/changed-in-place",
        severity="error",
        message=f"{change}, and it did not move",
        module=state.module if state is not None else None,
        object=change.object,
        name=change.name,
        part=change.part,
        expected=change.before,
        actual=change.now,
        path=table.path if table is not None else None,
        line=table.line if table is not None else None,
        fix="leave it to a change of its own",
    )


def new_table(state: TableState, *, pure: bool, made: bool = False) -> Finding:
    """A table that was not there, or that the migrations of the base `made` without a model."""
    new = f"{state.key} of {owner_name(state.target)} is new"
    if made:
        new += " to the models; the migrations made it before, and no model at the base defines it"
    return _about(state, "moves/new-table", _severity(pure=pure), new)


def dropped(state: TableState, *, pure: bool) -> Finding:
    """A table that is gone as a whole."""
    return _about(
        state,
        "moves/dropped-table",
        _severity(pure=pure),
        f"{state.key} of {owner_name(state.source)} is gone, from the models and from the "
        "migrations",
    )


def lost(state: TableState, *, certain: bool) -> Finding:
    """A table that is gone from the models alone."""
    how = "the migrations still make it" if certain else "no revision since the base names it"
    return _about(
        state,
        "moves/lost-table",
        "error",
        f"{state.key} of {owner_name(state.source)} is in no models any more, and {how}",
        expected="a model, or a revision that drops it",
        actual="neither",
        fix="bring the model back, or drop the table in a revision",
    )


def not_imported(state: TableState, found: Leftover) -> Finding:
    """A model that is still there, and that nothing imports."""
    what = f"{found.symbol}, the model of {state.key}," if found.symbol else f"table {state.key}"
    return Finding(
        rule="moves/not-imported",
        severity="error",
        message=f"{what} is defined here, and nothing imports it any more",
        module=state.source,
        object="table",
        name=state.name,
        expected="imported with the models of a module",
        actual="not imported",
        path=found.path,
        line=found.line,
        fix="import it in the models of the module that is to own it",
    )


def no_owner(state: TableState) -> Finding:
    """A table that moved to nobody."""
    return _about(
        state,
        "moves/no-owner",
        "error",
        f"{state.key}, which {owner_name(state.source)} owned, has no owner any more",
        fix="define or re-export its model in a module, or name the owner in "
        "[tool.modalembic.owners]",
    )


def not_proven(state: TableState, *, static: bool) -> Finding:
    """A table that moved, of which neither proof could be made."""
    reasons = [
        table.reason
        for table in (state.before, state.now)
        if table is not None and table.reason is not None
    ]
    why = reasons[0] if reasons else "no model defines it"
    return _about(
        state,
        "moves/not-proven",
        "error",
        f"{state.key} moved from {owner_name(state.source)} to {owner_name(state.target)}, and its "
        f"statements cannot be told without a database ({why})",
        fix="run the check without --static" if static else None,
    )


def either_way(state: TableState, pair: Pair, more: int) -> Finding:
    """Two revisions that touch a table that moved, and that nothing orders."""
    earlier, later = pair
    others = f" ({more} more such pairs)" if more > 1 else " (1 more such pair)" if more else ""
    return _about(
        state,
        "moves/unordered",
        "error",
        f"{earlier} and {later} both touch {state.key}, which {owner_name(state.target)} took over "
        f"from {owner_name(state.source)}, and either may run first{others}",
        expected=f"{later} after {earlier}",
        actual="no order",
        fix=f'add "{earlier}" to depends_on of {later}',
    )


def unordered(gap: Gap, graph: RevisionGraph) -> Finding:
    """What the new owner does next may run before what the old one did."""
    tables = ", ".join(gap.tables)
    heads = ", ".join(gap.revisions)
    own = graph.heads.get(gap.target, ())
    head = graph.revisions[own[-1]] if own else None
    told = tables if len(gap.tables) <= _TABLES_IN_MESSAGE else f"{len(gap.tables)} tables"
    return Finding(
        rule="moves/unordered",
        severity="error",
        message=f"{gap.target} took over {tables} from {gap.source}, and does not come after "
        f"{heads}: what it does to them may run first",
        module=gap.target,
        object="module",
        name=gap.target,
        part=gap.source,
        expected=f"after {heads}",
        actual="in any order",
        path=None if head is None else Path(head.path),
        line=None if head is None else line_of(head.path, "depends_on") or head.line,
        fix=f"modalembic revision --transfer {gap.source} --module {gap.target} "
        f'-m "take over {told}"',
    )


def _severity(*, pure: bool) -> Severity:
    return "error" if pure else "info"


def _about(
    state: TableState,
    rule: str,
    severity: Severity,
    message: str,
    *,
    change: Change | None = None,
    expected: str | None = None,
    actual: str | None = None,
    fix: str | None = None,
) -> Finding:
    table: StatedTable | None = state.now or state.before
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        module=state.module,
        object="table" if change is None else change.object,
        name=state.name if change is None else change.name,
        part=None if change is None else change.part,
        expected=expected if change is None else change.before,
        actual=actual if change is None else change.now,
        path=table.path if table is not None else None,
        line=table.line if table is not None else None,
        fix=fix,
    )
