"""Whether a module has the components that its definition names, and names those that it has."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.finding import Finding
from modalembic.checks.places import is_own
from modalembic.modules import Module
from modalembic.modules.components import MIGRATIONS, Component, read_components
from modalembic.project import Project


def components(project: Project) -> Iterator[Finding]:
    """A finding for each component on which a module and its definition differ."""
    for module in project.modules:
        if module.directory is None or not is_own(project, module.directory):
            continue
        for component in read_components(module):
            if component.state == "missing":
                yield _missing(module, component)
            elif _is_unnamed(module, component):
                yield _unnamed(module, component)


def _is_unnamed(module: Module, component: Component) -> bool:
    return (
        module.lists_components
        and component.name not in (*module.components, MIGRATIONS)
        and component.state != "empty"
    )


def _missing(module: Module, component: Component) -> Finding:
    return Finding(
        rule="structure/missing-component",
        severity="error",
        message=f"the definition of {module.name} names {component.name}, which it does not have",
        module=module.name,
        object="component",
        name=component.name,
        expected="there",
        actual="missing",
        path=module.origin.path,
        line=module.origin.line,
    )


def _unnamed(module: Module, component: Component) -> Finding:
    return Finding(
        rule="structure/unnamed-component",
        severity="warning",
        message=f"{module.name} has {component.name}, which its definition does not name",
        module=module.name,
        object="component",
        name=component.name,
        expected="named",
        actual="not named",
        path=module.origin.path,
        line=module.origin.line,
        fix=f'add "{component.name}" to its components',
    )
