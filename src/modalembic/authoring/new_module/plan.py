"""All that `new-module` writes, worked out before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.files import read_exactly
from modalembic.authoring.head_files import heads_after
from modalembic.authoring.locations import with_version_locations
from modalembic.authoring.new_module.files import ModuleFiles, module_files
from modalembic.authoring.new_module.place import Place, find_place
from modalembic.authoring.new_module.registration import (
    Registration,
    registration_of,
    with_entry_points,
    with_registration,
)
from modalembic.authoring.new_module.request import Request, check_project, check_request
from modalembic.authoring.revisions import NewRevision, new_id, revision_changes
from modalembic.authoring.version_location import usual_location
from modalembic.errors import ModulePlaceError
from modalembic.modules import Module
from modalembic.modules.module import Origin
from modalembic.modules.reading import below_package
from modalembic.project import Project


@dataclass(frozen=True)
class NewModule:
    """A module to make: as it will be discovered, its first revision, the components that it has,
    and every change to a file. `models` is the package of its models; `reinstall` says that the
    project has to be installed anew for its entry point to be known."""

    module: Module
    revision: str
    depends_on: tuple[str, ...]
    components: tuple[str, ...]
    models: str | None
    reinstall: bool
    changes: ChangeSet


def plan_new_module(project: Project, request: Request) -> NewModule:
    """What makes the module of `request`. Nothing is written.

    Raises what is wrong with the project; ModuleNameError, ModuleExists, UnknownModule or
    UsageError for what was asked; ModulePlaceError; ModuleTemplateError and RevisionTemplateError.
    """
    check_project(project)
    check_request(project, request)
    place = find_place(project, request)
    files = module_files(project, request, place)
    location = _location(project, place, files)
    registration = registration_of(project, request, place, has_manifest=files.manifest is not None)
    module = Module(
        name=request.name,
        origin=Origin("directory", place.directory),
        tier=request.tier,
        requires=request.requires,
        directory=place.directory,
        package=place.package,
        location=location,
    )
    revision = _first_revision(project, module)
    changes = (
        *_changes_of_configuration(project, module, registration),
        *(Change(path, None, "") for path in _packages_above(project, place)),
        *(Change(path, None, text) for path, text in sorted(files.beside.items())),
        *(Change(place.directory / name, None, files.own[name]) for name in sorted(files.own)),
        *revision_changes(project, [revision]),
        *heads_after(project, [revision]),
    )
    return NewModule(
        module,
        revision.id,
        revision.depends_on,
        files.components,
        files.models,
        registration.reinstall,
        ChangeSet.of(project.root, changes),
    )


def _first_revision(project: Project, module: Module) -> NewRevision:
    """It carries the label, and depends on the last revisions of what the module requires, and of
    the central locations, which come before all modules; what another of them needs anyway is left
    out."""
    assert module.location is not None
    central = (each.name for each in project.modules if each.central)
    names = dict.fromkeys((*central, *module.requires))
    heads = (head for name in names for head in project.graph.heads.get(name, ()))
    return NewRevision(
        id=new_id(),
        message=f"Start the {module.name} branch",
        location=module.location,
        depends_on=project.graph.tops(heads),
        branch_labels=(module.name,),
        stays_empty=True,
    )


def _location(project: Project, place: Place, files: ModuleFiles) -> Path:
    """Where the module's revisions go: where the others have theirs, unless its manifest says so
    otherwise."""
    location = place.directory / usual_location(project)
    if files.manifest is not None and files.manifest.versions is not None:
        named = below_package(place.directory, place.package, files.manifest.versions)
        if location not in {named, named / "versions"}:
            location = named
    if not location.is_relative_to(place.directory) or location == place.directory:
        raise ModulePlaceError(
            f"the manifest has the revisions in {location}, which is not below the module; nothing "
            "was written",
            hint="correct the path in the manifests, or in your template",
        )
    return location


def _packages_above(project: Project, place: Place) -> Iterator[Path]:
    """The `__init__.py` of each package that is made on the way; directories that are there already
    stay what they are, and below one without the file none gets it."""
    missing: list[Path] = []
    for parent in place.directory.parents:
        if parent in project.search:
            break
        if parent.exists():
            missing = missing if (parent / "__init__.py").exists() else []
            break
        missing.append(parent / "__init__.py")
    yield from reversed(missing)


def _changes_of_configuration(
    project: Project, module: Module, registration: Registration
) -> Iterator[Change]:
    """The configuration with what makes the module known, to modalembic and to stock Alembic; both
    may be in one file."""
    configuration, listed = project.configuration, project.alembic.listed_in
    before: dict[Path, str] = {}
    after: dict[Path, str] = {}

    def text(path: Path) -> str:
        before.setdefault(path, read_exactly(path))
        return after.get(path, before[path])

    file = configuration.file
    after[file] = with_registration(configuration, text(file), module.name, registration)
    if registration.entry_points is not None:
        pyproject = project.root / "pyproject.toml"
        after[pyproject] = with_entry_points(
            text(pyproject), module.name, registration.entry_points
        )
    if listed is not None:
        modules = (*project.modules, module)
        after[listed] = with_version_locations(project, text(listed), modules)
    for path in sorted(after):
        yield Change(path, before[path], after[path])
