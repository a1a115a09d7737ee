"""What is wrong with a history as a whole, and what is a trap in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from modalembic.errors import (
    DuplicateLabel,
    DuplicateRevision,
    MissingRevision,
    ModalembicError,
    MultipleHeads,
    ProjectWarning,
    RevisionCircle,
    RevisionIdError,
)
from modalembic.history.graph import RevisionGraph
from modalembic.history.header import line_of
from modalembic.history.revision import Revision
from modalembic.modules import Module

_SHOWN = 10
_ILLEGAL = frozenset("@-+:")
_SYMBOLS = frozenset({"head", "heads", "base"})


def history_problems(
    graph: RevisionGraph, modules: Mapping[str, Module], *, complete: bool = True
) -> Iterator[ModalembicError]:
    """Every reason why the revisions of `graph` cannot be planned, in a fixed order.

    Not `complete`: some files or locations could not be read, which is a problem of its own. What
    only their absence may have caused is then left out.
    """
    yield from _duplicate_ids(graph)
    yield from _ids(graph.revisions.values())
    yield from _duplicate_labels(graph)
    if complete:
        yield from _missing(graph)
    yield from _circles(graph)
    # A module with a hole in its history has heads that nobody made.
    if complete and not graph.missing and not graph.duplicates:
        yield from _several_heads(graph, modules)


def history_warnings(graph: RevisionGraph) -> Iterator[ProjectWarning]:
    """What runs, and does something else than it seems to."""
    for revision in graph.revisions.values():
        for name in revision.depends_on:
            if name in graph.revisions or name not in graph.labels:
                continue
            first = graph.labels[name]
            heads = graph.heads[graph.revisions[first].module]
            yield ProjectWarning(
                "label-dependency",
                f"{revision.id} depends on the label {name!r}, which means the first revision "
                f"there, {first}" + (f", not the last, {heads[-1]}" if heads[-1] != first else ""),
                hint=f"write depends_on = {first!r}, if that is what is meant",
                path=Path(revision.path),
                line=line_of(revision.path, "depends_on"),
            )


def _duplicate_ids(graph: RevisionGraph) -> Iterator[ModalembicError]:
    for second in graph.duplicates:
        first = graph.revisions[second.id]
        yield DuplicateRevision(
            f"revision {second.id} is in two files: {first.path} ({first.module}) and "
            f"{second.path} ({second.module})",
            hint="give the newer one another id",
            path=second.path,
            line=second.line,
        )


def _ids(revisions: Iterable[Revision]) -> Iterator[ModalembicError]:
    for revision in revisions:
        # Most ids are letters and digits, and there may be very many of them.
        illegal = [] if revision.id.isalnum() else sorted(_ILLEGAL.intersection(revision.id))
        if illegal or revision.id in _SYMBOLS:
            what = f"has {' '.join(illegal)}" if illegal else "is a word"
            yield RevisionIdError(
                f"revision id {revision.id!r} {what} that Alembic uses in targets",
                hint="give the revision another id, here and where others name it",
                path=revision.path,
                line=revision.line,
            )


def _duplicate_labels(graph: RevisionGraph) -> Iterator[ModalembicError]:
    collisions = [*_label_collisions(graph)]
    of_module: dict[str, set[str]] = defaultdict(set)
    for _, revision, label in collisions:
        of_module[revision.module].add(label)
    for first, revision, label in collisions:
        module = revision.module
        what = "is the id of a revision, too" if label in graph.revisions else "is on two revisions"
        # All of a module's labels that are taken: its table can be written only once.
        labels = ", ".join(f'{name} = "{module}_{name}"' for name in sorted(of_module[module]))
        yield DuplicateLabel(
            f"branch label {label!r} {what}: {first.id} of {first.module} "
            f"({first.path}:{first.line}) and {revision.id} of {module}",
            hint=f"for one of them write [tool.modalembic.module.{module}] labels = {{ {labels} }}",
            path=revision.path,
            line=line_of(revision.path, "branch_labels") or revision.line,
        )


def _label_collisions(graph: RevisionGraph) -> Iterator[tuple[Revision, Revision, str]]:
    """The revision that had a label (or has it as its id), the other one, and the label."""
    for revision in graph.revisions.values():
        for label in revision.branch_labels:
            first = graph.revisions.get(label) or graph.revisions[graph.labels[label]]
            if first is not revision or label == revision.id:
                yield first, revision, label


def _missing(graph: RevisionGraph) -> Iterator[ModalembicError]:
    for revision, header, name in graph.missing:
        yield MissingRevision(
            f"{revision.id} of {revision.module} has {header} {name!r}, which is in no version "
            "location",
            hint="is the module that holds it discovered here? `modalembic modules` lists them",
            path=revision.path,
            line=line_of(revision.path, header) or revision.line,
        )


def _circles(graph: RevisionGraph) -> Iterator[ModalembicError]:
    circle = graph.circle()
    if not circle:
        return
    first = graph.revisions[circle[0]]
    shown = [f"{id_} ({graph.revisions[id_].module})" for id_ in circle[:_SHOWN]]
    more = ["…"] if len(circle) > _SHOWN else []
    yield RevisionCircle(
        f"revisions need each other in a circle: {' -> '.join([*shown, *more, shown[0]])}",
        hint="take out one of the dependencies, in one of "
        + ", ".join([*(graph.revisions[id_].path for id_ in circle[:_SHOWN]), *more]),
        path=first.path,
        line=line_of(first.path, "depends_on") or first.line,
    )


def _several_heads(
    graph: RevisionGraph, modules: Mapping[str, Module]
) -> Iterator[ModalembicError]:
    for name, heads in graph.heads.items():
        if len(heads) > 1 and not (name in modules and modules[name].multiple_heads):
            last = graph.revisions[heads[-1]]
            yield MultipleHeads(
                f"{name} has {len(heads)} heads: {', '.join(heads)}",
                hint=f"`modalembic rebase {name} --base REF` puts yours on top of REF's, "
                f"`modalembic merge {name}` joins them; a module that keeps several lines on "
                f"purpose says multiple_heads = true in [tool.modalembic.module.{name}]",
                path=last.path,
                line=last.line,
            )
