"""The rules of `check moves`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGE = "https://github.com/modalembic/modalembic/blob/main/docs/reference/rules-moves.md"

# Errors of this tree of which the check makes findings, by their codes.
ERRORS: Mapping[str, str] = MappingProxyType(
    {
        "application-context": "The application's context cannot be entered",
        "duplicate-schema-object": "Two MetaData objects have one name for different objects",
        "import-failed": "The models of a module cannot be imported",
        "migration-failed": "A revision fails on an empty database",
        "models-not-created": "The tables of the models cannot be created",
        "models-not-found": "A module has no models where it says they are",
        "object-not-found": "An object that the configuration names is not there",
        "unknown-module": "A table is given to a module that is not there",
    }
)
RULES: Mapping[str, str] = MappingProxyType(
    {
        "moves/base-without-project": "The base has no project to compare with",
        "moves/changed": "A table moved and changed",
        "moves/changed-in-place": "Something changed that did not move",
        "moves/dropped-table": "A table is gone from the models and from the migrations",
        "moves/lost-table": "A table is gone from the models, and no migration drops it",
        "moves/new-table": "A table is new",
        "moves/no-owner": "A table has no owner any more",
        "moves/not-imported": "A model is there, and nothing imports it any more",
        "moves/not-proven": "Whether a table that moved is the same is not proven",
        "moves/two-owners": "Two modules define one table",
        "moves/unordered": "What a module does to its new tables is not ordered after what was",
        **{f"moves/{code}": text for code, text in ERRORS.items()},
    }
)


def page_of(rule: str) -> str:
    """The address of the section that explains `rule`."""
    name = rule.removeprefix("moves/")
    section = "nothing-compared" if name in ERRORS else name
    return f"{PAGE}#moves{section}"
