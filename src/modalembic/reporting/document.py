"""Results as JSON documents: one object, `"version": 1`, fields as in the contract of the command
line (`docs/reference/json.md`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from modalembic.errors import MigrationFailed, ModalembicError, ProjectProblems, RunStopped
from modalembic.history.graph import RevisionGraph
from modalembic.history.plan import Plan, Step
from modalembic.history.revision import Revision

if TYPE_CHECKING:
    from modalembic.checks.finding import Finding
    from modalembic.checks.move import Move
    from modalembic.project import Project
    from modalembic.runtime.applied import AppliedStep
    from modalembic.runtime.pruning import Pruned
    from modalembic.runtime.repair.command import Repaired
    from modalembic.runtime.run import RunResult
    from modalembic.runtime.stamp import Stamped
    from modalembic.runtime.state.status import CurrentRow, ModuleStatus


def dumps(document: dict[str, Any]) -> str:
    """The text of a document."""
    return json.dumps({"version": 1, **document}, indent=2, ensure_ascii=False, default=str)


def plan_document(graph: RevisionGraph, plan: Plan, database: str | None) -> dict[str, Any]:
    """`plan` and `upgrade --dry-run`."""
    return {
        "target": plan.target,
        "database": database,
        "steps": [_step(graph, step) for step in plan.steps],
    }


def _step(graph: RevisionGraph, step: Step) -> dict[str, Any]:
    revision = step.revision
    downs = graph.down[revision.id]
    return {
        "revision": revision.id,
        "module": revision.module,
        "direction": step.direction,
        "down_revision": list(downs),
        "depends_on": [p for p in graph.parents[revision.id] if p not in downs],
        "path": revision.path,
        "because": step.because,
    }


def run_document(result: RunResult) -> dict[str, Any]:
    """`upgrade` and `downgrade`."""
    return {
        "target": result.plan.target,
        "run_id": result.run_id,
        "applied": _applied(result.applied),
        "database": result.database,
    }


def _applied(steps: Iterable[AppliedStep]) -> list[dict[str, Any]]:
    return [done.document for done in steps]


def failure_document(
    error: ModalembicError, target: str, run_id: str | None, applied: Iterable[AppliedStep]
) -> dict[str, Any]:
    """`upgrade` and `downgrade` that ended at an error after their plan was made."""
    ended = error if isinstance(error, MigrationFailed | RunStopped) else None
    return {
        "target": target,
        "run_id": run_id,
        "applied": _applied(applied),
        "database": ended.database if ended is not None else None,
        **({"failed": ended.failed} if ended is not None and ended.failed is not None else {}),
        **error_document(error),
    }


def error_document(error: ModalembicError) -> dict[str, Any]:
    """Any error."""
    document: dict[str, Any] = {"error": _error(error)}
    if isinstance(error, ProjectProblems):
        document["error"]["problems"] = [_error(problem) for problem in error.problems]
    return document


def _error(error: ModalembicError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "path": None if error.path is None else str(error.path),
        "line": error.line,
    }


def stamp_document(result: Stamped) -> dict[str, Any]:
    """`stamp`."""
    return {
        "run_id": result.run_id,
        "before": list(result.before),
        "after": list(result.after),
        "database": result.database,
    }


def modules_document(statuses: Iterable[ModuleStatus]) -> dict[str, Any]:
    """`modules`."""
    return {
        "modules": [
            {
                "name": status.module.name,
                "tier": status.module.tier,
                "requires": list(status.module.requires),
                "central": status.module.central,
                "label": status.label,
                "location": None if status.module.location is None else str(status.module.location),
                "tables": None if status.tables is None else list(status.tables),
                "revisions": status.revisions,
                "heads": list(status.heads),
                "applied": status.applied,
                "pending": status.pending,
                "state": status.state,
                "installed": status.installed,
                "completeness": status.completeness,
                "components": {each.name: each.state for each in status.components},
            }
            for status in statuses
        ]
    }


def current_document(
    rows: Iterable[CurrentRow], database: str | None, at_heads: bool
) -> dict[str, Any]:
    """`current`."""
    return {
        "database": database,
        "at_heads": at_heads,
        "revisions": [
            {"revision": row.revision, "module": row.module, "head": row.head, "known": row.known}
            for row in rows
        ],
    }


def revisions_document(project: Project, ids: Iterable[str], key: str) -> dict[str, Any]:
    """`heads`, `history` and `show`."""
    return {key: [_revision(project, project.graph.revisions[id_]) for id_ in ids]}


def _revision(project: Project, revision: Revision) -> dict[str, Any]:
    graph = project.graph
    downs = graph.down[revision.id]
    return {
        "revision": revision.id,
        "module": revision.module,
        "down_revision": list(downs),
        "depends_on": [p for p in graph.parents[revision.id] if p not in downs],
        "labels": list(revision.branch_labels),
        "head": revision.id in graph.heads[revision.module],
        "doc": revision.doc,
        "path": revision.path,
    }


def check_document(
    ok: bool, checks: Iterable[str], findings: Iterable[Finding], moves: Iterable[Move]
) -> dict[str, Any]:
    """`check`."""
    return {
        "ok": ok,
        "checks": list(checks),
        "findings": [_finding(finding) for finding in findings],
        "moves": [
            {
                "table": move.table,
                "from": move.source,
                "to": move.target,
                "identical": move.identical,
                "ordered": move.ordered,
            }
            for move in moves
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "module": finding.module,
        "object": finding.object,
        "name": finding.name,
        "part": finding.part,
        "expected": finding.expected,
        "actual": finding.actual,
        "message": finding.message,
        "path": None if finding.path is None else str(finding.path),
        "line": finding.line,
        "fix": finding.fix,
        "fix_reason": finding.fix_reason,
    }


def doctor_document(ok: bool, findings: Iterable[Finding], database: str | None) -> dict[str, Any]:
    """`doctor`."""
    return {
        "ok": ok,
        "database": database,
        "findings": [_finding(finding) for finding in findings],
    }


def pruned_document(pruned: Pruned) -> dict[str, Any]:
    """`prune`."""
    return {
        "database": pruned.database,
        "dry_run": pruned.dry_run,
        "table": pruned.table,
        "before": None if pruned.before is None else pruned.before.isoformat(),
        "deleted": pruned.deleted,
        "kept": pruned.kept,
    }


def repair_document(repaired: Repaired) -> dict[str, Any]:
    """`repair`."""
    return {
        "database": repaired.database,
        "dry_run": repaired.dry_run,
        "before": list(repaired.before),
        "after": list(repaired.after),
        "actions": [
            {
                "action": action.kind,
                "revision": action.revision,
                "module": action.module,
                "text": action.text,
                "statements": [*action.outside, *action.statements],
            }
            for action in repaired.actions
        ],
        "left": [
            {"revision": each.revision, "module": each.module, "text": each.text, "fix": each.fix}
            for each in repaired.left
        ],
    }
