"""Downgrades that undo nothing, found without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.project import Project
from modalembic.syntax import is_empty, parse

_Function = ast.FunctionDef | ast.AsyncFunctionDef
# The usual beginning of a downgrade that does something: a file that has it need not be parsed.
_AT_WORK = re.compile(
    rb"^def downgrade\b[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]+op\.", re.MULTILINE
)


def empty_downgrades(project: Project) -> Iterator[Finding]:
    """Revisions whose `downgrade` does nothing though their `upgrade` does something."""
    for revision in project.graph.revisions.values():
        path = Path(revision.path)
        line = empty_downgrade(path)
        if line is not None:
            yield Finding(
                rule="history/empty-downgrade",
                severity="warning",
                message=f"the downgrade of {revision.id} does nothing: afterwards the database "
                "says it is undone, and everything that it made is still there",
                module=revision.module,
                object="revision",
                name=revision.id,
                part="downgrade",
                path=path,
                line=line,
                fix="undo what upgrade() does, or raise an error that says why it cannot be undone",
            )


def empty_downgrade(path: Path) -> int | None:
    """The line (1-based) of `downgrade` in a revision file if only its `upgrade` does anything."""
    try:
        source = path.read_bytes()
        if _AT_WORK.search(source):
            return None
        tree = parse(source, str(path))
    except (OSError, SyntaxError):
        # The project says so itself.
        return None
    functions = {node.name: node for node in tree.body if isinstance(node, _Function)}
    upgrade, downgrade = functions.get("upgrade"), functions.get("downgrade")
    if (
        upgrade is None
        or downgrade is None
        or is_empty(upgrade.body)
        or not is_empty(downgrade.body)
    ):
        return None
    return downgrade.lineno
