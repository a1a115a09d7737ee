"""Where a difference belongs: the module, and the file and line of the model or of the revision."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from modalembic.history.plan import plan_upgrade
from modalembic.history.revision import Revision
from modalembic.modules.ownership import read_ownership
from modalembic.postgres.catalog import Difference
from modalembic.postgres.catalog.keys import type_key
from modalembic.postgres.catalog.names import qualified
from modalembic.project import Project
from modalembic.runtime.drift import Drift

DEFAULT_SCHEMA = "public"
# The last part of a qualified name, and the table's in front of it.
_PARTS = re.compile(r'"(?:[^"]|"")+"|[^".(\s]+')


@dataclass(frozen=True)
class Place:
    """A module and a line of a file; None for what is not known."""

    module: str | None = None
    path: Path | None = None
    line: int | None = None


class Places:
    """The places of the differences of one `drift`.

    Between models and migrations that is the model's, or the revision's where no model has the
    table; against a live database the last revision's that speaks of the object.
    """

    def __init__(self, project: Project, drift: Drift) -> None:
        self._project = project
        self._drift = drift

    def of(self, difference: Difference) -> Place:
        """The place of a difference."""
        tables = self._models
        table = difference.table or self._user_of(difference)
        model = tables.get(table) if table is not None else None
        if self._drift.models is not None and model is not None and model.path is not None:
            return model
        revision = self._revision(difference)
        if model is not None:
            return Place(model.module, revision.path, revision.line) if revision.path else model
        return revision

    @cached_property
    def _models(self) -> Mapping[str, Place]:
        """The place of each table's model, by the table's qualified name."""
        found: dict[str, Place] = {}
        loaded = self._drift.models
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

    def _user_of(self, difference: Difference) -> str | None:
        """The first table with a column of the type that differs."""
        names = _PARTS.findall(difference.name)
        if len(names) < 2:
            return None
        schema, name = _raw(names[0]), _raw(names[1])
        key = type_key(schema, name)
        for catalog in (self._drift.expected, self._drift.actual):
            for table in catalog.tables:
                if key in table.requires:
                    return qualified(table.schema, table.name)
        return None

    def _revision(self, difference: Difference) -> Place:
        """The last revision that speaks of the object and of its table; failing that, the first
        that speaks of the table."""
        names = [_raw(name) for name in _PARTS.findall(difference.name.partition("(")[0])]
        wanted = names[1:] if len(names) > 1 else names
        if not wanted:
            return Place()
        found = [each for each in self._mentions(wanted[-1]) if _speaks_of(each[1], wanted)]
        if found:
            return _place(found[-1], wanted[-1])
        for each in self._mentions(wanted[0]):
            return _place(each, wanted[0])
        return Place()

    def _mentions(self, name: str) -> Iterator[tuple[Revision, str]]:
        for revision, text in self._texts:
            if name in text and _speaks_of(text, [name]):
                yield revision, text

    @cached_property
    def _texts(self) -> tuple[tuple[Revision, str], ...]:
        """Every revision in an order in which they may run, with the text of its file."""
        project = self._project
        goals = project.graph.revisions.keys()
        plan = plan_upgrade(project.graph, "heads", goals, frozenset(), project.module_order)
        return tuple((step.revision, _text(step.revision)) for step in plan.steps)


def _place(found: tuple[Revision, str], name: str) -> Place:
    revision, text = found
    match = _word(name).search(text)
    line = text.count("\n", 0, match.start()) + 1 if match is not None else revision.line
    return Place(revision.module, Path(revision.path), line)


def _text(revision: Revision) -> str:
    try:
        return Path(revision.path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _speaks_of(text: str, names: list[str]) -> bool:
    return all(_word(name).search(text) for name in names)


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def _qualified(key: str) -> str:
    """The qualified name of a table by its key in a MetaData."""
    schema, _, name = key.rpartition(".")
    return qualified(schema or DEFAULT_SCHEMA, name)


def _raw(name: str) -> str:
    """An identifier without its quotes."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
