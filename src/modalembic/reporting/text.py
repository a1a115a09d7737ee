"""Results as text: readable at 80 columns and without colour."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from modalembic.errors import ModalembicError, ProjectProblems, ProjectWarning
from modalembic.history.plan import Plan

if TYPE_CHECKING:
    from modalembic.checks.finding import Finding
    from modalembic.project import Project
    from modalembic.runtime.applied import AppliedStep
    from modalembic.runtime.pruning import Pruned
    from modalembic.runtime.repair.command import Repaired
    from modalembic.runtime.state.status import CurrentRow, ModuleStatus

_GAP = "  "
MOST_PROBLEMS = 5
MOST_FIX_LINES = 8


def fix_text(finding: Finding) -> str | None:
    """What mends a finding, or why nothing does, whole."""
    if finding.fix is not None:
        return f"fix: {finding.fix}"
    return None if finding.fix_reason is None else f"no fix: {finding.fix_reason}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows in columns as wide as they need; the last one is not padded."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield _GAP.join(cells).rstrip()


def counted(number: int, noun: str) -> str:
    """`1 revision`, `2 revisions`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def shown(path: Path | str | None) -> str:
    """A path as short as it can be said from here."""
    if path is None:
        return ""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def error_lines(error: ModalembicError) -> Iterator[str]:
    """What happened, where, what to do."""
    if isinstance(error, ProjectProblems):
        yield f"error: {error.message}"
        for problem in error.problems[:MOST_PROBLEMS]:
            yield f"  {problem.message}"
            yield from (f"    {line}" for line in _where_and_hint(problem))
        if len(error.problems) > MOST_PROBLEMS:
            yield f"  and {len(error.problems) - MOST_PROBLEMS} more (--format json has them)"
        return
    yield f"error: {error.message}"
    yield from (f"  {line}" for line in _where_and_hint(error))


def warning_lines(warning: ProjectWarning) -> Iterator[str]:
    """The same for a warning."""
    yield f"warning: {warning.message}"
    yield from (f"  {line}" for line in _where_and_hint(warning))


def _where_and_hint(subject: ModalembicError | ProjectWarning) -> Iterator[str]:
    if subject.path is not None:
        line = "" if subject.line is None else f":{subject.line}"
        yield f"at {shown(subject.path)}{line}"
    if subject.hint:
        yield f"hint: {subject.hint}"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Each step with its reason; a downgrade by module first."""
    if not plan.steps:
        yield "nothing to do"
        return
    if plan.direction == "downgrade":
        yield from undone_lines(plan)
        yield ""
    width = len(str(len(plan.steps)))
    module_width = max(len(step.revision.module) for step in plan.steps)
    for number, step in enumerate(plan.steps, 1):
        revision = step.revision
        summary = first_line(revision.doc)
        yield (
            f"{number:>{width}}  {revision.module.ljust(module_width)}  {revision.id}"
            + (f"  {summary}" if summary else "")
        )
        yield f"{'':>{width}}    {step.because}"


def undone_lines(plan: Plan) -> Iterator[str]:
    """What a downgrade undoes in every module."""
    yield (
        f"downgrade to {plan.target} undoes {counted(len(plan.steps), 'revision')} of "
        f"{counted(len(plan.modules()), 'module')}:"
    )
    for module in plan.modules():
        ids = [step.revision.id for step in plan.steps if step.revision.module == module]
        which = ids[0] if len(ids) == 1 else f"{ids[0]} down to {ids[-1]}"
        yield f"  {module}: {counted(len(ids), 'revision')}, {which}"


def first_line(doc: str) -> str:
    """The first line of a docstring."""
    return doc.partition("\n")[0]


def fitted(lines: Iterable[str], width: int | None) -> Iterator[str]:
    """`lines`, each that is wider than `width` (None: no limit) broken between words, the rest of
    it further in."""
    for line in lines:
        if width is None or len(line) <= width:
            yield line
            continue
        from textwrap import wrap

        indent = line[: len(line) - len(line.lstrip())]
        yield from wrap(
            line,
            width,
            subsequent_indent=f"{indent}    ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def modules_lines(statuses: Iterable[ModuleStatus], width: int | None = None) -> Iterator[str]:
    """`modalembic modules`. What does not fit into `width` stands below its module's row."""
    rows = [
        (
            status.module.name,
            "central" if status.module.central else status.module.tier,
            str(status.revisions),
            "?" if status.tables is None else str(len(status.tables)),
            "-" if status.applied is None else str(status.applied),
            "-" if status.pending is None else str(status.pending),
            "not installed" if status.installed is False else status.state,
            ", ".join(status.heads) or "-",
            status.completeness or "-",
            ", ".join(status.module.requires) or "-",
        )
        for status in statuses
    ]
    header = (
        "MODULE",
        "TIER",
        "REVISIONS",
        "TABLES",
        "APPLIED",
        "PENDING",
        "STATE",
        "HEAD",
        "SPLIT",
        "REQUIRES",
    )
    kept = len(header)
    while kept > 1 and width is not None and _width(header, rows, kept) > width:
        kept -= 1
    lines = table(header[:kept], [row[:kept] for row in rows])
    yield next(lines)
    for line, row in zip(lines, rows, strict=True):
        yield line
        below = [
            f"{name.lower()} {cell}"
            for name, cell in zip(header[kept:], row[kept:], strict=True)
            if cell != "-"
        ]
        yield from fitted([f"    {'; '.join(below)}"] if below else [], width)


