"""What models can say of a schema, so that what they cannot say is no drift.

Left aside are the views, functions, triggers, rules, policies and partitions that only migrations
make (those that a listener of the models makes are compared), and some settings of tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from modalembic.postgres.catalog import Catalog, Difference
from modalembic.postgres.catalog.model import Table, View
from modalembic.postgres.catalog.names import qualified
from modalembic.runtime.drift.compared import Compared

# Parts that no model has a word for; a listener may set them, and then they are not the default.
_NO_WORD_FOR: Mapping[str, frozenset[str]] = {
    "table": frozenset({"row-security", "force-row-security", "replica-identity"}),
    "column": frozenset({"storage", "compression", "statistics", "options", "not-null-name"}),
    "constraint": frozenset({"clustered"}),
    "index": frozenset({"clustered", "comment"}),
    "enum": frozenset({"comment"}),
    "domain": frozenset({"comment"}),
    "sequence": frozenset({"comment"}),
    "view": frozenset({"comment"}),
    "trigger": frozenset({"enabled"}),
}
_DEFAULTS = (None, "false", "default", "origin")


def expressible(
    migrated: Catalog, models: Catalog, compared: Compared
) -> tuple[Catalog, Mapping[str, int]]:
    """The `migrated` catalog without what only migrations make, and how much that is by kind.
    What is `compared` stays."""
    aside: Counter[str] = Counter({"grant": compared.entities.grants})

    def kept(
        kind: str,
        ours: Iterable[Any],
        theirs: Iterable[Any],
        word: str = "",
        table: Table | View | None = None,
    ) -> tuple[Any, ...]:
        known = {_identity(each) for each in theirs}
        stays, goes = [], 0
        for each in ours:
            if _identity(each) in known or (word and compared.has(word, each, table)):
                stays.append(each)
            else:
                goes += 1
        aside[kind] += goes
        return tuple(stays)

    known = {_identity(table): table for table in models.tables}

    def trimmed(table: Table) -> Table:
        same = known.get(_identity(table))
        if same is None:
            return table
        return replace(
            table,
            triggers=kept("trigger", table.triggers, same.triggers, "trigger", table),
            rules=kept("rule", table.rules, same.rules, "rule", table),
            policies=kept("policy", table.policies, same.policies, "policy", table),
        )

    known_views = {_identity(view): view for view in models.views}

    def trimmed_view(view: View) -> View:
        same = known_views.get(_identity(view))
        if same is None:
            return view
        return replace(
            view,
            indexes=kept("index of a view", view.indexes, same.indexes),
            triggers=kept("trigger", view.triggers, same.triggers, "trigger", view),
            rules=kept("rule", view.rules, same.rules, "rule", view),
        )

    partitions = [t for t in migrated.tables if t.partition_of is not None]
    others = [t for t in migrated.tables if t.partition_of is None]
    tables = (*others, *kept("partition", partitions, models.tables))
    result = replace(
        migrated,
        tables=tuple(sorted(map(trimmed, tables), key=lambda t: (t.schema, t.name))),
        views=tuple(map(trimmed_view, kept("view", migrated.views, models.views, "view"))),
        routines=kept("function", migrated.routines, models.routines, "function"),
        others=kept("other object", migrated.others, models.others),
    )
    return result, {kind: number for kind, number in sorted(aside.items()) if number}


def without_inexpressible(
    found: Iterable[Difference], models: Literal["expected", "actual"] = "expected"
) -> Iterator[Difference]:
    """The differences but for those in parts of which models say nothing. `models` is which of the
    two sides is theirs."""
    for each in found:
        silent = each.part in _NO_WORD_FOR.get(each.object, ())
        said = getattr(each, models)
        if not (silent and (said in _DEFAULTS or each.part == "not-null-name")):
            yield each


def _identity(each: Any) -> tuple[str, ...]:
    schema = getattr(each, "schema", None)
    name = each.name if schema is None else qualified(schema, each.name)
    return (getattr(each, "kind", "") if schema is None else "", name, _signature(each))


def _signature(each: Any) -> str:
    return str(getattr(each, "signature", ""))
