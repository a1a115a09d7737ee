"""Re-exports that a move has left in an old place, and who still uses them."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.finding import Finding
from modalembic.checks.structure.shims import Shim, shims
from modalembic.checks.structure.uses import Use, Uses, uses_of
from modalembic.project import Project

_SHOWN = 3


def re_exports(project: Project) -> Iterator[Finding]:
    """A finding for each file that only hands on what modules define: a warning where nobody uses
    it any more."""
    for uses in uses_of(project, shims(project)):
        yield _used(project, uses) if uses.all else _unused(uses.shim)


def _used(project: Project, uses: Uses) -> Finding:
    shim = uses.shim
    return Finding(
        rule="structure/re-export",
        severity="info",
        message=f"{shim.name} re-exports what modules define, and is still imported by "
        f"{shown_uses(project, uses.all)}",
        object=shim.component,
        name=shim.name,
        expected="0",
        actual=str(len(uses.all)),
        path=shim.path,
        line=1,
    )


def shown_uses(project: Project, uses: tuple[Use, ...]) -> str:
    """The first of the uses, as people read them."""
    shown = [_shown(project, use) for use in uses[:_SHOWN]]
    more = f" and {len(uses) - _SHOWN} more" if len(uses) > _SHOWN else ""
    return ", ".join(shown) + more


def _unused(shim: Shim) -> Finding:
    command = f"modalembic move --remove-shims {shim.name}"
    return Finding(
        rule="structure/unused-re-export",
        severity="warning",
        message=f"{shim.name} re-exports what modules define, and nobody imports it any more",
        object=shim.component,
        name=shim.name,
        path=shim.path,
        line=1,
        fix=command if shim.marked else "delete the file",
    )


def _shown(project: Project, use: Use) -> str:
    path = use.path.relative_to(project.root) if use.path.is_relative_to(project.root) else use.path
    return f"{path}:{use.line}"