def _width(header: Sequence[str], rows: Sequence[Sequence[str]], kept: int) -> int:
    return max(len(line) for line in table(header[:kept], [row[:kept] for row in rows]))


def current_lines(rows: Sequence[CurrentRow]) -> Iterator[str]:
    """`modalembic current`."""
    if not rows:
        yield "nothing is applied"
        return
    yield from table(
        ("MODULE", "REVISION", ""),
        [
            (
                row.module or "?",
                row.revision,
                "(head)" if row.head else "" if row.known else "(not in this code)",
            )
            for row in rows
        ],
    )


def heads_lines(project: Project) -> Iterator[str]:
    """`modalembic heads`."""
    graph = project.graph
    yield from table(
        ("MODULE", "REVISION", ""),
        [
            (module, head, first_line(graph.revisions[head].doc))
            for module in project.module_order
            for head in graph.heads.get(module, ())
        ],
    )


def history_lines(
    project: Project, ids: Sequence[str], applied: frozenset[str] | None, *, verbose: bool
) -> Iterator[str]:
    """`modalembic history`: newest first, a heading for each module."""
    graph = project.graph
    for number, (module, group) in enumerate(groupby(ids, lambda i: graph.revisions[i].module)):
        if number:
            yield ""
        yield f"{module}:"
        for id_ in group:
            if verbose:
                yield from (f"  {line}" for line in show_lines(project, id_))
                yield ""
                continue
            revision = graph.revisions[id_]
            marks = [
                f"({mark})"
                for mark, holds in (
                    ("head", id_ in graph.heads[module]),
                    ("applied", applied is not None and id_ in applied),
                )
                if holds
            ]
            downs = ", ".join(_named(project, down, module) for down in graph.down[id_]) or "<base>"
            needs = [p for p in graph.parents[id_] if p not in graph.down[id_]]
            also = f" ({', '.join(_named(project, p, module) for p in needs)})" if needs else ""
            text = " ".join([f"{downs}{also} -> {id_}", *marks])
            summary = first_line(revision.doc)
            yield f"  {text}" + (f", {summary}" if summary else "")


