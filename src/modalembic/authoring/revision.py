"""`revision`: an empty revision for a module, on its own branch.

A *transfer* is one that depends on the head of another module, so that whatever comes later in this
one runs after all that the other did before: what a module needs to take over a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.docstring import with_paragraph
from modalembic.authoring.head_files import heads_after
from modalembic.authoring.hooks import run_hooks
from modalembic.authoring.lines import location_to_write
from modalembic.authoring.revisions import NewRevision, new_id, revision_changes
from modalembic.authoring.taken_over import taken_over, transfer_text
from modalembic.errors import (
    MultipleHeads,
    NothingToTransfer,
    RevisionTemplateError,
    UsageError,
)
from modalembic.modules.ownership import read_ownership
from modalembic.project import Project


@dataclass(frozen=True)
class PlannedRevision:
    """A revision to write: its id, what it follows and depends on, the tables that it takes over
    (of a transfer), and the changes to files."""

    module: str
    revision: str
    down_revision: str | None
    depends_on: tuple[str, ...]
    source: str | None
    tables: tuple[str, ...]
    changes: ChangeSet

    @property
    def path(self) -> Path:
        """The revision's file."""
        return self.changes.changes[0].path


def plan_revision(
    project: Project,
    module: str,
    message: str,
    *,
    transfer: str | None = None,
    tables: tuple[str, ...] = (),
) -> PlannedRevision:
    """An empty revision on top of the head of `module`; nothing is written. With `transfer`, the
    name of another module, it depends on that one's head, and tells the `tables` that it takes
    over (none: those of `module` of which the other's revisions speak).

    Raises UsageError for what makes no sense, MultipleHeads, NothingToTransfer,
    RevisionTemplateError, and what `location_to_write` raises.
    """
    _require_sense(module, message, transfer, tables)
    location = location_to_write(project, module)
    head = _head(project, module)
    needed = None if transfer is None else _head_to_transfer(project, transfer, module, head)
    new = NewRevision(
        id=new_id(),
        message=message,
        location=location,
        down_revisions=() if head is None else (head,),
        depends_on=() if needed is None else (needed,),
        branch_labels=(module,) if head is None else (),
        stays_empty=transfer is not None,
    )
    (change,) = revision_changes(project, [new])
    if transfer is not None:
        _require_theirs(project, transfer, module, tables)
        tables = tables or taken_over(project, transfer, module)
        change = _with_text(change, message, transfer_text(transfer, tables))
    changes = ChangeSet.of(project.root, (change, *heads_after(project, [new])))
    return PlannedRevision(module, new.id, head, new.depends_on, transfer, tables, changes)


def write_revision(project: Project, planned: PlannedRevision) -> tuple[Path, ...]:
    """Write a planned revision and run the project's hooks on it; the files that were written.

    The project is then read anew, and has to have the revision as planned; if not, or if anything
    fails on the way, no file is left. Raises what `ChangeSet.apply` raises, HookFailed, and
    RevisionTemplateError.
    """

    def finish(written: tuple[Path, ...]) -> None:
        run_hooks(project, written)
        _check(project, planned)

    return planned.changes.apply(then=finish)


def revision(
    project: Project,
    module: str,
    message: str,
    *,
    transfer: str | None = None,
    tables: tuple[str, ...] = (),
) -> PlannedRevision:
    """Plan a revision and write it; see `plan_revision` and `write_revision`."""
    planned = plan_revision(project, module, message, transfer=transfer, tables=tables)
    write_revision(project, planned)
    return planned


def _require_sense(
    module: str, message: str, transfer: str | None, tables: tuple[str, ...]
) -> None:
    if not message.strip():
        raise UsageError("a revision needs a message", hint='-m "what it does"')
    if transfer == module:
        raise UsageError(
            f"{module} cannot take tables over from itself",
            hint="--transfer names the module that had them, --module the one that gets them",
        )
    if tables and transfer is None:
        raise UsageError("--table is for a transfer", hint="--transfer FROM --module TO --table T")
    for table in tables:
        if not table.strip() or not table.isprintable() or {"\\", '"'} & set(table):
            raise UsageError(f"{table!r} is no name of a table")


def _require_theirs(project: Project, source: str, module: str, tables: tuple[str, ...]) -> None:
    """Raise UsageError for a table whose model is in a third module, as far as the source tells: it
    may be in the old owner still, or in the new one already."""
    if not tables:
        return
    ownership = read_ownership(project.modules, project.search, project.configuration)
    for table in tables:
        owner = ownership.owners.get(table)
        if owner not in (None, source, module):
            raise UsageError(
                f"{table} belongs to {owner}: {module} does not take it over from {source}",
                hint=f"--table is for what is in {source} or {module}; without it the tables are "
                "found in the source",
            )


def _head(project: Project, module: str) -> str | None:
    """The head of a module; None: it has no revision. Raises MultipleHeads, also where several are
    meant: which one is to be followed is not clear."""
    heads = project.graph.heads.get(module, ())
    if len(heads) > 1:
        raise MultipleHeads(
            f"{module} has {len(heads)} heads ({', '.join(heads)}); nothing was written",
            hint=f"`modalembic merge {module}` joins them",
            path=project.graph.revisions[heads[-1]].path,
        )
    return heads[0] if heads else None


def _head_to_transfer(project: Project, source: str, module: str, head: str | None) -> str:
    needed = _head(project, project.module(source).name)
    if needed is None:
        raise NothingToTransfer(f"{source} has no revision; nothing was written")
    if head is not None and needed in project.graph.ancestors([head]):
        raise NothingToTransfer(
            f"{head}, the head of {module}, comes after {needed}, the head of {source}, already; "
            "nothing was written",
            path=project.graph.revisions[head].path,
        )
    return needed


def _with_text(change: Change, message: str, paragraph: str) -> Change:
    assert change.after is not None
    return Change(change.path, change.before, with_paragraph(change.after, message, paragraph))


def _check(project: Project, planned: PlannedRevision) -> None:
    """Raise RevisionTemplateError unless the file says what was planned."""
    loaded = Project.load(project.root)
    found = loaded.graph.revisions.get(planned.revision)
    down = () if planned.down_revision is None else (planned.down_revision,)
    if found is None or (found.down_revisions, found.depends_on) != (down, planned.depends_on):
        raise RevisionTemplateError(
            "the file that was made does not have the id, down_revision and depends_on that it "
            "should have; it was removed again",
            hint="script.py.mako has to write revision, down_revision, branch_labels and "
            "depends_on, as Alembic's own template does",
            path=project.alembic.ini or project.alembic.toml or project.configuration.file,
        )
