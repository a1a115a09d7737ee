"""What all kinds of objects need while they are read: schemas, server, comments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any

from modalembic.postgres.catalog.model import Grant

Rows = list[tuple[Any, ...]]

# Object ids of the system catalogs, which are the same in every server.
PG_TYPE, PG_CLASS, PG_PROC = 1247, 1259, 1255
PG_CONSTRAINT, PG_ATTRDEF, PG_REWRITE, PG_TRIGGER = 2606, 2604, 2618, 2620
PG_POLICY, PG_NAMESPACE, PG_EXTENSION = 3256, 2615, 3079
FIRST_USER_OID = 16384


def not_member(catalog: int, oid: str) -> str:
    """The condition that the object is not a member of an extension, nor made by Postgres for
    another object (the constructors of a range)."""
    return (
        f"NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS m WHERE m.classid = {catalog}"
        f" AND m.objid = {oid} AND m.objsubid = 0 AND m.deptype IN ('e', 'i')"
        f" AND (m.deptype = 'e' OR m.classid = {PG_PROC}))"
    )


@dataclass(frozen=True)
class Snapshot:
    """One moment of a database. `namespaces` are the schemas to be read, by object id; `owners` and
    `grants` are empty where they were not asked for."""

    fetch: Callable[[str], Rows]
    version: int
    namespaces: Mapping[int, str]
    comments: Mapping[tuple[int, int, int], str] = field(default_factory=dict)
    owners: Mapping[tuple[int, int], str] = field(default_factory=dict)
    grants: Mapping[tuple[int, int, int], tuple[Grant, ...]] = field(default_factory=dict)
    requires: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)

    def rows(self, statement: str, **fragments: str) -> Rows:
        """The rows of a query in which `$namespaces` and the names of `fragments` are filled in."""
        if not self.namespaces:
            return []
        oids = ", ".join(map(str, sorted(self.namespaces)))
        return self.fetch(Template(statement).substitute(namespaces=oids, **fragments))

    def since(self, version: int, expression: str, otherwise: str) -> str:
        """`expression` on servers from major `version` on, `otherwise` on older ones."""
        return expression if self.version >= version * 10000 else otherwise

    def comment(self, catalog: int, oid: int, part: int = 0) -> str | None:
        """The comment on an object."""
        return self.comments.get((catalog, oid, part))

    def common(self, catalog: int, oid: int) -> dict[str, Any]:
        """The fields that objects of a schema share: comment, owner, grants."""
        return {
            "comment": self.comments.get((catalog, oid, 0)),
            "owner": self.owners.get((catalog, oid)),
            "grants": self.grants.get((catalog, oid, 0), ()),
        }

    def required(self, catalog: int, oid: int) -> tuple[str, ...]:
        """The keys of what an object requires."""
        return self.requires.get((catalog, oid), ())


def grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    """Values by key, in the order in which they come."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def by_name(values: Iterable[Any]) -> tuple[Any, ...]:
    """Objects in the order of their names."""
    return tuple(sorted(values, key=lambda value: value.name))


def texts(values: Iterable[str] | None) -> tuple[str, ...]:
    """A sorted array of Postgres's; empty for NULL."""
    return tuple(sorted(values or ()))
