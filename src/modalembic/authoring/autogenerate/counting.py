"""Which differences between models and migrations a revision is to mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modalembic.authoring.autogenerate.owners import Owners
from modalembic.postgres.catalog import Difference
from modalembic.runtime.drift.selected import selected

if TYPE_CHECKING:
    from modalembic.runtime.drift.sides import Sides


def counted(sides: Sides, found: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """The differences that a revision is to mend: not those that `env.py` leaves out, and not what
    only the spelling or the server makes."""
    filters = sides.models.compared.filters
    if filters.any and found:
        catalogs = (sides.made.catalog, *sides.catalogs)
        found, _ = selected(sides.project, sides.scratch, catalogs, sides.metadata, filters, found)
    return tuple(each for each in found if each.severity != "info")


def concerning(
    owners: Owners, found: Sequence[Difference], module: str | None
) -> tuple[Difference, ...]:
    """Those of the differences that are a module's; None: all."""
    return tuple(each for each in found if module is None or owners.of(each) == module)
