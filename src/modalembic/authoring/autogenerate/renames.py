"""Tables, columns and labels that have another name: said or asked, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modalembic.authoring.autogenerate.builder import member, relation, tables_by_name
from modalembic.authoring.autogenerate.items import Call
from modalembic.authoring.autogenerate.label_renames import LabelRename, label_renames
from modalembic.errors import RenameUndecided, UsageError
from modalembic.postgres.catalog.names import qualified

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Catalog, Difference
    from modalembic.postgres.catalog.model import Column, Table

DEFAULT_SCHEMA = "public"


@dataclass(frozen=True)
class Rename:
    """A table, or a column of one (`column` is its old name and its new one), that has another
    name. `table` is the table's qualified name afterwards; `schema` and `names` are its parts."""

    schema: str
    names: tuple[str, str]
    table: str
    column: tuple[str, str] | None = None

    @property
    def told(self) -> tuple[str, str]:
        """The old name and the new one, as `--rename` takes them."""
        prefix = "" if self.schema == DEFAULT_SCHEMA else f"{self.schema}."
        if self.column is None:
            return f"{prefix}{self.names[0]}", f"{prefix}{self.names[1]}"
        return tuple(f"{prefix}{self.names[1]}.{name}" for name in self.column)  # type: ignore[return-value]

    @property
    def old_table(self) -> str:
        """The qualified name of the table before."""
        return qualified(self.schema, self.names[0])

    @property
    def key(self) -> str:
        """The key of what has the new name."""
        if self.column is None:
            return relation(self.table)
        return member("column", self.table, self.column[1])

    @property
    def call(self) -> Call:
        """The operation."""
        return self._call(*(self.column or self.names))

    @property
    def back(self) -> Call:
        """What undoes it."""
        old, new = self.column or self.names
        return self._call(new, old)

    def _call(self, old: str, new: str) -> Call:
        schema = "" if self.schema == DEFAULT_SCHEMA else f", schema={self.schema!r}"
        if self.column is None:
            return Call(f"op.rename_table({old!r}, {new!r}{schema})")
        return Call(f"op.alter_column({self.names[1]!r}, {old!r}, new_column_name={new!r}{schema})")


@dataclass(frozen=True)
class Wanted:
    """What is known of renames: those that were named (`old=new`), whether all else is none, and
    whom to ask."""

    named: tuple[str, ...] = ()
    no_others: bool = False
    ask: Callable[[Rename | LabelRename], bool] | None = None


def decided(
    wanted: Wanted, models: Catalog, before: Catalog, differences: Sequence[Difference]
) -> tuple[Rename | LabelRename, ...]:
    """The renames, tables first. Raises UsageError for a name that is not new or not gone, and
    RenameUndecided where something looks like one, and nobody can be asked."""
    possible = _Possible(models, before, differences)
    tables, columns = possible.tables(), [*possible.columns()]
    labels = [*label_renames(models, before, differences)]
    everything: list[Rename | LabelRename] = [*tables, *columns, *labels]
    named = [_named(text, everything) for text in wanted.named]
    taken = {each for rename in named for each in rename.told}
    alike = [r for r in everything if possible.are_alike(r) and not taken & {*r.told}]
    if alike and not wanted.no_others and wanted.ask is None:
        raise _undecided(alike)
    for rename in alike if wanted.ask is not None and not wanted.no_others else ():
        if not taken & {*rename.told} and wanted.ask is not None and wanted.ask(rename):
            named.append(rename)
            taken |= {*rename.told}
    return tuple(sorted(named, key=_order))


def _order(rename: Rename | LabelRename) -> tuple[bool, tuple[str, str]]:
    return isinstance(rename, LabelRename) or rename.column is not None, rename.told


def tables_renamed(renames: Iterable[Rename | LabelRename]) -> dict[str, str]:
    """The old names of tables by their new ones, qualified."""
    found = (each for each in renames if isinstance(each, Rename) and each.column is None)
    return {each.table: each.old_table for each in found}


def _undecided(alike: Sequence[Rename | LabelRename]) -> RenameUndecided:
    rows = [f"  {old} is gone and {new} is new" for old, new in (each.told for each in alike)]
    old, new = alike[0].told
    return RenameUndecided(
        "is it another name, or another thing? Nothing was written:\n" + "\n".join(rows),
        hint=f"--rename {old}={new} keeps the rows; --no-rename drops the one and makes the other",
    )


class _Possible:
    """What could have been renamed."""

    def __init__(self, models: Catalog, before: Catalog, differences: Sequence[Difference]) -> None:
        self._new, self._old = tables_by_name(models), tables_by_name(before)
        whole = [each for each in differences if each.part is None]
        self._missing = {(e.object, e.name) for e in whole if e.actual is None}
        self._gone = {(e.object, e.name) for e in whole if e.expected is None}

    def tables(self) -> list[Rename]:
        """Every table that is gone with every new one of its schema."""
        return [
            Rename(old.schema, (old.name, new.name), name)
            for gone in self._of(self._gone, "table")
            for name in self._of(self._missing, "table")
            if (old := self._old[gone]).schema == (new := self._new[name]).schema
        ]

    def columns(self) -> Iterator[Rename]:
        """Every column that is gone with every new one of its table."""
        for name, new in sorted(self._new.items()):
            old = self._old.get(name)
            if old is None:
                continue
            for one in old.columns:
                for other in new.columns:
                    if self._is(self._gone, name, one) and self._is(self._missing, name, other):
                        names = (new.name, new.name)
                        yield Rename(new.schema, names, name, (one.name, other.name))

    def are_alike(self, rename: Rename | LabelRename) -> bool:
        """Whether it looks like a rename: the same columns, the same type, the same place."""
        if isinstance(rename, LabelRename):
            return rename.alike
        new = self._new[rename.table]
        old = next(
            table
            for table in self._old.values()
            if (table.schema, table.name) == (rename.schema, rename.names[0])
        )
        if rename.column is None:
            return _types(old) == _types(new)
        types = _types(old).get(rename.column[0]), _types(new).get(rename.column[1])
        return types[0] == types[1]

    def _of(self, found: set[tuple[str, str]], kind: str) -> list[str]:
        return sorted(name for object_, name in found if object_ == kind)

    def _is(self, found: set[tuple[str, str]], table: str, column: Column) -> bool:
        return ("column", member("", table, column.name).strip()) in found


def _types(table: Table) -> dict[str, str]:
    return {column.name: column.type for column in table.columns}


def _named(text: str, possible: Iterable[Rename | LabelRename]) -> Rename | LabelRename:
    old, equals, new = (part.strip() for part in text.partition("="))
    if not (equals and old and new):
        raise UsageError(
            f"--rename {text}: what was it called, and what is it called now?",
            hint="--rename old=new, or --rename table.old=table.new for a column",
        )
    for each in possible:
        names = each.told
        whole = isinstance(each, Rename) and each.column is None
        spelled = {names[1]} if whole else {names[1], names[1].rpartition(".")[2]}
        if old.removeprefix("public.") == names[0] and new.removeprefix("public.") in spelled:
            return each
    raise UsageError(
        f"--rename {text}: no table, column or label {old} is gone for which {new} is new",
        hint="`modalembic check drift` shows what is missing and what is too much",
    )
