"""Changes of the marketplace's models as a developer makes them, in the files, with what
`check drift` has to say of each."""

from __future__ import annotations

from tests.checks.model_changes import columns, constraints, indexes, tables_and_types
from tests.checks.model_changes.edit import Edit

EDITS: tuple[Edit, ...] = (
    *tables_and_types.EDITS,
    *columns.EDITS,
    *constraints.EDITS,
    *indexes.EDITS,
)

__all__ = ["EDITS", "Edit"]
