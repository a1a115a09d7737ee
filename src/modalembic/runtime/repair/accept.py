"""Revisions whose content is taken as it is now, because somebody says that it is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from modalembic.errors import UsageError
from modalembic.project import Project
from modalembic.runtime.failure import shown_path
from modalembic.runtime.record import row_changes
from modalembic.runtime.repair.action import Action
from modalembic.runtime.state.content import content_of
from modalembic.runtime.state.edited import Edit, edits, shifted
from modalembic.runtime.state.situation import Situation


def accepted(project: Project, situation: Situation, ids: Iterable[str]) -> Iterator[Action]:
    """An action for each of `ids`: what is recorded of it becomes what the code has now; what is
    gone is forgotten. The situation has to have been read with `rows_of_history`.

    Raises UsageError where one was not edited.
    """
    found: dict[str, list[Edit]] = {}
    for edit in edits(project, situation.state, situation.ran or {}):
        found.setdefault(edit.id, []).append(edit)
    asked = dict.fromkeys(ids)
    for id_ in asked:
        if id_ not in found:
            raise _not_edited(project, situation, id_)
        if id_ in project.graph.revisions:
            yield _as_it_is(project, found[id_])
        else:
            yield _forgotten(found[id_][0])
            twin = found[id_][0].now
            if twin is not None:
                yield _renamed(project, situation, id_, twin.id)
    yield from _above(project, situation, asked.keys())


def _above(project: Project, situation: Situation, ids: AbstractSet[str]) -> Iterator[Action]:
    """What stands on one of `ids`, which was put below it, renamed or taken away, counts as
    standing where it stands now."""
    ran = situation.ran or {}
    parents = {id_: row.parents for id_, row in ran.items()}
    for id_, row in sorted(ran.items()):
        if id_ in ids or id_ not in situation.state.applied or id_ not in project.graph.revisions:
            continue
        come, _ = shifted(project.graph, row, parents)
        if come & ids or ids & set(row.parents) - project.graph.revisions.keys():
            now = project.graph.parents[id_]
            content = content_of(project.graph.revisions[id_])
            # What it does is not accepted with it.
            same = content.meaning == row.meaning_hash
            yield Action(
                kind="accept",
                revision=id_,
                module=row.module,
                text=f"{id_} of {row.module} counts as standing on {', '.join(now) or 'nothing'}",
                parents=now,
                path=row.path,
                content_hash=content.text if same else row.content_hash,
                meaning_hash=row.meaning_hash,
                details={"parents": list(row.parents)},
            )


def _as_it_is(project: Project, found: list[Edit]) -> Action:
    edit = found[0]
    was = {} if edit.ran is None else {"was": edit.ran.content_hash, "parents": edit.ran.parents}
    kinds = [edit.kind for edit in found]
    text = f"{edit.id} of {edit.module} counts as it is in the code now ({', '.join(kinds)})"
    return _recorded(project, edit.id, text, {"edits": kinds, **was})


def _renamed(project: Project, situation: Situation, id_: str, now: str) -> Action:
    action = _recorded(project, now, f"{now} is what {id_} was", {"was": id_})
    if id_ not in situation.state.rows:
        return action
    changes = row_changes(situation.versions, (id_,), (now,))
    return replace(action, statements=tuple(change.statement for change in changes))


def _recorded(project: Project, id_: str, text: str, details: dict[str, object]) -> Action:
    revision = project.graph.revisions[id_]
    content = content_of(revision)
    return Action(
        kind="accept",
        revision=id_,
        module=revision.module,
        text=text,
        parents=project.graph.parents[id_],
        path=shown_path(project.root, revision.path),
        content_hash=content.text,
        meaning_hash=content.meaning,
        details=details,
    )


def _forgotten(edit: Edit) -> Action:
    assert edit.ran is not None
    return Action(
        kind="accept",
        revision=edit.id,
        module=edit.module,
        text=f"{edit.id} of {edit.module} is not in the code any more, and is not looked for",
        parents=edit.ran.parents,
        path=edit.ran.path,
        content_hash=edit.ran.content_hash,
        meaning_hash=edit.ran.meaning_hash,
        details={"gone": True},
    )


def _not_edited(project: Project, situation: Situation, id_: str) -> UsageError:
    if id_ not in project.graph.revisions and id_ not in (situation.ran or {}):
        return UsageError(
            f"--accept {id_}: neither this code nor the database knows that revision",
            hint="modalembic doctor names those that were edited",
        )
    return UsageError(
        f"--accept {id_}: the database has it as it is in the code, or does not have it",
        hint="modalembic doctor names those that were edited",
    )
