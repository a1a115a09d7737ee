"""A table whose owner differs between two states of the source tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """A `table` (its key in the MetaData) that `source` owned at the base and `target` owns now;
    None: no module.

    `identical` says whether it is proven to be the same in the database, `ordered` whether every
    revision that touches it comes before what `target` does next; None where that is not known.
    """

    table: str
    source: str | None
    target: str | None
    identical: bool | None
    ordered: bool | None
