"""The rules of `check drift`: a closed list, made of kinds of objects and parts of columns."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Catalog, Difference

PAGE = "https://github.com/modalembic/modalembic/blob/main/docs/reference/rules-drift.md"

# The kinds of the catalog, by the word that a rule has for them.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "aggregate": "function",
        "attribute": "type",
        "column": "column",
        "composite type": "type",
        "domain": "type",
        "domain constraint": "type",
        "enum": "type",
        "extension": "extension",
        "function": "function",
        "index": "index",
        "materialized view": "view",
        "policy": "policy",
        "procedure": "function",
        "range": "type",
        "rule": "rule",
        "schema": "schema",
        "sequence": "sequence",
        "table": "table",
        "trigger": "trigger",
        "view": "view",
        "window function": "function",
    }
)
# What a catalog calls a constraint.
CONSTRAINTS: Mapping[str, str] = MappingProxyType(
    {
        "check": "check",
        "exclusion": "exclusion",
        "foreign key": "foreign-key",
        "primary key": "primary-key",
        "unique": "unique",
    }
)
_OTHER = "object"
_COLUMN_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "collation": "column-collation",
        "default": "column-default",
        "generated": "column-generated",
        "generated-kind": "column-generated",
        "identity": "column-identity",
        "not-null": "column-nullability",
        "not-null-inherits": "column-nullability",
        "not-null-valid": "column-nullability",
        "type": "column-type",
    }
)
# Parts that say the same of whatever has them.
_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "access-method": "storage",
        "clustered": "storage",
        "column-order": "column-order",
        "comment": "comment",
        "compression": "storage",
        "name": "name",
        "not-null-name": "name",
        "options": "storage",
        "statistics": "storage",
        "storage": "storage",
        "tablespace": "storage",
    }
)
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **{word: f"a {word}" for word in sorted(set(KINDS.values()))},
        "check": "a CHECK",
        "exclusion": "an exclusion constraint",
        "extension": "an extension",
        "foreign-key": "a foreign key",
        "index": "an index",
        "object": "another object (a collation, say)",
        "primary-key": "a primary key",
        "unique": "a unique constraint",
    }
)


def _rules() -> dict[str, str]:
    rules = {
        "drift/column-collation": "A column sorts otherwise",
        "drift/column-default": "A column has another default",
        "drift/column-generated": "A column is generated otherwise",
        "drift/column-identity": "A column is an identity column on one side only",
        "drift/column-nullability": "A column may be null on one side only",
        "drift/column-order": "The columns of a table stand in another order",
        "drift/column-type": "A column has another type",
        "drift/comment": "A comment differs",
        "drift/left-out": "env.py leaves tables out of the comparison",
        "drift/mappers": "Mappers cannot be configured, so tables may be missing in the models",
        "drift/name": "The same thing has another name",
        "drift/orphan": "The live database is at a revision that this code does not have",
        "drift/server": "The servers are of different major versions",
        "drift/spelling": "A default is spelled otherwise and has the same value",
        "drift/storage": "Something is stored otherwise",
        "drift/unused-ignore": "An entry of [[tool.modalembic.drift.ignore]] matches nothing",
    }
    for word, shown in _WORDS.items():
        rules[f"drift/missing-{word}"] = f"{shown.capitalize()} is missing"
        rules[f"drift/extra-{word}"] = f"{shown.capitalize()} is too much"
        rules[f"drift/{word}"] = f"{shown.capitalize()} differs"
    for code, text in ERRORS.items():
        rules[f"drift/{code}"] = text
    return dict(sorted(rules.items()))


# Errors of which the check makes findings, by their codes.
ERRORS: Mapping[str, str] = MappingProxyType(
    {
        "duplicate-schema-object": "Two MetaData objects have one name for different objects",
        "duplicate-table": "Two MetaData objects have a table of one name",
        "import-failed": "The models of a module cannot be imported",
        "migration-failed": "A revision fails on an empty database",
        "models-not-created": "The tables of the models cannot be created",
        "models-not-found": "A module has no models where it says they are",
        "nothing-to-compare": "There is nothing to compare",
        "object-not-found": "An object that the configuration names is not there",
    }
)
RULES: Mapping[str, str] = MappingProxyType(_rules())


def page_of(rule: str) -> str:
    """The address of the section that explains `rule`."""
    name = rule.removeprefix("drift/")
    if name in ERRORS:
        section = "nothing-compared"
    elif name in _WORDS:
        section = "kind"
    elif name.startswith(("missing-", "extra-")):
        section = name.partition("-")[0] + "-kind"
    elif name in _COLUMN_PARTS.values():
        section = "column-part"
    else:
        section = name
    return f"{PAGE}#drift{section}"


def rule_of(difference: Difference, expected: Catalog, actual: Catalog) -> str:
    """The rule that a difference between these catalogs breaks."""
    part = difference.part
    if difference.object == "server":
        return "drift/server"
    if part == "default" and difference.severity == "info":
        return "drift/spelling"
    word = _word(difference, expected, actual)
    if part is None:
        return f"drift/missing-{word}" if difference.actual is None else f"drift/extra-{word}"
    if part in _PARTS and not (part == "options" and difference.severity == "error"):
        return f"drift/{_PARTS[part]}"  # what a view's options change is what it shows
    if difference.object == "column" and part in _COLUMN_PARTS:
        return f"drift/{_COLUMN_PARTS[part]}"
    return f"drift/{word}"


def _word(difference: Difference, expected: Catalog, actual: Catalog) -> str:
    if difference.object != "constraint":
        return KINDS.get(difference.object, _OTHER)
    from modalembic.postgres.catalog.names import qualified, quote

    for catalog in (expected, actual):
        for table in catalog.tables:
            of = qualified(table.schema, table.name)
            if of != difference.table:
                continue
            for constraint in table.constraints:
                if f"{of}.{quote(constraint.name)}" == difference.name:
                    return CONSTRAINTS[constraint.kind]
    return _OTHER
