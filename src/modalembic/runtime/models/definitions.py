"""Where the tables of imported models are defined.

A mapped class knows its module. A `Table` does not, so that is noted when it is made: the file
whose import was under way then. What was noted stays known for as long as the table is there, since
nothing is imported twice: an `env.py` may import models before anybody asks for them. Tables of
models that were imported before all that are looked up in the source, and last in the attributes of
the model modules.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import getattr_static
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

from sqlalchemy import MetaData, Table, event
from sqlalchemy.orm import registry

from modalembic.modules.ownership import ModelSources
from modalembic.runtime.models.discovered import is_really

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapper

# Of each table: the module that was being imported, its file and the line. A fact about the table,
# whoever has noted it.
_NOTED: WeakKeyDictionary[Table, tuple[str, str, int]] = WeakKeyDictionary()


@dataclass(frozen=True)
class TableDefinition:
    """The file (`module` is its dotted name) and line in which a table is defined, and the class or
    variable that holds it (None: neither is known)."""

    module: str
    symbol: str | None
    path: Path
    line: int | None


class DefinitionRecorder:
    """While entered, notes for every new Table which module was being imported, and the line."""

    @property
    def noted(self) -> Mapping[Table, tuple[str, str, int]]:
        """All that was noted in this process: module, file and line of each table."""
        return _NOTED

    def __enter__(self) -> Self:
        event.listen(Table, "after_parent_attach", self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        event.remove(Table, "after_parent_attach", self._note)

    def _note(self, table: Table, parent: Any) -> None:
        if isinstance(parent, MetaData):
            frame = _importing(sys._getframe(1))  # noqa: SLF001 - logging and inspect do as well
            if frame is not None:
                name = str(frame.f_globals.get("__name__"))
                _NOTED[table] = (name, frame.f_code.co_filename, frame.f_lineno)


def find_definitions(
    tables: Iterable[Table],
    origins: Mapping[Table, str],
    imported: Mapping[str, Any],
    recorder: DefinitionRecorder,
    sources: ModelSources,
) -> dict[Table, TableDefinition]:
    """The definition of each table. `origins` are where their MetaData was found, which has to do
    where nothing better is known; `imported` the imported modules by name."""
    finder = _Finder(tuple(tables), imported, recorder, sources)
    return {table: finder.find(table, origins[table]) for table in finder.tables}


class _Finder:
    def __init__(
        self,
        tables: tuple[Table, ...],
        imported: Mapping[str, Any],
        recorder: DefinitionRecorder,
        sources: ModelSources,
    ) -> None:
        self.tables = tables
        self._recorder = recorder
        self._imported = imported
        self._territory = sources.territory
        self._classes = _mapped_classes(imported.values())
        self._lines = {(d.module, d.symbol): d for d in sources.definitions}
        self._by_table = {d.table: d for d in reversed(sources.definitions)}

    def find(self, table: Table, origin: str) -> TableDefinition:
        module, _, _ = self._recorder.noted.get(table, ("", "", 0))
        mapped = self._classes.get(table)
        # A class that a central helper makes belongs to the file that asked for it.
        if mapped is not None and not (self._is_owned(module) > self._is_owned(mapped.__module__)):
            return self._at(mapped.__module__, mapped.__qualname__, table)
        if module:
            return self._at(module, _name_in(sys.modules.get(module), table), table)
        read = self._by_table.get(table.key)
        if read is not None:
            return TableDefinition(read.module, read.symbol, read.path, read.line)
        for name, module in self._imported.items():
            symbol = _name_in(module, table)
            if symbol is not None:
                return self._at(name, symbol, table)
        return self._at(origin.partition(":")[0], None, table)

    def _is_owned(self, module: str) -> bool:
        return self._territory.of(module) is not None

    def _at(self, module: str, symbol: str | None, table: Table) -> TableDefinition:
        read = self._lines.get((module, symbol))
        if read is not None:
            return TableDefinition(module, symbol, read.path, read.line)
        noted = self._recorder.noted.get(table)
        if noted is not None and noted[0] == module:
            return TableDefinition(module, symbol, Path(noted[1]), noted[2])
        file = getattr(sys.modules.get(module), "__file__", None)
        return TableDefinition(module, symbol, Path(file or module), None)


def _mapped_classes(values: Iterable[Any]) -> dict[Table, type]:
    """The class of each table: the topmost one, where several inherit in one table."""
    classes: dict[Table, type] = {}
    for found in _registries(values):
        for mapper in found.mappers:
            table = mapper.local_table
            if isinstance(table, Table) and _is_topmost(mapper):
                classes.setdefault(table, mapper.class_)
    return classes


def _is_topmost(mapper: Mapper[Any]) -> bool:
    return mapper.inherits is None or mapper.inherits.local_table is not mapper.local_table


def _registries(values: Iterable[Any]) -> Iterator[registry]:
    seen: set[int] = set()
    for value in values:
        values = vars(value).values() if is_really(value, ModuleType) else (value,)
        for candidate in tuple(values):
            found = candidate
            if is_really(candidate, type):
                found = getattr_static(candidate, "registry", None)
            if is_really(found, registry) and id(found) not in seen:
                seen.add(id(found))
                yield found


def _name_in(module: Any, table: Table) -> str | None:
    if not is_really(module, ModuleType):
        return None
    return next((name for name, value in vars(module).items() if value is table), None)


def _importing(frame: FrameType | None) -> FrameType | None:
    """The frame of the file whose import made the call: the last one before Python's own machinery.
    A function of another file that made the table is passed by."""
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            return frame
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return None
        frame = frame.f_back
    return None