def show_lines(project: Project, id_: str) -> Iterator[str]:
    """`modalembic show`."""
    graph, revision = project.graph, project.graph.revisions[id_]
    downs = graph.down[id_]
    needs = [p for p in graph.parents[id_] if p not in downs]
    after = graph.children.get(id_, ())
    head = " (head)" if id_ in graph.heads[revision.module] else ""
    yield f"Revision:   {id_}{head}"
    yield f"Module:     {revision.module}"
    yield f"Follows:    {', '.join(_named(project, p, revision.module) for p in downs) or '<base>'}"
    if needs:
        yield f"Depends on: {', '.join(_named(project, p, revision.module) for p in needs)}"
    if after:
        yield f"Needed by:  {', '.join(_named(project, p, revision.module) for p in after)}"
    if revision.branch_labels:
        implied = " (implied)" if revision.label_implied else ""
        yield f"Labels:     {', '.join(revision.branch_labels)}{implied}"
    yield f"File:       {shown(revision.path)}:{revision.line}"
    if revision.doc:
        yield ""
        yield from (f"    {line}" for line in revision.doc.splitlines())


def _named(project: Project, id_: str, module: str) -> str:
    other = project.graph.revisions[id_].module
    return id_ if other == module else f"{id_} of {other}"


def findings_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """`modalembic check`, grouped by module."""
    for module, group in groupby(
        sorted(findings, key=lambda f: (f.module or "", f.rule, f.name or "")),
        lambda finding: finding.module,
    ):
        yield f"{module or 'project'}:"
        for finding in group:
            yield f"  {finding.severity}: {finding.message} [{finding.rule}]"
            if finding.path is not None:
                line = "" if finding.line is None else f":{finding.line}"
                yield f"    at {shown(finding.path)}{line}"
            yield from (f"    {line}" for line in fix_lines(finding))


def fix_lines(finding: Finding) -> Iterator[str]:
    """What mends a finding, or why nothing does; of long SQL the beginning."""
    if finding.fix is None:
        if finding.fix_reason is not None:
            yield f"no fix: {finding.fix_reason}"
        return
    lines = finding.fix.split("\n")
    if len(lines) == 1:
        yield f"fix: {lines[0]}"
        return
    yield "fix:"
    # One line more takes no more room than saying that there is one.
    most = len(lines) if len(lines) == MOST_FIX_LINES + 1 else MOST_FIX_LINES
    yield from (f"  {line}" for line in lines[:most])
    if len(lines) > most:
        yield f"  -- {len(lines) - most} lines more: --format json has them"


def held_lines(done: AppliedStep) -> Iterator[str]:
    """The locks that a revision held, and at which attempt."""
    if done.attempts > 1:
        yield f"  at attempt {done.attempts}"
    for lock in done.locks:
        yield f"  held {lock.mode} on {lock.table or 'what it dropped'} for {lock.ms:.0f} ms"


def pruned_lines(pruned: Pruned) -> Iterator[str]:
    """`prune`: what was deleted, or would be."""
    if pruned.before is None:
        yield f"there is no {pruned.table}"
        return
    done = "would be deleted" if pruned.dry_run else "deleted"
    yield (
        f"{counted(pruned.deleted, 'row')} of {pruned.table} {done}, older than "
        f"{pruned.before:%Y-%m-%d %H:%M}; {pruned.kept} kept"
    )


def repair_lines(repaired: Repaired) -> Iterator[str]:
    """`repair`: what was done, or would be."""
    if not (repaired.actions or repaired.left):
        yield "nothing to repair"
        return
    if repaired.dry_run and repaired.actions:
        yield "nothing was done; this would be:"
    for action in repaired.actions:
        yield f"{action.kind}: {action.text}"
        for statement in action.outside:
            yield f"  {statement}"
    if repaired.before != repaired.after:
        yield f"was: {', '.join(repaired.before) or 'nothing'}"
        yield f"is:  {', '.join(repaired.after) or 'nothing'}"
    for each in repaired.left:
        yield f"left: {each.text}"
        yield f"  fix: {each.fix}"
