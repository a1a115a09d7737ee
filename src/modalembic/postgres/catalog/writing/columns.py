"""Columns in CREATE TABLE, and what is said of them afterwards."""

from __future__ import annotations

from modalembic.postgres.catalog.keys import relation_key
from modalembic.postgres.catalog.model import Column, Table, View
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.options import (
    comment,
    foreign_options,
    grantee,
    storage,
)
from modalembic.postgres.catalog.writing.units import Rank, Unit


def column_clause(table: Table, column: Column) -> str:
    """A column in CREATE TABLE."""
    words = [quote(column.name)]
    if table.of_type is not None:
        words.append("WITH OPTIONS")
    else:
        words.append(column.type)
        words += [foreign_options(column.foreign_options).strip()]
        words += [f"COLLATE {column.collation}"] if column.collation else []
    if column.generated is not None:
        kind = (column.generated_kind or "stored").upper()
        words.append(f"GENERATED ALWAYS AS ({column.generated}) {kind}")
    elif has_inline_default(column):
        words.append(f"DEFAULT {column.default}")
    if column.not_null and column.not_null_valid:
        words.append(_not_null(table, column))
    return " ".join(filter(None, words))


def has_inline_default(column: Column) -> bool:
    """Whether the default can be part of CREATE TABLE: it needs no other object."""
    return column.default is not None and not column.requires


def _not_null(table: Table, column: Column) -> str:
    usual = f"{table.name}_{column.name}_not_null"
    named = column.not_null_name if column.not_null_name != usual else None
    words = [f"CONSTRAINT {quote(named)}"] if named else []
    return " ".join([*words, "NOT NULL", *([] if column.not_null_inherits else ["NO INHERIT"])])


def column_units(relation: Table | View, parents: list[Table]) -> list[Unit]:
    """What is said of columns after the table was created. `parents` are those that it inherits
    from; a partition inherits nothing before it is attached."""
    name = qualified(relation.schema, relation.name)
    kind = "MATERIALIZED VIEW" if isinstance(relation, View) else "TABLE ONLY"
    if isinstance(relation, View) and relation.kind == "view":
        kind = "VIEW"
    if isinstance(relation, Table) and relation.kind == "foreign table":
        kind = "FOREIGN TABLE"
    requires = (relation_key(relation.schema, relation.name),)
    units: list[Unit] = []
    for column in relation.columns:
        alter = f"ALTER {kind} {name} ALTER COLUMN {quote(column.name)}"
        where = f"{name}.{column.name}"
        change = _default(relation, column, parents)
        if change is not None:
            needed = (*requires, *column.requires)
            units.append(Unit(Rank.DEFAULT, where, (f"{alter} {change}",), None, needed))
        settings = [f"{alter} {word}" for word in _settings(column)]
        settings += _not_nulls(relation, column, parents, name)
        if settings:
            units.append(Unit(Rank.SETTING, where, tuple(settings)))
        units += comment("COLUMN", f"{name}.{quote(column.name)}", column.comment)
        grants = tuple(
            f"GRANT {grant.privilege} ({quote(column.name)}) ON TABLE {name} "
            f"TO {grantee(grant.grantee)}" + (" WITH GRANT OPTION" if grant.grantable else "")
            for grant in column.grants
        )
        if grants:
            units.append(Unit(Rank.ACCESS, f"{where} column", grants))
    return units


def _default(relation: Table | View, column: Column, parents: list[Table]) -> str | None:
    if isinstance(relation, Table) and not (column.inherited and relation.inherits):
        if column.default is None or has_inline_default(column):
            return None
        return f"SET DEFAULT {column.default}"
    if column.default is not None:
        return f"SET DEFAULT {column.default}"
    came = any(
        other.name == column.name and other.default is not None
        for parent in parents
        for other in parent.columns
    )
    return "DROP DEFAULT" if came else None


def _settings(column: Column) -> list[str]:
    words = [f"SET STORAGE {column.storage.upper()}"] if column.storage else []
    words += [f"SET COMPRESSION {column.compression}"] if column.compression else []
    words += [f"SET STATISTICS {column.statistics}"] if column.statistics is not None else []
    return words + ([f"SET {storage(column.options)}"] if column.options else [])


def _not_nulls(
    relation: Table | View, column: Column, parents: list[Table], name: str
) -> list[str]:
    if isinstance(relation, View) or not column.not_null:
        return []
    constraint = column.not_null_name or f"{relation.name}_{column.name}_not_null"
    if not column.not_null_valid and not column.inherited:
        added = f"ADD CONSTRAINT {quote(constraint)} NOT NULL {quote(column.name)} NOT VALID"
        return [f"ALTER TABLE {name} {added}"]
    came = any(
        other.name == column.name and other.not_null
        for parent in parents
        for other in parent.columns
    )
    if column.inherited and relation.inherits and not came:
        return [f"ALTER TABLE {name} ALTER COLUMN {quote(column.name)} SET NOT NULL"]
    return []
