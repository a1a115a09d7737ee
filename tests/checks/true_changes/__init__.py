"""True changes of a database that `examples/marketplace` migrated: one for each kind of object and
each part of it that the catalog records, with what `check drift --against` has to say of it."""

from __future__ import annotations

from tests.checks.true_changes import (
    attached,
    checks,
    columns,
    foreign_keys,
    indexes,
    keys,
    routines,
    schemas_and_types,
    tables,
    views,
)
from tests.checks.true_changes.change import Expected, TrueChange

CHANGES: tuple[TrueChange, ...] = (
    *schemas_and_types.CHANGES,
    *tables.CHANGES,
    *columns.CHANGES,
    *keys.CHANGES,
    *checks.CHANGES,
    *foreign_keys.CHANGES,
    *indexes.CHANGES,
    *attached.CHANGES,
    *views.CHANGES,
    *routines.CHANGES,
)

__all__ = ["CHANGES", "Expected", "TrueChange"]
