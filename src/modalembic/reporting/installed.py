"""What `install` and `uninstall` do, as documents and as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modalembic.history.graph import RevisionGraph
from modalembic.postgres.catalog.names import qualified
from modalembic.reporting.document import plan_document, run_document
from modalembic.reporting.text import counted, plan_lines, table

if TYPE_CHECKING:
    from modalembic.runtime.install import ModulesInstalled, ToInstall
    from modalembic.runtime.uninstall.command import Uninstalled
    from modalembic.runtime.uninstall.dependents import Dependent
    from modalembic.runtime.uninstall.preview import AffectedTable, Preview


def to_install_document(graph: RevisionGraph, planned: ToInstall) -> dict[str, Any]:
    """`install --dry-run`."""
    return {
        "modules": list(planned.modules),
        "required": list(planned.required),
        **plan_document(graph, planned.plan, planned.database),
    }


def to_install_lines(planned: ToInstall) -> Iterator[str]:
    """The same as text."""
    yield f"would install {_with_required(planned.modules, planned.required)}:"
    yield from plan_lines(planned.plan)


def install_document(done: ModulesInstalled) -> dict[str, Any]:
    """`install`."""
    return {
        "modules": list(done.modules),
        "required": list(done.required),
        **run_document(done.run),
    }


def install_lines(done: ModulesInstalled, seconds: float) -> Iterator[str]:
    """The same as text."""
    ran = counted(len(done.run.applied), "revision")
    what = _with_required(done.modules, done.required)
    yield f"installed {what}: {ran} in {seconds:.1f} s"


def _with_required(modules: tuple[str, ...], required: tuple[str, ...]) -> str:
    named = ", ".join(modules)
    if not required:
        return named
    verb = "requires" if len(modules) == 1 else "require"
    return f"{named}, and {', '.join(required)} that {named} {verb}"


def preview_document(graph: RevisionGraph, preview: Preview) -> dict[str, Any]:
    """`uninstall --dry-run`."""
    return {
        "module": preview.module,
        "installed": preview.installed,
        **_affected(preview),
        **plan_document(graph, preview.plan, preview.database),
    }


def _affected(preview: Preview) -> dict[str, Any]:
    return {
        "tables": [_table_document(each) for each in preview.tables],
        "dependents": [_dependent_document(each) for each in preview.dependents],
    }


def _table_document(each: AffectedTable) -> dict[str, Any]:
    return {
        "schema": each.schema,
        "name": each.name,
        "rows": each.rows,
        "estimated": each.estimated,
        "stays": each.stays,
    }


def _dependent_document(each: Dependent) -> dict[str, Any]:
    return {
        "type": each.type,
        "schema": each.schema,
        "name": each.name,
        "own": each.own,
        "module": each.module,
    }


def preview_lines(preview: Preview) -> Iterator[str]:
    """What an uninstallation takes: tables, what depends on them, revisions."""
    steps = preview.plan.steps
    if not steps:
        had = "" if preview.installed else ", which it does not have"
        yield f"nothing of {preview.module} is in this database to undo{had}"
        return
    undone = counted(len(steps), "revision")
    yield f"uninstalling {preview.module} undoes {undone} and takes these tables:"
    goes = preview.goes
    if goes:
        rows = [(f"  {each.qualified}", _rows(each)) for each in goes]
        yield from table(("  TABLE", "ROWS"), rows)
    else:
        yield "  none that the source tells of"
    for each in preview.tables:
        if each.stays is not None:
            yield (f"{each.qualified} stays ({each.stays}) without what {preview.module} has added")
    for dependent in preview.dependents:
        name = qualified(dependent.schema, dependent.name)
        whose = "goes with them" if dependent.own else "STANDS IN THE WAY"
        yield f"{dependent.type} {name} depends on them: {whose}"


def _rows(each: AffectedTable) -> str:
    if each.rows is None:
        return {"p": "in its partitions", "S": "a sequence"}.get(each.kind, "?")
    return f"about {each.rows}" if each.estimated else str(each.rows)


def uninstall_document(done: Uninstalled) -> dict[str, Any]:
    """`uninstall`."""
    return {
        "module": done.preview.module,
        **_affected(done.preview),
        "backup": None if done.backup is None else str(done.backup),
        **run_document(done.run),
    }


def uninstall_lines(done: Uninstalled, seconds: float) -> Iterator[str]:
    """The same as text."""
    undone = counted(len(done.run.applied), "revision")
    yield f"uninstalled {done.preview.module}: {undone} undone in {seconds:.1f} s"
    if done.backup is not None:
        yield f"its tables are saved in {done.backup}"
