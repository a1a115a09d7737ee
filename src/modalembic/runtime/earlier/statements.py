"""What the models say of one table: the statements that create it, taken apart and in no order.

SQLAlchemy writes them for nobody (a mock engine), so no database is asked. They are those of
`create_all(tables=[table])`, which keeps what `use_alter`, comments, sequences and listeners add;
what a MetaData makes whatever its tables are (its listeners, its free types) counts for a table
only where one speaks of the other, so that it does not matter which MetaData a table is in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData, create_mock_engine, make_url
from sqlalchemy.types import SchemaType

from modalembic.postgres.catalog.names import qualified, quote
from modalembic.runtime.earlier.state import STATEMENT, StatedPart, StatedTable
from modalembic.runtime.models.metadata import merged_metadata

if TYPE_CHECKING:
    from sqlalchemy import Table

    from modalembic.runtime.models.loaded import LoadedModels, ModelTable

DEFAULT_SCHEMA = "public"
_WORD = re.compile(r"\w+")
_TABLE = re.compile(
    r"\A(?P<head>CREATE (?:\S+ )*TABLE \S[^\n]*?) \(\n\t(?P<body>.*)\n\)(?P<tail>.*)\Z", re.DOTALL
)
_CONSTRAINT = re.compile(r'CONSTRAINT ("(?:[^"]|"")+"|\S+) ')
_UNNAMED = re.compile(r"(?:PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY|EXCLUDE)\b")
_COLUMN = re.compile(r'"(?:[^"]|"")+"|\S+')
# What SQLAlchemy's elements make, by the catalog's words.
_OF_SCHEMA = MappingProxyType(
    {"CreateEnumType": "enum", "CreateDomainType": "domain", "CreateSequence": "sequence"}
)


def stated_tables(loaded: LoadedModels) -> tuple[StatedTable, ...]:
    """Every table of the models, in the order of their keys.

    Raises DuplicateTable and DuplicateSchemaObject where the models cannot be put together.
    """
    metadata = merged_metadata(loaded)
    shared = _Shared(metadata)
    return tuple(_stated(each, metadata.tables[each.key], shared) for each in loaded.tables)


def _stated(each: ModelTable, table: Table, shared: _Shared) -> StatedTable:
    statements, reason = None, shared.reason
    if reason is None:
        try:
            statements = _parts(table, shared)
        except Exception as error:  # noqa: BLE001 - a listener, or a type's compiler, raises anything
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
    return StatedTable(
        each.key,
        _name(table),
        each.owner,
        each.definition.path,
        each.definition.line,
        statements,
        reason,
    )


class _Shared:
    """The statements that a MetaData makes whatever its tables are."""

    def __init__(self, metadata: MetaData) -> None:
        # A MetaData without listeners says of a table what the table's own one says, but not again
        # for each table what every type of it needs.
        self._player = metadata if _has_listeners(metadata) else MetaData()
        self._is_own = self._player is metadata
        self.reason: str | None = None
        self.statements: Counter[_Statement] = Counter()
        try:
            self.statements = Counter(_played(metadata, []))
        except Exception as error:  # noqa: BLE001 - a listener may raise anything
            self.reason = f"{type(error).__name__}: {error}".partition("\n")[0]

    def of_table(self, table: Table) -> Iterator[_Statement]:
        """The statements that are made for `table` alone."""
        played = Counter(_played(self._player, [table]))
        yield from (played - self.statements if self._is_own else played).elements()


def _has_listeners(metadata: MetaData) -> bool:
    """Whether something else than its types listens when its tables are created."""
    listeners = (*metadata.dispatch.before_create, *metadata.dispatch.after_create)
    return not all(_is_of_a_type(each) for each in listeners)


def _is_of_a_type(listener: Any) -> bool:
    method = getattr(listener, "func", listener)  # a partial in SQLAlchemy 2.1
    return isinstance(getattr(method, "__self__", getattr(method, "target", None)), SchemaType)


@dataclass(frozen=True, order=True)
class _Statement:
    """One statement, as what it is known by: `makes` is the name of a type or a sequence."""

    text: str
    object: str
    name: str
    part: str | None = None
    makes: str | None = None


def _parts(table: Table, shared: _Shared) -> tuple[StatedPart, ...]:
    wanted = [*shared.of_table(table)]
    words = {word for each in wanted for word in _WORD.findall(each.text)}
    # A type or a sequence counts where the table uses it, a listener's statement where it names
    # the table.
    wanted += [
        each
        for each in shared.statements.elements()
        if (each.makes in words if each.makes else table.name in _WORD.findall(each.text))
        and each not in wanted
    ]
    name = _name(table)
    return tuple(sorted(part for each in wanted for part in _taken_apart(each, name)))


def _played(metadata: MetaData, tables: list[Table]) -> Iterator[_Statement]:
    """What `create_all` says for these tables."""
    played: list[_Statement] = []

    def note(element: Any, *_: Any, **__: Any) -> None:
        text = element if isinstance(element, str) else str(element.compile(dialect=engine.dialect))
        text = "\n".join(line.rstrip() for line in text.strip().splitlines())
        played.append(_known(element, text))

    # The URL of nothing: it only says which dialect the statements are for.
    engine = create_mock_engine(make_url("postgresql+psycopg://"), note)
    metadata.create_all(engine, tables=tables, checkfirst=False)
    yield from played


def _known(element: Any, text: str) -> _Statement:
    kind = type(element).__name__
    item: Any = getattr(element, "element", None)
    if kind in _OF_SCHEMA:
        schema = getattr(item, "schema", None) or DEFAULT_SCHEMA
        return _Statement(
            text, _OF_SCHEMA[kind], qualified(schema, str(item.name)), makes=str(item.name)
        )
    table = getattr(item, "table", None)
    if kind in ("CreateIndex", "AddConstraint", "SetColumnComment") and item.name is not None:
        what = {"CreateIndex": "index", "AddConstraint": "constraint"}.get(kind, "column")
        part = "comment" if kind == "SetColumnComment" else None
        return _Statement(text, what, f"{_name(table)}.{quote(str(item.name))}", part)
    if kind == "SetTableComment":
        return _Statement(text, "table", _name(item), "comment")
    return _Statement(text, STATEMENT, "")


def _name(table: Any) -> str:
    return qualified(table.schema or DEFAULT_SCHEMA, table.name)


def _taken_apart(statement: _Statement, table: str) -> Iterator[StatedPart]:
    """The parts of a statement; all but those of CREATE TABLE have one."""
    found = _TABLE.match(statement.text) if statement.object == STATEMENT else None
    if found is None:
        # How far a listener's text is indented is a matter of where it stands.
        text = statement.text if statement.name else " ".join(statement.text.split())
        yield StatedPart(statement.object, statement.name or table, statement.part or "", text)
        return
    yield StatedPart("table", table, "", f"{found['head']}{found['tail']}")
    for text in found["body"].split(",\n\t"):
        constraint = _CONSTRAINT.match(text)
        if constraint is not None:
            yield StatedPart("constraint", f"{table}.{constraint[1]}", "", text)
        elif _UNNAMED.match(text):
            yield StatedPart("constraint", table, "", text)
        else:
            column = _COLUMN.match(text)
            yield StatedPart("column", f"{table}.{column[0] if column else text}", "", text)
