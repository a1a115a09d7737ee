"""`depends_on` that names a label, or what is needed already.

`mended` says what a revision should name instead; `check history --fix` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.checks.places import is_own
from modalembic.history.graph import RevisionGraph
from modalembic.history.header import ComputedHeader, line_of, read_header
from modalembic.history.revision import Revision
from modalembic.project import Project

FIX = "modalembic check history --fix"


def dependencies(project: Project) -> Iterator[Finding]:
    """What is wrong with the `depends_on` of each revision."""
    graph = project.graph
    ranks = {} if graph.circle() else _ranks(graph)
    for revision in graph.revisions.values():
        if not revision.depends_on:
            continue
        redundant = redundant_names(graph, ranks, revision) if ranks else ()
        for name in revision.depends_on:
            if name in redundant:
                yield _redundant(project, revision, name)
            elif is_label(graph, name):
                yield _label(project, revision, name)


def mended(graph: RevisionGraph) -> Iterator[tuple[Revision, Mapping[str, str | None]]]:
    """The revisions whose `depends_on` can be mended without choice, each with the name to write
    for each name in it; None where it has to go."""
    if graph.circle():
        return
    ranks = _ranks(graph)
    for revision in graph.revisions.values():
        if not revision.depends_on:
            continue
        redundant = redundant_names(graph, ranks, revision)
        names = {
            name: None
            if name in redundant
            else graph.labels[name]
            if is_label(graph, name)
            else name
            for name in revision.depends_on
        }
        if any(name != written for name, written in names.items()):
            yield revision, names


def is_label(graph: RevisionGraph, name: str) -> bool:
    """Whether a reference is to a branch label and not to an id."""
    return name not in graph.revisions and name in graph.labels


def redundant_names(
    graph: RevisionGraph, ranks: Mapping[str, int], revision: Revision
) -> tuple[str, ...]:
    """The names in `depends_on` that change nothing: without all of them the revision comes after
    the same revisions."""
    needed = {
        name: name if name in graph.revisions else graph.labels[name]
        for name in revision.depends_on
        if name in graph.revisions or name in graph.labels
    }
    redundant = []
    for name, id_ in list(needed.items()):
        others = {*graph.down[revision.id], *(o for other, o in needed.items() if other != name)}
        if _leads_to(graph, ranks, others, id_):
            redundant.append(name)
            del needed[name]
    return tuple(redundant)


def _leads_to(
    graph: RevisionGraph, ranks: Mapping[str, int], starts: set[str], target: str
) -> bool:
    """Whether `target` is among `starts` or what they need. No way to it goes through a revision
    that is not above it, so that in a long history few are looked at."""
    seen = set(starts)
    pending = list(starts)
    while pending:
        id_ = pending.pop()
        if id_ == target:
            return True
        for parent in graph.parents[id_]:
            if parent not in seen and ranks[parent] >= ranks[target]:
                seen.add(parent)
                pending.append(parent)
    return False


def _ranks(graph: RevisionGraph) -> dict[str, int]:
    """How far above the bases each revision is; always above all that it needs. The graph must have
    no circle."""
    left = {id_: len(parents) for id_, parents in graph.parents.items()}
    ready = [id_ for id_, count in left.items() if not count]
    ranks = dict.fromkeys(ready, 0)
    while ready:
        id_ = ready.pop()
        for child in graph.children.get(id_, ()):
            ranks[child] = max(ranks.get(child, 0), ranks[id_] + 1)
            left[child] -= 1
            if not left[child]:
                ready.append(child)
    return ranks


def _label(project: Project, revision: Revision, name: str) -> Finding:
    graph = project.graph
    first = graph.labels[name]
    heads = graph.heads[graph.revisions[first].module]
    last = f", not the last, {heads[-1]}" if heads[-1] != first else ""
    return Finding(
        rule="history/label-dependency",
        severity="warning",
        message=f"{revision.id} depends on the label {name!r}, which means the first revision "
        f"there, {first}{last}",
        module=revision.module,
        object="revision",
        name=revision.id,
        part="depends_on",
        expected=first,
        actual=name,
        path=Path(revision.path),
        line=line_of(revision.path, "depends_on") or revision.line,
        fix=FIX if can_be_written(project, revision) else f"write {first!r} for it",
    )


def _redundant(project: Project, revision: Revision, name: str) -> Finding:
    return Finding(
        rule="history/redundant-dependency",
        severity="warning",
        message=f"{revision.id} depends on {name}, which its other parents need already; stock "
        "Alembic can fail over such a dependency",
        module=revision.module,
        object="revision",
        name=revision.id,
        part="depends_on",
        actual=name,
        path=Path(revision.path),
        line=line_of(revision.path, "depends_on") or revision.line,
        fix=FIX if can_be_written(project, revision) else f"take {name!r} out",
    )


def can_be_written(project: Project, revision: Revision) -> bool:
    """Whether the header is the project's own and literal, so that `--fix` may change it."""
    path = Path(revision.path)
    if not is_own(project, path):
        return False
    try:
        read_header(path.read_bytes(), revision.path)
    except ComputedHeader:
        return False
    return True
