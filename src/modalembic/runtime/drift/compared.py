"""Which of what only migrations make is compared, though no table of the models says anything of
it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modalembic.runtime.drift.entities import Entities, name_of, reflected_entity
from modalembic.runtime.drift.filters import Filters

if TYPE_CHECKING:
    from modalembic.postgres.catalog.model import Table, View


@dataclass(frozen=True)
class Compared:
    """The `kinds` that the configuration names (function, policy, rule, trigger, view), and what
    alembic_utils observes, as far as `filters` let it."""

    kinds: Collection[str] = ()
    entities: Entities = field(default_factory=Entities)
    filters: Filters = field(default_factory=Filters)

    @property
    def registered(self) -> tuple[Any, ...]:
        """The registered entities that `env.py` does not leave out."""
        return tuple(e for e in self.entities.registered if self.filters.keep_entity(e))

    def registered_names(self, type_: str) -> frozenset[tuple[str, str]]:
        """The schemas and names of the registered entities of a type (alembic_utils' word)."""
        return frozenset((e.schema, name_of(e)) for e in self.registered if e.type_ == type_)

    def has(self, word: str, each: Any, table: Table | View | None = None) -> bool:
        """Whether an object of the catalog is compared, of which the configuration would speak as
        `word`; a trigger or policy belongs to `table`."""
        return word in self.kinds or self.observes(word, each, table)

    def observes(self, word: str, each: Any, table: Table | View | None = None) -> bool:
        """Whether alembic_utils would drop such an object if it is not registered."""
        kind = getattr(each, "kind", word)
        schema = table.schema if table is not None else each.schema
        if (kind, schema) not in self.entities.observed:
            return False
        if not self.filters.any:
            return True
        return self.filters.keep_entity(reflected_entity(kind, schema, each, table), reflected=True)

    @property
    def any_function(self) -> bool:
        """Whether functions are compared at all."""
        return "function" in self.kinds or any(
            kind == "function" for kind, _ in self.entities.observed
        )
