"""`move`, from the request to files that are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.files import read_exactly
from modalembic.authoring.hooks import run_hooks
from modalembic.authoring.laid_out import laid_out, load_copy
from modalembic.authoring.move.compared import check_moves
from modalembic.authoring.move.dissect import defined_names
from modalembic.authoring.move.hints import base_class_hint
from modalembic.authoring.move.ownership import Transferred, owners_of, transfer
from modalembic.authoring.move.parsed import parse_source
from modalembic.authoring.move.plan import Move, planned
from modalembic.authoring.move.probing import Answer
from modalembic.authoring.move.proof import Claim, before_the_move, prove
from modalembic.authoring.move.reexports import read_re_exports
from modalembic.authoring.move.relocations import Place
from modalembic.authoring.move.requests import Request
from modalembic.authoring.move.rework import Reworked, Terms, rework
from modalembic.authoring.move.tree import SourceTree
from modalembic.authoring.move.undo import (
    ignored,
    record,
    refuse_uncommitted_of_others,
    remove_empty_directories,
)
from modalembic.authoring.move.width import line_width
from modalembic.errors import ImportCircle
from modalembic.modules.ownership import read_ownership
from modalembic.project import Project

_UNSEEN = (
    "not seen: pickles, names of classes that are stored in data, strings that are put together at "
    "run time"
)


@dataclass(frozen=True)
class PlannedMove:
    """A move that is proven and not written: `moved` are the old places with the new ones, `tables`
    those that have another owner, by module, `revisions` the transfers; `notes` say what nobody
    could check."""

    moved: tuple[tuple[Place, Place], ...]
    changes: ChangeSet
    tables: Mapping[str, tuple[str, ...]]
    revisions: tuple[Path, ...]
    notes: tuple[str, ...]


def plan_move(project: Project, requests: Sequence[Request], *, shim: bool = True) -> PlannedMove:
    """Work out a move, and prove it on a copy of the project. Nothing is written.

    Raises what `planned`, `rework`, `prove` and writing a revision raise, WriteRefused and
    UncommittedChanges.
    """
    project.require_sound()
    tree = SourceTree.of(project)
    return proven(project, tree, planned(project, tree, requests), shim=shim)


def proven(
    project: Project,
    tree: SourceTree,
    moves: Sequence[Move],
    *,
    shim: bool,
    packages: bool = True,
) -> PlannedMove:
    """What `moves` come to, proven on a copy. Without `packages`, those above the old places keep
    what they re-export. Raises as `plan_move` does."""
    models = _models(project, moves)
    before = before_the_move(project, models, _names(tree, moves))
    owners = owners_of(project)
    terms = _terms(project, before, shim=shim)
    done = rework(tree, moves, terms if packages else replace(terms, packages=False))
    changes = tree.changes()
    changes.check()
    refuse_uncommitted_of_others(project.root, changes)
    with laid_out(tree.root, changes) as copy:
        transferred = transfer(copy, owners, done.moved)
        written = {change.path for change in changes.changes if change.after is not None}
        run_hooks(load_copy(copy), sorted(copy / path.relative_to(tree.root) for path in written))
        files = {*written, *(tree.root / path.relative_to(copy) for path in transferred.files)}
        notes = _prove(project, tree, copy, _Done(moves, done, before, models, files))
        if transferred.tables or _has_models(before, done):
            notes += check_moves(copy)
        final = _read_back(tree, copy, changes, files)
    final.check()
    refuse_uncommitted_of_others(
        project.root, ChangeSet(tree.root, tuple(_of_source(tree, copy, transferred, final)))
    )
    return PlannedMove(
        tuple((move.old, move.new) for move in moves),
        final,
        transferred.tables,
        tuple(tree.root / path.relative_to(copy) for path in transferred.revisions),
        (*done.notes, *notes, _UNSEEN),
    )


def write_move(project: Project, planned_move: PlannedMove) -> None:
    """Write a planned move, and what `--undo` needs. Raises WriteRefused and WriteFailed."""
    root = project.root.resolve()
    changes = planned_move.changes
    kept = [c.path for c in changes.changes if _is_history(planned_move, c.path)]
    noted = record(root, changes, (f"{old} -> {new}" for old, new in planned_move.moved), kept)
    ChangeSet(root, (*changes.changes, *ignored(root), noted)).apply()
    remove_empty_directories(c.path for c in changes.changes if c.after is None)


@dataclass(frozen=True)
class _Done:
    moves: Sequence[Move]
    reworked: Reworked
    before: Answer
    models: tuple[str, ...]
    files: set[Path]


def _terms(project: Project, before: Answer, *, shim: bool) -> Terms:
    return Terms(
        shim=shim,
        tasks=before.tasks,
        keep=before.registered | set(before.tasks.values()),
        homes=frozenset(module.package for module in project.modules if module.package),
        extra=project.configuration.move_files,
        width=line_width(project.root),
    )


def _names(tree: SourceTree, moves: Iterable[Move]) -> list[Place]:
    """Everything that moves."""
    names: list[Place] = []
    for move in moves:
        if move.name is not None:
            names.append(move.old)
            continue
        module = parse_source(tree.read(move.source.path), move.source.path)
        found = read_re_exports(module).names if move.settled else defined_names(module)
        names += [Place(move.old.module, name) for name in found]
    return names


def _models(project: Project, moves: Iterable[Move]) -> tuple[str, ...]:
    """The modules to import so that every mapper is there: the models of all modules, what the
    configuration names, and the old places with their packages."""
    sources = read_ownership(project.modules, project.search, project.configuration).sources
    found = [name for module in project.module_order for name in sources.files[module]]
    if project.configuration.metadata is not None:
        found.append(project.configuration.metadata.partition(":")[0])
    for move in moves:
        found.append(move.old.module.rpartition(".")[0] or move.old.module)
        found.append(move.old.module)
    return tuple(dict.fromkeys(found))


def _prove(project: Project, tree: SourceTree, copy: Path, done: _Done) -> tuple[str, ...]:
    after = load_copy(copy)
    models = [name for name in done.models if tree.file_of(name) is not None]
    claim = Claim(
        root=copy,
        touched=_touched(tree, done),
        models=tuple(dict.fromkeys((*models, *_models(after, ()))))
        + tuple(sorted({place.module for place in done.reworked.moved.values()} - {*models})),
        before=done.before,
        moved=done.reworked.moved,
        aliases=done.reworked.aliases,
    )
    try:
        return prove(project, claim)
    except ImportCircle as error:
        error.hint = base_class_hint(tree, done.moves, str(error)) or error.hint
        raise


def _touched(tree: SourceTree, done: _Done) -> tuple[str, ...]:
    """The modules that change and can be imported: those in the packages of what moves. Tests and
    scripts beside them are not run."""
    tops = {move.old.module.partition(".")[0] for move in done.moves}
    tops |= {move.target.partition(".")[0] for move in done.moves}
    found = set()
    for path in done.files:
        name = tree.module_of(path) if path.suffix == ".py" and not tree.is_kept(path) else None
        if name is not None and name.partition(".")[0] in tops and not _is_test(name):
            found.add(name)
    return tuple(sorted(found))


def _is_test(module: str) -> bool:
    parts = module.split(".")
    return any(p in {"tests", "test", "conftest", "__main__"} for p in parts) or any(
        part.startswith("test_") for part in parts
    )


def _has_models(before: Answer, done: Reworked) -> bool:
    """Whether a mapped class has moved, of which the source may not tell the table."""
    return any(str(old) in before.found["mappers"] for old in done.moved)


def _of_source(
    tree: SourceTree, copy: Path, transferred: Transferred, changes: ChangeSet
) -> Iterator[Change]:
    """The changes but for those of histories, which earlier transfers may have left uncommitted."""
    histories = {tree.root / path.relative_to(copy).parent for path in transferred.revisions}
    yield from (change for change in changes.changes if change.path.parent not in histories)


def _read_back(tree: SourceTree, copy: Path, changes: ChangeSet, files: set[Path]) -> ChangeSet:
    """The changes with what formatters and transfers made of them."""
    gone = [change for change in changes.changes if change.after is None]
    now = (
        Change.of(path, read_exactly(copy / path.relative_to(tree.root))) for path in sorted(files)
    )
    return ChangeSet.of(tree.root, [*now, *gone])


def _is_history(planned_move: PlannedMove, path: Path) -> bool:
    """Whether a file belongs to a transfer: the revision, the HEAD beside it."""
    beside = {revision.parent for revision in planned_move.revisions}
    return path.parent in beside
