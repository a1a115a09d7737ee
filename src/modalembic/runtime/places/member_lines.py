"""The line of a model that says what differs: of a column, an index or a constraint, and of the
column that a sequence or a type belongs to."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modalembic.modules.model_lines import Model, ModelLines
from modalembic.postgres.catalog import Catalog, Difference
from modalembic.postgres.catalog.keys import type_key
from modalembic.postgres.catalog.model import Constraint, Index, Table
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.runtime.models.definitions import TableDefinition

_PLAIN = re.compile(r'[\w$]+|"(?:[^"]|"")+"')
_OF_TYPES = frozenset({"attribute", "domain constraint"})


@dataclass(frozen=True)
class MemberLines:
    """`models` are the models of tables by their qualified names, each with the classes that it
    takes columns from; `catalogs` say what belongs to what, the first that knows it."""

    models: Mapping[str, tuple[Model, ...]]
    catalogs: tuple[Catalog, ...]
    _lines: ModelLines = field(default_factory=ModelLines)

    def of(self, difference: Difference) -> tuple[Path, int] | None:
        """The file and line; None where the model's source does not show it."""
        for table, member in self._members(difference):
            for model in self.models.get(qualified(table.schema, table.name), ()):
                line = self._line(model, member)
                if line is not None:
                    return model.path, line
        return None

    def _line(self, model: Model, member: str | Constraint | Index) -> int | None:
        if isinstance(member, str):
            return self._lines.column(model, member)
        if isinstance(member, Index):
            columns = [_raw(k.expression) for k in member.keys if _PLAIN.fullmatch(k.expression)]
            return self._lines.part(model, "index", member.name, columns)
        return self._lines.part(model, member.kind, member.name, member.columns)

    def _members(self, difference: Difference) -> Iterator[tuple[Table, str | Constraint | Index]]:
        """The member that differs, or the columns that it belongs to, with its table."""
        for table in (table for catalog in self.catalogs for table in catalog.tables):
            name = qualified(table.schema, table.name)
            if difference.table in {None, name}:
                yield from ((table, each) for each in _belonging(table, name, difference))
        yield from self._owners(difference.name)

    def _owners(self, name: str) -> Iterator[tuple[Table, str]]:
        """The columns that own a sequence."""
        for catalog in self.catalogs:
            owned = {qualified(s.schema, s.name): s.owned_by for s in catalog.sequences}
            for table in catalog.tables:
                for column in table.columns:
                    full = f"{qualified(table.schema, table.name)}.{quote(column.name)}"
                    if owned.get(name) == full:
                        yield table, column.name


def models_of(definition: TableDefinition) -> tuple[Model, ...]:
    """The model that a table is defined by, and the classes that it inherits from, as far as they
    have been imported."""
    found = [Model(definition.path, definition.symbol, definition.line)]
    class_: object = sys.modules.get(definition.module)
    for part in (definition.symbol or "").split("."):
        class_ = getattr(class_, part, None)
    for base in class_.__mro__[1:] if isinstance(class_, type) else ():
        file = getattr(sys.modules.get(base.__module__), "__file__", None)
        if file is not None and not base.__module__.startswith("sqlalchemy."):
            found.append(Model(Path(file), base.__qualname__))
    return tuple(found)


def _belonging(
    table: Table, name: str, difference: Difference
) -> Iterable[str | Constraint | Index]:
    if difference.object == "column":
        return [c.name for c in table.columns if f"{name}.{quote(c.name)}" == difference.name]
    if difference.object == "constraint":
        return [c for c in table.constraints if f"{name}.{quote(c.name)}" == difference.name]
    if difference.object == "index":
        return [i for i in table.indexes if f"{name}.{quote(i.name)}" == difference.name]
    of_type = qualified(*_split(difference.name)) if difference.object in _OF_TYPES else None
    if any(type_key(*_split(difference.name)) == key for key in table.requires):
        type_ = re.compile(rf"(?<![\w$]){re.escape(of_type or difference.name)}(?![\w$])")
        return [column.name for column in table.columns if type_.search(column.type)]
    return []


def _split(name: str) -> tuple[str, str]:
    parts = [_raw(part) for part in _PLAIN.findall(name)]
    return (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0] if parts else "")


def _raw(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
