"""CREATE TABLE and all that belongs to a table.

As in pg_dump, a partition is created alone and attached afterwards: only so can its columns have an
order of their own, and its indexes their names.
"""

from __future__ import annotations

from modalembic.postgres.catalog.keys import constraint_key, index_key, relation_key
from modalembic.postgres.catalog.model import Constraint, Index, Table
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.attached import policy_unit, rule_units, trigger_units
from modalembic.postgres.catalog.writing.columns import column_clause, column_units
from modalembic.postgres.catalog.writing.options import (
    access,
    comment,
    foreign_options,
    storage,
)
from modalembic.postgres.catalog.writing.units import Rank, Unit


def table_units(
    table: Table, tables: dict[str, Table], children: dict[str, list[str]]
) -> list[Unit]:
    """A table with its parts. `tables` are all by qualified name; `children` the names of those
    that inherit from each or are its partitions."""
    name = qualified(table.schema, table.name)
    key = relation_key(table.schema, table.name)
    parents = [tables[parent] for parent in table.inherits if parent in tables]
    parent = tables.get(table.partition_of or "")
    units = [Unit(Rank.TABLE, name, (_create(table),), key, _requires(table, tables))]
    if parent is not None:
        attach = (
            f"ALTER TABLE ONLY {table.partition_of} ATTACH PARTITION {name} {table.partition_bound}"
        )
        needs = (key, relation_key(parent.schema, parent.name))
        units.append(Unit(Rank.ATTACH, name, (attach,), f"attached {name}", needs))
    units += column_units(table, parents)
    for constraint in table.constraints:
        units += constraint_units(table, constraint, parent, children.get(name, []))
    for index in table.indexes:
        units += index_units(table.schema, table.name, table.kind, index, parent)
    for trigger in table.triggers:
        units += trigger_units(name, trigger)
    for rule in table.rules:
        units += rule_units(name, rule)
    for policy in table.policies:
        units.append(policy_unit(name, policy))
        units += comment("POLICY", f"{quote(policy.name)} ON {name}", policy.comment)
    settings = _settings(table, name)
    if settings:
        units.append(Unit(Rank.SETTING, name, tuple(settings)))
    kind = "FOREIGN TABLE" if table.kind == "foreign table" else "TABLE"
    units += comment(kind, name, table.comment)
    return units + access(kind, name, table.owner, table.grants)


def _requires(table: Table, tables: dict[str, Table]) -> tuple[str, ...]:
    parents = (tables[parent] for parent in table.inherits if parent in tables)
    generated = (key for c in table.columns if c.generated is not None for key in c.requires)
    return (
        *table.requires,
        *generated,
        *(relation_key(parent.schema, parent.name) for parent in parents),
    )


def _create(table: Table) -> str:
    name = qualified(table.schema, table.name)
    shown = [
        column_clause(table, column)
        for column in table.columns
        if not (column.inherited and table.inherits)
    ]
    unlogged = "UNLOGGED " if table.persistence == "unlogged" else ""
    foreign = "FOREIGN " if table.kind == "foreign table" else ""
    body = "(\n    " + ",\n    ".join(shown) + "\n)" if shown else "()"
    if table.of_type is not None:
        body = f"OF {table.of_type} {body if shown else ''}".rstrip()
    words = [f"CREATE {unlogged}{foreign}TABLE {name} {body}"]
    words += [f"INHERITS ({', '.join(table.inherits)})"] if table.inherits else []
    words += [f"PARTITION BY {table.partition_key}"] if table.partition_key else []
    words += [f"USING {quote(table.access_method)}"] if table.access_method else []
    if table.server is not None:
        words.append(f"SERVER {quote(table.server)}{foreign_options(table.foreign_options)}")
    words += [f"WITH {storage(table.options)}"] if table.options else []
    words += [f"TABLESPACE {quote(table.tablespace)}"] if table.tablespace else []
    return " ".join(words)


def constraint_units(
    table: Table, constraint: Constraint, parent: Table | None, children: list[str]
) -> list[Unit]:
    """A constraint of a table; `parent` is the table that it is a partition of, `children` are the
    names of those that inherit from it."""
    name = qualified(table.schema, table.name)
    where = f"{name}.{constraint.name}"
    key = constraint_key(table.schema, table.name, constraint.name)
    units = comment("CONSTRAINT", f"{quote(constraint.name)} ON {name}", constraint.comment)
    if constraint.inherited:
        return units
    keyed = constraint.kind in {"primary key", "unique", "exclusion"}
    rank = Rank.KEY if keyed else Rank.CHECK
    rank = Rank.FOREIGN_KEY if constraint.kind == "foreign key" else rank
    # A child's own CHECK comes first: the parent's is merged into it, not the other way round.
    requires = [
        relation_key(table.schema, table.name),
        *constraint.requires,
        *(f"check {child}.{constraint.name}" for child in children),
    ]
    only = "ONLY " if keyed else ""
    statements = [
        f"ALTER TABLE {only}{name} ADD CONSTRAINT {quote(constraint.name)} {constraint.definition}"
    ]
    index = qualified(table.schema, constraint.name)
    if constraint.options:
        statements.append(f"ALTER INDEX {index} SET {storage(constraint.options)}")
    if constraint.tablespace:
        statements.append(f"ALTER INDEX {index} SET TABLESPACE {quote(constraint.tablespace)}")
    if constraint.clustered:
        statements.append(f"ALTER TABLE {name} CLUSTER ON {quote(constraint.name)}")
    provides = f"check {where}" if constraint.kind == "check" else key
    units.append(Unit(rank, where, tuple(statements), provides, tuple(requires)))
    return units + _attach_index(index, constraint.parent, parent)


def index_units(
    schema: str, table: str, kind: str, index: Index, parent: Table | None
) -> list[Unit]:
    """An index of a table or materialised view."""
    name, on = qualified(schema, index.name), qualified(schema, table)
    unique = "UNIQUE " if index.unique else ""
    only = "ONLY " if kind == "partitioned table" else ""
    statements = [f"CREATE {unique}INDEX {quote(index.name)} ON {only}{on} {index.definition}"]
    if index.clustered:
        statements.append(f"ALTER TABLE {on} CLUSTER ON {quote(index.name)}")
    requires = (*index.requires, relation_key(schema, table))
    return [
        Unit(Rank.INDEX, name, tuple(statements), index_key(schema, index.name), requires),
        *comment("INDEX", name, index.comment),
        *_attach_index(name, index.parent, parent),
    ]


def _attach_index(index: str, of: str | None, parent: Table | None) -> list[Unit]:
    if of is None or parent is None:
        return []
    statement = f"ALTER INDEX {qualified(parent.schema, of)} ATTACH PARTITION {index}"
    return [Unit(Rank.ATTACH_INDEX, index, (statement,))]


def _settings(table: Table, name: str) -> list[str]:
    settings = []
    if table.row_security:
        settings.append(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    if table.force_row_security:
        settings.append(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    kind, _, index = table.replica_identity.partition(" ")
    if kind == "index":
        settings.append(f"ALTER TABLE {name} REPLICA IDENTITY USING INDEX {quote(index)}")
    elif kind != "default":
        settings.append(f"ALTER TABLE ONLY {name} REPLICA IDENTITY {kind.upper()}")
    return settings
