"""The first revisions of modules that have none: empty, with the branch label, after all that the
old history did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.adopt.central import modules_without_revisions
from modalembic.authoring.changes import Change
from modalembic.authoring.docstring import with_paragraph
from modalembic.authoring.head_files import heads_after
from modalembic.authoring.revisions import NewRevision, new_id, revision_changes
from modalembic.authoring.taken_over import taken_over, transfer_text
from modalembic.authoring.version_location import usual_location
from modalembic.checks.places import is_own
from modalembic.errors import AdoptRefused, ManifestError
from modalembic.modules import Module
from modalembic.modules.manifest import read_manifest
from modalembic.modules.reading import below_package
from modalembic.project import Project


@dataclass(frozen=True)
class FirstRevision:
    """A module's first revision: its id, its directory, the heads that it depends on, and the
    tables that the module takes over, by the history that made them."""

    module: str
    revision: str
    location: Path
    depends_on: tuple[str, ...]
    taken_over: Mapping[str, tuple[str, ...]]

    @property
    def tables(self) -> tuple[str, ...]:
        """All tables that it takes over."""
        return tuple(sorted({name for names in self.taken_over.values() for name in names}))

    @property
    def message(self) -> str:
        """What the revision says of itself."""
        return f"Start the {self.module} branch"


def first_revisions(project: Project, centrals: Sequence[str]) -> tuple[FirstRevision, ...]:
    """One for each module of the project's own that has no revision; `centrals` are the names of
    the old history's locations. Raises AdoptRefused where a label is taken."""
    heads = project.graph.tops(
        head for name in centrals for head in project.graph.heads.get(name, ())
    )
    usual = usual_location(project)
    found = []
    for module in modules_without_revisions(project):
        if module.directory is None or not is_own(project, module.directory):
            continue
        _refuse_taken(project, module)
        tables = {name: taken_over(project, name, module.name) for name in centrals}
        location = module.location or _location(project, module, usual)
        found.append(FirstRevision(module.name, new_id(), location, heads, tables))
    return tuple(found)


def changes_of(project: Project, revisions: Sequence[FirstRevision]) -> tuple[Change, ...]:
    """Their files, and the `HEAD` files beside them. Raises RevisionTemplateError."""
    new = [
        NewRevision(
            id=each.revision,
            message=each.message,
            location=each.location,
            depends_on=each.depends_on,
            branch_labels=(each.module,),
            stays_empty=True,
        )
        for each in revisions
    ]
    made = revision_changes(project, new)
    return (
        *(_with_text(change, each) for change, each in zip(made, revisions, strict=True)),
        *heads_after(project, new),
    )


def _with_text(change: Change, revision: FirstRevision) -> Change:
    assert change.after is not None
    text = "\n\n".join(_paragraphs(revision))
    if not text:
        return change
    return Change(change.path, None, with_paragraph(change.after, revision.message, text))


def _paragraphs(revision: FirstRevision) -> list[str]:
    with_tables = {name: tables for name, tables in revision.taken_over.items() if tables}
    if with_tables:
        return [transfer_text(name, tables) for name, tables in with_tables.items()]
    names = [*revision.taken_over] if revision.depends_on else []
    return [transfer_text(name, ()) for name in names[:1]]


def _location(project: Project, module: Module, usual: str) -> Path:
    """Where its manifest says, else where the others have theirs."""
    assert module.directory is not None
    try:
        manifest = read_manifest(module.directory, project.configuration.manifest)
    except ManifestError:
        manifest = None
    if manifest is None or manifest.versions is None:
        return module.directory / usual
    return below_package(module.directory, module.package, manifest.versions)


def _refuse_taken(project: Project, module: Module) -> None:
    id_ = project.graph.labels.get(module.name)
    if id_ is None:
        return
    revision = project.graph.revisions[id_]
    raise AdoptRefused(
        f"the branch label {module.name!r} is one of the old history's, and the module "
        f"{module.name} needs it for its own branch; nothing was written",
        hint="give the module another name in its manifest, or take it out of --modules and its "
        "revisions into its directory first",
        path=revision.path,
        line=revision.line,
    )
