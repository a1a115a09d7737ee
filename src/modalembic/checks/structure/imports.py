"""Imports between modules: only of what is required, only of what is public, never in a circle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby, pairwise
from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.checks.places import module_at
from modalembic.checks.structure.graph import CrossImport, cross_imports
from modalembic.checks.structure.required import required_by
from modalembic.project import Project


def imports(project: Project) -> Iterator[Finding]:
    """Findings about what the project's modules import of each other at run time."""
    try:
        found = cross_imports(project)
    except SyntaxError as error:
        yield _unreadable(project, error)
        return
    yield from _undeclared(project, found)
    yield from _internal(project, found)
    yield from _circles(found)


def _unreadable(project: Project, error: SyntaxError) -> Finding:
    path = Path(error.filename) if error.filename else None
    return Finding(
        rule="structure/unreadable-source",
        severity="error",
        message="a file does not parse, so that no imports between modules were checked: "
        f"{(error.text or error.msg).strip()}",
        module=module_at(project, path),
        path=path,
        line=error.lineno,
    )


def _undeclared(project: Project, found: Sequence[CrossImport]) -> Iterator[Finding]:
    for (of, to), each in groupby(found, key=lambda item: (item.of, item.to)):
        if to in required_by(project, of):
            continue
        first, *more = sorted(each, key=lambda item: (str(item.path), item.line))
        times = f" and {len(more)} more" if more else ""
        yield Finding(
            rule="structure/undeclared-import",
            severity="error",
            message=f"{of} imports {first.imported}{times} of {to}, which it does not require",
            module=of,
            object="module",
            name=of,
            part=to,
            expected="required",
            actual="imported",
            path=first.path,
            line=first.line,
            fix=f"have {of} require {to}, or import nothing of it",
        )


def _internal(project: Project, found: Sequence[CrossImport]) -> Iterator[Finding]:
    public = project.configuration.structure.public
    for (of, to, imported), each in groupby(found, key=lambda i: (i.of, i.to, i.imported)):
        package = project.module(to).package or ""
        if is_public(imported, package, public):
            continue
        first = min(each, key=lambda item: (str(item.path), item.line))
        yield Finding(
            rule="structure/internal-import",
            severity="warning",
            message=f"{of} imports {imported}, which is internal to {to}",
            module=of,
            object="module",
            name=imported,
            expected="not imported by other modules",
            actual="imported",
            path=first.path,
            line=first.line,
            fix=f"offer it in one of {', '.join(public)} of {to}, or add to structure.public",
        )


def is_public(imported: str, package: str, public: Iterable[str]) -> bool:
    """Whether other modules may import the file `imported` of the module with this `package`: the
    package itself, and the components in `public` with all below, but for names that begin with an
    underscore."""
    if imported == package or not imported.startswith(f"{package}."):
        return True
    parts = imported.removeprefix(f"{package}.").split(".")
    return parts[0] in public and not any(part.startswith("_") for part in parts)


def _circles(found: Sequence[CrossImport]) -> Iterator[Finding]:
    edges: dict[str, set[str]] = {}
    for each in found:
        edges.setdefault(each.of, set()).add(each.to)
    places = {(each.of, each.to): each for each in reversed(found)}
    for names in circles(edges):
        first = places[names[0], names[1]]
        told = "; ".join(
            f"{places[pair].importer} imports {places[pair].imported}" for pair in pairwise(names)
        )
        yield Finding(
            rule="structure/import-circle",
            severity="error",
            message=f"modules import each other in a circle: {' -> '.join(names)} ({told})",
            module=names[0],
            object="module",
            name=names[0],
            actual=" -> ".join(names),
            path=first.path,
            line=first.line,
        )


def circles(edges: Mapping[str, AbstractSet[str]]) -> Iterator[tuple[str, ...]]:
    """One shortest circle for each group of names that reach each other, through the first name of
    the group, which is repeated at its end; in the order of the names."""
    told: set[str] = set()
    for name in sorted(edges):
        ways = _ways(edges, name)
        if name in told or name not in ways:
            continue
        told.update(other for other in ways if name in _ways(edges, other))
        yield (name, *ways[name])


def _ways(edges: Mapping[str, AbstractSet[str]], start: str) -> dict[str, tuple[str, ...]]:
    """A shortest way from `start` to each name that it reaches, without `start` in front."""
    ways: dict[str, tuple[str, ...]] = {}
    pending: deque[tuple[str, tuple[str, ...]]] = deque([(start, ())])
    while pending:
        name, way = pending.popleft()
        for other in sorted(edges.get(name, ())):
            if other not in ways:
                ways[other] = (*way, other)
                pending.append((other, ways[other]))
    return ways
