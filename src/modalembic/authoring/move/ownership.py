"""What a move means for tables: owners, and transfers between histories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from modalembic.authoring.files import as_bytes, newline_of, read_exactly
from modalembic.authoring.laid_out import load_copy
from modalembic.authoring.locations import write_version_locations
from modalembic.authoring.move.relocations import Place
from modalembic.authoring.revision import revision
from modalembic.authoring.taken_over import subjects
from modalembic.errors import NothingToTransfer
from modalembic.modules.ownership import read_ownership
from modalembic.project import Project


@dataclass(frozen=True)
class Transferred:
    """Tables that have another owner now: `tables` by module, the `revisions` that were written for
    them, and every file that was written."""

    tables: Mapping[str, tuple[str, ...]]
    revisions: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()


def transfer(
    root: Path, before: Mapping[str, str | None], moved: Mapping[Place, Place]
) -> Transferred:
    """Settle, in the tree that is laid out at `root`, who owns the tables of `moved`: entries of
    `owners` follow, and each new owner gets a transfer from every history that touched them.

    `before` are the owners as they were. Raises what writing a revision raises.
    """
    project = load_copy(root)
    written = list(_settle_owners(project, moved))
    project = load_copy(root) if written else project
    gained = _gained(project, before, moved)
    if not gained:
        return Transferred({}, (), tuple(written))
    made = _with_location(project, gained)
    project = load_copy(root) if made else project
    spoken_of = {name: subjects(project, name) for name in project.module_order}
    revisions: list[Path] = []
    for module, tables in sorted(gained.items()):
        for source in _sources(spoken_of, module, tables, before):
            planned = _write(project, module, source, tables)
            if planned is not None:
                revisions += planned[:1]
                written += planned
                project = load_copy(root)
    if made:
        written += write_version_locations(project)
    return Transferred(gained, tuple(revisions), tuple(written))


def owners_of(project: Project) -> Mapping[str, str | None]:
    """The owner of each table, as far as the source tells."""
    return read_ownership(project.modules, project.search, project.configuration).owners


def _tables_of(project: Project, moved: Mapping[Place, Place]) -> dict[str, str | None]:
    """The tables that moved code defines, each with the module in whose package it now is."""
    sources = read_ownership(project.modules, project.search, project.configuration).sources
    new = set(moved.values())
    return {
        definition.table: sources.territory.of(definition.module)
        for definition in sources.definitions
        if definition.table is not None
        and definition.symbol is not None
        and Place(definition.module, definition.symbol) in new
    }


def _gained(
    project: Project, before: Mapping[str, str | None], moved: Mapping[Place, Place]
) -> dict[str, tuple[str, ...]]:
    gained: dict[str, list[str]] = {}
    for table, owner in sorted(_tables_of(project, moved).items()):
        if owner is not None and before.get(table) != owner:
            gained.setdefault(owner, []).append(table)
    return {module: tuple(tables) for module, tables in gained.items()}


def _settle_owners(project: Project, moved: Mapping[Place, Place]) -> Iterator[Path]:
    """Entries of `owners` in the configuration that still name the old one."""
    said = project.configuration.owners
    wrong = {
        table: owner
        for table, owner in _tables_of(project, moved).items()
        if owner is not None and said.get(table, owner) != owner
    }
    if not wrong:
        return
    file = project.configuration.file
    text = read_exactly(file)
    document = tomlkit.parse(text)
    table = document if file.name == "modalembic.toml" else document["tool"]["modalembic"]
    for name, owner in wrong.items():
        table["owners"][name] = owner
    after = tomlkit.dumps(document).replace("\r\n", "\n").replace("\n", newline_of(text))
    file.write_bytes(as_bytes(after))
    yield file


def _with_location(project: Project, gained: Mapping[str, tuple[str, ...]]) -> bool:
    """A module that owns tables has a history; whether one had to be made."""
    made = False
    for name in sorted(gained):
        module = project.module(name)
        if module.location is None and module.directory is not None:
            (module.directory / project.configuration.versions[0]).mkdir(parents=True)
            made = True
    return made


def _sources(
    spoken_of: Mapping[str, frozenset[str]],
    module: str,
    tables: tuple[str, ...],
    before: Mapping[str, str | None],
) -> list[str]:
    """The modules whose revisions touched one of the tables, the old owners first. `spoken_of` has
    what the revisions of each module name, in the order of the modules."""
    owners = {before.get(table) for table in tables}
    bare = {table.rpartition(".")[2] for table in tables}
    touched = [name for name, names in spoken_of.items() if name != module and names & bare]
    first = [name for name in spoken_of if name in owners and name != module]
    return list(dict.fromkeys([*first, *touched]))


def _write(
    project: Project, module: str, source: str, tables: tuple[str, ...]
) -> tuple[Path, ...] | None:
    """The files of a transfer, the revision's first; None where the histories are in order."""
    if not project.graph.of_module.get(source):
        return None
    try:
        planned = revision(
            project, module, f"Take over from {source}", transfer=source, tables=tables
        )
    except NothingToTransfer:
        return None
    return tuple(change.path for change in planned.changes.changes)
