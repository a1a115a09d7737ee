"""Revisions that a database has run and that are not any more what it ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Literal

from modalembic.errors import EditedHistory
from modalembic.history.graph import RevisionGraph
from modalembic.history.revision import Revision
from modalembic.history.spliced import below, spliced
from modalembic.history.state import State
from modalembic.project import Project
from modalembic.runtime.failure import shown_path
from modalembic.runtime.state.content import content_of
from modalembic.runtime.state.recorded import Ran
from modalembic.runtime.state.renamed import renamed
from modalembic.runtime.state.situation import Situation

Kind = Literal["changed", "reworded", "re-parented", "renamed", "deleted", "spliced", "moved-file"]
# What does the same wherever it runs.
HARMLESS: frozenset[Kind] = frozenset({"reworded", "moved-file"})


@dataclass(frozen=True)
class Edit:
    """What became of a revision. `id` is the database's name for it, `ran` the row of the history
    table (None for `spliced`: it never ran), `now` what the code has (None for `deleted`). `other`
    is the revision above a spliced one."""

    kind: Kind
    id: str
    module: str
    ran: Ran | None
    now: Revision | None
    other: str | None = None


def edits(project: Project, state: State, recorded: Mapping[str, Ran]) -> tuple[Edit, ...]:
    """All edits, in the order of the graph; deleted ones last, sorted by id.

    Revisions of modules that are not discovered here are left out, and so is what a newer version
    of the code brought. Raises OSError where a revision file cannot be read.
    """
    graph = project.graph
    parents = {id_: ran.parents for id_, ran in recorded.items()}
    twins = renamed(project, recorded, state.applied)
    known = {twin.id for twin in twins.values()}
    put_below = spliced(graph, state.applied, parents)
    found: list[Edit] = []
    for id_, revision in graph.revisions.items():
        ran = recorded.get(id_)
        if ran is None or id_ not in state.applied:
            continue
        come, gone = shifted(graph, ran, parents)
        found += _content(project, ran, revision, shifted=bool(come or gone))
        # What was put below, or renamed, is said of that.
        if gone or come - put_below.keys() - known:
            found.append(Edit("re-parented", id_, revision.module, ran, revision))
    for id_, above in put_below.items():
        if id_ in known:
            continue
        revision = graph.revisions[id_]
        found.append(Edit("spliced", id_, revision.module, None, revision, above))
    found += _lost(project, state, recorded, twins)
    return tuple(found)


def require_unedited(project: Project, situation: Situation) -> None:
    """Raise EditedHistory, with the first edit that matters, where there is one. The situation has
    to have been read with `rows_of_history`."""
    recorded = situation.ran or {}
    found = edits(project, situation.state, recorded)
    serious = [edit for edit in found if edit.kind not in HARMLESS]
    if not serious:
        return
    first, *others = serious
    more = f"; and {len(others)} more" if others else ""
    accepts = " ".join(
        f"--accept {quote(id_)}" for id_ in dict.fromkeys(edit.id for edit in serious)
    )
    raise EditedHistory(
        f"{told(first)}{more}; nothing was run",
        hint=f"modalembic doctor shows each. If the database is right as it is: modalembic repair "
        f"{accepts}",
        path=first.now.path if first.now else None,
        line=first.now.line if first.now else None,
    )


def told(edit: Edit) -> str:
    """An edit in a sentence."""
    if edit.kind == "spliced":
        return (
            f"revision {edit.id} was put below {edit.other}, which this database has: it counts as "
            "applied, and never ran here"
        )
    assert edit.ran is not None
    what = {
        "changed": "does something else now",
        "reworded": "is written otherwise now, and does the same",
        "re-parented": f"stands on something else now than on {_named(edit.ran.parents)}",
        "renamed": f"is called {edit.now.id if edit.now else None} now",
        "deleted": "is not in this code any more",
        "moved-file": f"has moved from {edit.ran.path}",
    }[edit.kind]
    verb = {"upgrade": "ran", "stamp": "was stamped", "repair": "was recorded"}[edit.ran.direction]
    return (
        f"revision {edit.id}, which {verb} on {edit.ran.at:%Y-%m-%d %H:%M} by {edit.ran.who}, "
        f"{what}"
    )


def _content(project: Project, ran: Ran, revision: Revision, *, shifted: bool) -> Iterator[Edit]:
    now = content_of(revision)
    if ran.content_hash not in (None, now.text):
        same = ran.meaning_hash is not None and ran.meaning_hash == now.meaning
        if not same:
            yield Edit("changed", revision.id, revision.module, ran, revision)
        elif not shifted:
            yield Edit("reworded", revision.id, revision.module, ran, revision)
    if ran.path not in (None, shown_path(project.root, revision.path)):
        yield Edit("moved-file", revision.id, revision.module, ran, revision)


def shifted(
    graph: RevisionGraph, ran: Ran, parents: Mapping[str, tuple[str, ...]]
) -> tuple[set[str], set[str]]:
    """What the revision of `ran` needs now and did not need then, and the reverse. `parents` has
    what is recorded of others."""
    now = graph.parents[ran.revision]
    if set(now) == set(ran.parents):
        return set(), set()
    then, needs = below(graph, ran.parents, parents), graph.ancestors(now)
    # A stamp records all that is below it.
    return needs - then, set() if ran.direction == "stamp" else then - needs


def _lost(
    project: Project,
    state: State,
    recorded: Mapping[str, Ran],
    twins: Mapping[str, Revision],
) -> Iterator[Edit]:
    newer = _lineage(state.orphans, recorded)
    for id_, ran in sorted(recorded.items()):
        if id_ in project.graph.revisions or ran.module not in project.by_name:
            continue
        if id_ in twins:
            yield Edit("renamed", id_, ran.module, ran, twins[id_])
        elif id_ not in newer:
            yield Edit("deleted", id_, ran.module, ran, None)


def _lineage(orphans: tuple[str, ...], recorded: Mapping[str, Ran]) -> set[str]:
    """The orphans and what they are built on, as far as that is recorded."""
    seen: set[str] = set()
    pending = list(orphans)
    while pending:
        id_ = pending.pop()
        if id_ not in seen:
            seen.add(id_)
            pending.extend(recorded[id_].parents if id_ in recorded else ())
    return seen


def _named(ids: tuple[str, ...]) -> str:
    return ", ".join(ids) or "nothing"
