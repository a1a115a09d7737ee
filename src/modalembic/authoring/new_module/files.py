"""The files of a new module, but for its first revision: path below the module, and text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from modalembic.authoring.new_module.base import Base, find_base
from modalembic.authoring.new_module.components import (
    ALWAYS,
    Template,
    chosen_components,
    rendered,
    templates,
)
from modalembic.authoring.new_module.manifest import check_manifest, has_manifest, manifest_text
from modalembic.authoring.new_module.place import Place
from modalembic.authoring.new_module.request import Request
from modalembic.authoring.new_module.shared_base import shared_base
from modalembic.authoring.new_module.words import Words
from modalembic.modules.manifest import Manifest
from modalembic.modules.reading import models_pattern
from modalembic.project import Project

_MODELS = "models"
_PACKAGE = "{package}."
_BASE = re.compile(rb"\bbase\.(statement|expression|name|module)\b")


@dataclass(frozen=True)
class ModuleFiles:
    """`own` are the files below the module, `beside` those elsewhere (by absolute path): what the
    module needs and the project lacks. `models` is the package of its models, None without."""

    own: Mapping[str, str]
    beside: Mapping[Path, str]
    components: tuple[str, ...]
    manifest: Manifest | None
    models: str | None


def module_files(project: Project, request: Request, place: Place) -> ModuleFiles:
    """Every file that the components have, rendered. Raises UsageError, ConfigurationError or
    ModuleTemplateError where one cannot be had."""
    known = templates(project)
    components = chosen_components(project, (each.component for each in known), request.components)
    chosen = tuple(each for each in known if each.component in components)
    manifest = _Manifest(project, request, place, known)
    base, beside = None, dict[Path, str]()
    if _MODELS in components and (request.base or any(_needs_base(each) for each in chosen)):
        base = find_base(project, place.package, request.base)
        if base is None:
            base, beside = shared_base(project, place)
    values = _values(request, place, components, base)
    text, read = manifest.made(values)
    models = _models_package(project, place, read)
    values["models"] = models
    own = dict(rendered(each, values) for each in chosen if not manifest.is_it(each))
    if text is None:
        components = tuple(name for name in components if name != "definition")
    else:
        own[project.configuration.manifest.file] = text
    own = _moved_models(own, place, models)
    return ModuleFiles(own, beside, components, read, models if _MODELS in components else None)


def _needs_base(template: Template) -> bool:
    """Whether this is a reason to find a base; tests only use the one that models have."""
    if template.component == "tests":
        return False
    return (
        template.name.endswith(".mako") and _BASE.search(template.source.read_bytes()) is not None
    )


def _values(
    request: Request, place: Place, components: Iterable[str], base: Base | None
) -> dict[str, Any]:
    """What a template may use."""
    words = Words(request.name)
    return {
        "name": request.name,
        "title": words.title,
        "class_name": words.class_name,
        "package": place.package,
        "models": f"{place.package}.{_MODELS}",
        "tier": request.tier,
        "requires": request.requires,
        "components": tuple(components),
        "base": base,
    }


@dataclass(frozen=True)
class _Manifest:
    """The module's manifest: the project's template for it, else one like those of the others."""

    project: Project
    request: Request
    place: Place
    known: tuple[Template, ...]

    def is_it(self, template: Template) -> bool:
        """Whether this is the project's own template for the manifest."""
        file = self.project.configuration.manifest.file
        return file != "__init__.py" and template.name.removesuffix(".mako") == file

    def made(self, values: Mapping[str, Any]) -> tuple[str | None, Manifest | None]:
        """Its text and what is read in it; None where this project writes none."""
        own = next((each for each in self.known if self.is_it(each)), None)
        if own is not None:
            text = rendered(own, values)[1]
        elif has_manifest(self.project):
            text = manifest_text(
                self.project,
                self.request,
                self.place.package,
                tuple(name for name in values["components"] if name not in ALWAYS),
            )
        else:
            return None, None
        return text, check_manifest(self.project, self.request, text)


def _models_package(project: Project, place: Place, manifest: Manifest | None) -> str:
    """Where the configuration, or the manifest, has the models of this module."""
    patterns = project.configuration.models
    if manifest is not None and manifest.models is not None:
        patterns = (models_pattern(manifest.models),)
    below = [each for each in patterns if each.startswith(_PACKAGE)]
    conventional = f"{_PACKAGE}{_MODELS}"
    chosen = conventional if conventional in below or not below else below[0]
    return chosen.replace("{package}", place.package)


def _moved_models(own: Mapping[str, str], place: Place, models: str) -> dict[str, str]:
    """The files with those of the models where they are to be, each directory a package."""
    if models == f"{place.package}.{_MODELS}" or not any(n.startswith(f"{_MODELS}/") for n in own):
        return dict(own)
    directory = models.removeprefix(f"{place.package}.").replace(".", "/")
    moved = {
        f"{directory}/{name.removeprefix(_MODELS + '/')}"
        if name.startswith(f"{_MODELS}/")
        else name: text
        for name, text in own.items()
    }
    for parent in PurePosixPath(directory).parents:
        if parent.name:
            moved.setdefault(f"{parent.as_posix()}/__init__.py", "")
    return moved
