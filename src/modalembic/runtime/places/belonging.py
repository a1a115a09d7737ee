"""Where a difference belongs: the module, and the file and line of the model or of the revision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from modalembic.history.revision import Revision
from modalembic.modules.ownership import read_ownership
from modalembic.postgres.catalog import Catalog, Difference
from modalembic.postgres.catalog.keys import type_key
from modalembic.postgres.catalog.names import qualified
from modalembic.project import Project
from modalembic.runtime.places.member_lines import MemberLines, models_of
from modalembic.runtime.places.mentions import Mentions
from modalembic.runtime.places.source_lines import SourceLines

if TYPE_CHECKING:
    from modalembic.runtime.models.loaded import LoadedModels

DEFAULT_SCHEMA = "public"
# The last part of a qualified name, and the table's in front of it.
_PARTS = re.compile(r'"(?:[^"]|"")+"|[^".(\s]+')


@dataclass(frozen=True)
class Place:
    """A module and a line of a file; None for what is not known."""

    module: str | None = None
    path: Path | None = None
    line: int | None = None


class Compared(Protocol):
    """What was compared: two catalogs, and the models that made one of them, if they were imported.
    `Drift` is one."""

    @property
    def expected(self) -> Catalog: ...

    @property
    def actual(self) -> Catalog: ...

    @property
    def models(self) -> LoadedModels | None: ...


@dataclass(frozen=True)
class Sides:
    """What was compared, by itself."""

    expected: Catalog
    actual: Catalog
    models: LoadedModels | None = None


class Places:
    """The places of the differences in what was compared of `project`.

    Between models and migrations that is the model's, or the revision's where no model has the
    table; against a live database the last revision's that speaks of the object.
    """

    def __init__(self, project: Project, compared: Compared) -> None:
        self._project = project
        self._compared = compared

    def of(self, difference: Difference) -> Place:
        """The place of a difference; that of nothing where the project is not sound."""
        if self._project.problems:
            return Place()
        tables = self._models
        table = difference.table or self._user_of(difference)
        if difference.expected is None and difference.object == "table":
            table = self._whole_of(table)
        model = tables.get(table) if table is not None else None
        if self._compared.models is not None and model is not None and model.path is not None:
            return self._of_model(model, difference)
        if self._compared.models is not None and table is None:
            named = self._named(difference.name)
            if named is not None:
                return named
        revision = self._revision(difference)
        named = self._of_source(difference)
        if named is not None:
            return Place(named.module or revision.module, named.path, named.line)
        if model is not None:
            return Place(model.module, revision.path, revision.line) if revision.path else model
        return revision

    def _of_model(self, model: Place, difference: Difference) -> Place:
        """The line of the model that says what differs. What nobody owns belongs to the module
        whose revision made it."""
        module = model.module or self._revision(difference).module
        found = self._member_lines.of(difference)
        if found is not None:
            return Place(module, *found)
        named = self._of_source(difference) if difference.table != difference.name else None
        return (
            Place(module, model.path, model.line)
            if named is None
            else replace(named, module=module)
        )

    def _of_source(self, difference: Difference) -> Place | None:
        """Where the application names what it makes by other means than a model."""
        if self._compared.models is None or difference.expected is None:
            return None
        if difference.object in {"column", "schema", "extension"}:
            return None
        names = _PARTS.findall(difference.name.partition("(")[0])
        found = self._source_lines.of(_raw(names[-1])) if names else None
        return Place(*found) if found is not None else None

    @cached_property
    def _source_lines(self) -> SourceLines:
        return SourceLines(self._project)

    @cached_property
    def _member_lines(self) -> MemberLines:
        loaded = self._compared.models
        models = {
            qualified(each.table.schema or DEFAULT_SCHEMA, each.table.name): models_of(
                each.definition
            )
            for each in (loaded.tables if loaded is not None else ())
        }
        return MemberLines(models, (self._compared.expected, self._compared.actual))

    @cached_property
    def _models(self) -> Mapping[str, Place]:
        """The place of each table's model, by the table's qualified name."""
        found: dict[str, Place] = {}
        loaded = self._compared.models
        if loaded is not None:
            for each in loaded.tables:
                name = qualified(each.table.schema or DEFAULT_SCHEMA, each.table.name)
                found[name] = Place(each.owner, each.definition.path, each.definition.line)
            return found
        project = self._project
        ownership = read_ownership(project.modules, project.search, project.configuration)
        for key, owner in ownership.owners.items():
            found[_qualified(key)] = Place(owner)
        for definition in ownership.sources.definitions:
            if definition.table is not None:
                name = _qualified(definition.table)
                owner = found[name].module if name in found else None
                found[name] = Place(owner, definition.path, definition.line)
        return found

    def _whole_of(self, table: str | None) -> str | None:
        """The partitioned table of which one that is too much is a partition; else itself."""
        for each in self._compared.actual.tables:
            if each.partition_of is not None and qualified(each.schema, each.name) == table:
                return self._whole_of(each.partition_of)
        return table

    def _user_of(self, difference: Difference) -> str | None:
        """The table of the sequence, or the first with a column of the type, that differs."""
        names = _PARTS.findall(difference.name)
        if len(names) < 2:
            return None
        schema, name = _raw(names[0]), _raw(names[1])
        key = type_key(schema, name)
        for catalog in (self._compared.expected, self._compared.actual):
            for sequence in catalog.sequences:
                if qualified(sequence.schema, sequence.name) == difference.name:
                    return (sequence.owned_by or "").rpartition(".")[0] or None
            for table in catalog.tables:
                if key in table.requires:
                    return qualified(table.schema, table.name)
        return None

    def _revision(self, difference: Difference) -> Place:
        """Where a revision speaks of the object; for one that nobody's revision made, and that is
        in no table of theirs, there is none."""
        names = [_raw(name) for name in _PARTS.findall(difference.name.partition("(")[0])]
        wanted = names[1:] if len(names) > 1 else names
        if not wanted:
            return Place()
        member = wanted[1] if len(wanted) > 1 else None
        kind, part = difference.object, difference.part
        found = self._mentions.of(wanted[0], member, kind, part)
        if found is None and difference.table is not None:
            table = [_raw(name) for name in _PARTS.findall(difference.table)]
            found = self._mentions.of(table[-1], None, "table", None)
        by_us = difference.expected is not None or self._compared.models is not None
        if found is None and by_us:
            found = self._mentions.text(wanted[-1:])
        if found is None:
            return Place()
        revision = found.revision
        return Place(self._module(revision, wanted[0]), Path(revision.path), found.line)

    def _module(self, revision: Revision, name: str) -> str:
        """The module of a revision; where that stands in a central location, the module whose
        models name the object, if one does."""
        if not self._project.by_name[revision.module].central:
            return revision.module
        named = self._named(name)
        return named.module if named is not None and named.module else revision.module

    def _named(self, name: str) -> Place | None:
        """Where a file with models names an object that belongs to no table (a sequence, say)."""
        parts = _PARTS.findall(name)
        quoted = re.compile(rf"""["']{re.escape(_raw(parts[-1]))}["']""") if parts else None
        for module, path, text in self._models_texts:
            found = quoted.search(text) if quoted is not None else None
            if found is not None:
                return Place(module, path, text.count("\n", 0, found.start()) + 1)
        return None

    @cached_property
    def _models_texts(self) -> tuple[tuple[str, Path, str], ...]:
        """Every file with a model, with the module of its tables."""
        places = {
            (place.module, place.path)
            for place in self._models.values()
            if place.module is not None and place.path is not None
        }
        return tuple((module, path, _text(path)) for module, path in sorted(places))

    @cached_property
    def _mentions(self) -> Mentions:
        return Mentions(self._project)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _qualified(key: str) -> str:
    """The qualified name of a table by its key in a MetaData."""
    schema, _, name = key.rpartition(".")
    return qualified(schema or DEFAULT_SCHEMA, name)


def _raw(name: str) -> str:
    """An identifier without its quotes."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
