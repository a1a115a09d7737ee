"""`revision --autogenerate`: from models to revision files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modalembic.authoring.autogenerate.counting import concerning, counted
from modalembic.authoring.autogenerate.danger import danger_of
from modalembic.authoring.autogenerate.draft import Draft, Drafting
from modalembic.authoring.autogenerate.explained import explanation
from modalembic.authoring.autogenerate.label_renames import LabelRename
from modalembic.authoring.autogenerate.named_database import require_as_migrated
from modalembic.authoring.autogenerate.needed import Place, places
from modalembic.authoring.autogenerate.owners import Owners, owners_of
from modalembic.authoring.autogenerate.proof import Proof, told
from modalembic.authoring.autogenerate.renames import (
    Rename,
    Wanted,
    decided,
    tables_renamed,
)
from modalembic.authoring.autogenerate.source import Body, Writer
from modalembic.authoring.autogenerate.trial import Bench
from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.docstring import with_paragraph
from modalembic.authoring.head_files import heads_after
from modalembic.authoring.hooks import run_hooks
from modalembic.authoring.lines import location_to_write
from modalembic.authoring.move.width import line_width
from modalembic.authoring.revisions import NewRevision, new_id, revision_changes
from modalembic.errors import RevisionTemplateError, UsageError
from modalembic.postgres.catalog import Difference
from modalembic.project import Project
from modalembic.runtime.drift.migrations import scratch_upgraded
from modalembic.runtime.drift.sides import Sides, open_sides
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import Scratch, shared_scratch


@dataclass(frozen=True)
class Generated:
    """A revision to write: where it stands and why; what it destroys, what fails where there are
    rows, and what stays when it is undone."""

    module: str
    place: Place
    path: Path
    destructive: tuple[str, ...]
    warnings: tuple[str, ...]
    stays: tuple[str, ...]


@dataclass(frozen=True)
class PlannedRevisions:
    """The revisions to write, and the changes to files; both are empty where the models and the
    migrations agree. `left` is what is left to do by hand."""

    revisions: tuple[Generated, ...]
    changes: ChangeSet
    left: tuple[str, ...]


def plan_revisions(
    project: Project,
    message: str,
    *,
    module: str | None = None,
    renames: Wanted | None = None,
    database: str | None = None,
    observer: Observer | None = None,
    scratch: Scratch | None = None,
) -> PlannedRevisions:
    """One revision for each module whose models have changed (with `module`, for that one alone),
    proven on scratch databases; nothing is written. `renames` is what is known of these, `database`
    one that has to be what its own revisions make, whichever these are.

    Raises UsageError, RenameUndecided, DatabaseDrifted, NoOwner, TwoOwners, MultipleHeads,
    RevisionsNotProven, what `check drift` raises, and what `location_to_write` raises.
    """
    if not message.strip():
        raise UsageError("a revision needs a message", hint='-m "what it does"')
    project.require_sound()
    if module is not None:
        location_to_write(project, module)
    watching = observer or Observer()
    with (
        database_errors_explained(),
        shared_scratch(scratch, project, watching) as shared,
    ):
        if database is not None:
            require_as_migrated(project, database, shared, watching)
        sides = open_sides(project, shared, watching)
        differences = counted(sides, sides.compared().differences)
        owners = owners_of(project, sides)
        concerned = concerning(owners, differences, module)
        if not concerned:
            return PlannedRevisions((), ChangeSet(project.root, ()), ())
        sides.loaded.require_owners()
        found = decided(renames or Wanted(), sides.models.catalog, sides.made.catalog, concerned)
        owners = owners_of(project, sides, tables_renamed(found))
        planning = _Planning(project, sides, owners, message, module, watching)
        return planning.planned(concerned, found)


def write_revisions(project: Project, planned: PlannedRevisions) -> tuple[Path, ...]:
    """Write planned revisions and run the project's hooks on them; the files that were written.

    The project is then read anew, and has to have the revisions as planned; if not, or if anything
    fails on the way, no file is left. Raises what `ChangeSet.apply` raises, HookFailed, and
    RevisionTemplateError.
    """

    def finish(written: tuple[Path, ...]) -> None:
        run_hooks(project, written)
        graph = Project.load(project.root).graph
        for each in planned.revisions:
            _check(project, each, graph.revisions.get(each.place.id))

    return planned.changes.apply(then=finish)


def _check(project: Project, generated: Generated, found: object) -> None:
    place = generated.place
    down = () if place.down is None else (place.down,)
    needs = tuple(need.revision for need in place.needs)
    if (getattr(found, "down_revisions", None), getattr(found, "depends_on", None)) != (
        down,
        needs,
    ):
        raise RevisionTemplateError(
            "a file that was made does not have the id, down_revision and depends_on that it "
            "should have; all were removed again",
            hint="script.py.mako has to write revision, down_revision, branch_labels and "
            "depends_on, as Alembic's own template does",
            path=project.alembic.ini or project.alembic.toml or project.configuration.file,
        )


@dataclass(frozen=True)
class _Planning:
    project: Project
    sides: Sides
    owners: Owners
    message: str
    module: str | None
    observer: Observer

    def planned(
        self, differences: Sequence[Difference], renames: Sequence[Rename | LabelRename]
    ) -> PlannedRevisions:
        project, scratch, owners = self.project, self.sides.scratch, self.owners
        goals = project.graph.revisions.keys()
        with scratch_upgraded(project, scratch.server, goals, self.observer) as (url, _):
            bench = Bench(project, url)
            drafting = Drafting(bench, self.sides, owners, differences, self.module)
            draft = drafting.draft(renames)
            bodies = self._bodies(bench, draft)
        ids = [new_id() for _ in draft.groups]
        left = tuple(f"{told(each.difference)}: {each.reason}" for each in draft.left)
        if not draft.groups:
            return PlannedRevisions((), ChangeSet(project.root, ()), left)
        proof = Proof(
            self.sides,
            owners,
            self.module,
            self.sides.made.catalog,
            tuple(each.difference for each in draft.left),
            tuple(each.difference for each in draft.stays),
            self.observer,
        )
        found = self._placed(draft, bodies, owners, ids, proof)
        proof.prove(found.changes, ids)
        return replace(found, left=left)

    def _bodies(self, bench: Bench, draft: Draft) -> list[Body]:
        bodies: list[Body] = []

        def work(context: object) -> None:
            writer = Writer(context, line_width(self.project.root))  # type: ignore[arg-type]
            last = {group.module: number for number, group in enumerate(draft.groups)}
            for number, (group, undoing) in enumerate(
                zip(draft.groups, draft.undoing, strict=True)
            ):
                by_hand = (
                    draft.by_hand.get(group.module, ()) if last[group.module] == number else ()
                )
                bodies.append(writer.body(group, undoing, by_hand))

        bench.in_environment(work)
        return bodies

    def _placed(
        self,
        draft: Draft,
        bodies: Sequence[Body],
        owners: Owners,
        ids: Sequence[str],
        proof: Proof,
    ) -> PlannedRevisions:
        """With the dependencies that each revision needs to run with nothing else before it."""
        found = places(self.project, owners, draft.groups, ids)
        planned = self._files(draft, bodies, found)
        failing = proof.failing_alone(planned.changes, ids)
        if not failing:
            return planned
        found = places(self.project, owners, draft.groups, ids, wide=failing)
        return self._files(draft, bodies, found)

    def _files(
        self, draft: Draft, bodies: Sequence[Body], found: Sequence[Place]
    ) -> PlannedRevisions:
        project = self.project
        new = [
            NewRevision(
                id=place.id,
                message=self.message,
                location=location_to_write(project, group.module),
                down_revisions=() if place.down is None else (place.down,),
                depends_on=tuple(need.revision for need in place.needs),
                branch_labels=(group.module,) if place.down is None else (),
                upgrades=body.upgrades,
                downgrades=body.downgrades,
                imports=body.imports,
            )
            for group, body, place in zip(draft.groups, bodies, found, strict=True)
        ]
        width = line_width(project.root)
        names = {place.id: group.module for group, place in zip(draft.groups, found, strict=True)}
        changes = [
            self._explained(change, explanation(names[place.id], place, found, names, width))
            for change, place in zip(revision_changes(project, new), found, strict=True)
        ]
        generated = tuple(
            _generated(group.module, place, change.path, draft, number)
            for number, (group, place, change) in enumerate(
                zip(draft.groups, found, changes, strict=True)
            )
        )
        heads = heads_after(project, new)
        return PlannedRevisions(generated, ChangeSet.of(project.root, (*changes, *heads)), ())

    def _explained(self, change: Change, paragraph: str) -> Change:
        assert change.after is not None
        text = with_paragraph(change.after, self.message, paragraph)
        return Change(change.path, change.before, text)


def _generated(module: str, place: Place, path: Path, draft: Draft, number: int) -> Generated:
    dangers = [danger for item in draft.groups[number].items if (danger := danger_of(item))]
    return Generated(
        module,
        place,
        path,
        tuple(each.what for each in dangers if each.destructive),
        tuple(each.what for each in dangers if not each.destructive),
        tuple(draft.undoing[number].stays),
    )
