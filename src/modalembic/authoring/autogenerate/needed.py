"""Which revisions each new one depends on, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from modalembic.authoring.autogenerate.groups import Group
from modalembic.authoring.autogenerate.items import Item
from modalembic.authoring.autogenerate.owners import Owners
from modalembic.errors import MultipleHeads
from modalembic.project import Project


@dataclass(frozen=True)
class Need:
    """A revision that a new one depends on, its module, and why."""

    revision: str
    module: str
    why: str


@dataclass(frozen=True)
class Place:
    """Where a new revision stands: its id, the revision that it follows (None: it is its module's
    first), and what it depends on besides."""

    id: str
    down: str | None
    needs: tuple[Need, ...]


def places(
    project: Project,
    owners: Owners,
    groups: Sequence[Group],
    ids: Sequence[str],
    *,
    wide: frozenset[int] = frozenset(),
) -> tuple[Place, ...]:
    """The place of each group. Those in `wide` depend on all revisions that changed what they need,
    instead of those that created it. Raises MultipleHeads."""
    found: list[Place] = []
    ancestors: dict[str, set[str]] = {}
    last: dict[str, str] = {}
    for number, group in enumerate(groups):
        down = last.get(group.module) or head_of(project, group.module)
        wanted = _wanted(project, owners, groups, ids, number, wide=number in wide)
        behind = _behind(project, ancestors, [down] if down is not None else [])
        left = {id_: need for id_, need in wanted.items() if id_ not in behind}
        needs = tuple(
            need
            for id_, need in sorted(left.items())
            if not any(
                other != id_ and id_ in _behind(project, ancestors, [other]) for other in left
            )
        )
        place = Place(ids[number], down, needs)
        above = [*([down] if down is not None else []), *(need.revision for need in needs)]
        ancestors[place.id] = _behind(project, ancestors, above)
        last[group.module] = place.id
        found.append(place)
    return tuple(found)


def head_of(project: Project, module: str) -> str | None:
    """The head of a module; None: it has no revision. Raises MultipleHeads."""
    heads = project.graph.heads.get(module, ())
    if len(heads) > 1:
        raise MultipleHeads(
            f"{module} has {len(heads)} heads ({', '.join(heads)}); nothing was written",
            hint=f"`modalembic merge {module}` joins them",
            path=project.graph.revisions[heads[-1]].path,
        )
    return heads[0] if heads else None


def _behind(project: Project, ancestors: Mapping[str, set[str]], ids: Iterable[str]) -> set[str]:
    """`ids` and all that they need."""
    found: set[str] = set()
    for id_ in ids:
        known = ancestors.get(id_)
        found |= {id_} | (known if known is not None else project.graph.ancestors([id_]))
    return found


def _wanted(
    project: Project,
    owners: Owners,
    groups: Sequence[Group],
    ids: Sequence[str],
    number: int,
    *,
    wide: bool,
) -> dict[str, Need]:
    group = groups[number]
    found: dict[str, Need] = {}
    for other, keys in group.waits_for.items():
        what = _told_all(keys)
        why = f"it makes or changes {what}, which this needs" if what else "it comes before this"
        found[ids[other]] = Need(ids[other], groups[other].module, why)
    made = {key for each in groups[:number] for item in each.items for key in item.grows}
    for item in group.items:
        for id_, why in _existing(owners, item, made, wide=wide):
            module = project.graph.revisions[id_].module
            found.setdefault(id_, Need(id_, module, why))
    return found


def _existing(
    owners: Owners, item: Item, made: set[str], *, wide: bool
) -> Iterator[tuple[str, str]]:
    """The revisions of the history that an item needs, with the reasons."""
    touches = owners.touches
    if item.table is not None:
        name = owners.renamed.get(item.table, item.table)
        for id_ in touches.of_name(name):
            yield id_, f"it changed {_plain(name)} before"
    for key in sorted(item.needs - made):
        name = owners.renamed.get(_name(key), _name(key))
        creator = owners.created_by(name)
        if creator is not None:
            yield creator, f"it created {_told(key)}"
        if wide:
            for id_ in touches.of_name(name):
                yield id_, f"it changed {_told(key)}"
    for key in sorted(item.drops):
        gone = set(owners.ids_of(_name(key)))
        for each in touches.revisions:
            if any(needed in gone for _, needed in each.refers):
                yield each.revision, f"it refers to {_told(key)}"


def _name(key: str) -> str:
    return key.partition(" ")[2]


def _told(key: str) -> str:
    """A key, for people."""
    kind, _, name = key.partition(" ")
    return f"{'table' if kind == 'relation' else kind} {_plain(name)}"


def _told_all(keys: Iterable[str]) -> str:
    """What is needed, for people: a table alone, where it is needed with its columns."""
    found = [*keys]
    tables = [f"{key.partition(' ')[2]}." for key in found if key.startswith("relation ")]
    return " and ".join(
        _told(key)
        for key in found
        if key.startswith("relation ")
        or not any(key.partition(" ")[2].startswith(table) for table in tables)
    )


def _plain(name: str) -> str:
    return name.removeprefix("public.")
