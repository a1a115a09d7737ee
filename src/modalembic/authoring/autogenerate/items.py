"""What new revisions are to do, in pieces that belong to one module each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.operations.ops import MigrateOperation
    from sqlalchemy import ForeignKeyConstraint


class Rank(IntEnum):
    """What comes first where nothing else says so. All that one item waits for has a lower rank or
    the same, so that items never wait for each other in a circle but tables with foreign keys in
    them, and these are taken out first."""

    LABEL = 0
    RENAME = 1
    DROP_FOREIGN_KEY = 2
    DROP_KEY = 3
    OBJECT = 4
    CREATE_TABLE = 5
    ADD_COLUMN = 6
    ALTER_COLUMN = 7
    KEY = 8
    INDEX = 9
    COMMENT = 10
    FOREIGN_KEY = 11
    DROP_COLUMN = 12
    DROP_TABLE = 13
    MENDING = 14
    MENDING_FOREIGN_KEY = 15
    MENDING_REMOVE = 16


@dataclass(frozen=True)
class Statement:
    """SQL, with a remark for whoever reads the file. Without SQL, the remark alone. `alone`: it has
    to be committed before what comes next."""

    sql: str | None
    remark: str | None = None
    alone: bool = False


@dataclass(frozen=True)
class Call:
    """A call of an operation that Alembic does not write by itself, as it stands in the file."""

    source: str


@dataclass(frozen=True, eq=False)
class Item:
    """One thing to do (`up`) in the revision of `module`, and what undoes it (`down`).

    `table` is the qualified name of the table or view that it changes. `needs` are the keys (see
    `postgres.catalog.keys`) of what has to be there as the models have it, `grows` those of what it
    makes, or makes fit to be referred to; `frees` of what it lets go of, and `drops` of what nobody
    may hold any more when it runs. `number` is its place where nothing orders it.
    """

    module: str
    rank: Rank
    number: int
    up: MigrateOperation | Statement | Call
    down: MigrateOperation | Statement | Call | None = None
    table: str | None = None
    needs: frozenset[str] = field(default_factory=frozenset)
    grows: frozenset[str] = field(default_factory=frozenset)
    frees: frozenset[str] = field(default_factory=frozenset)
    drops: frozenset[str] = field(default_factory=frozenset)
    key: ForeignKeyConstraint | None = None
    """The foreign key that was taken out of the statement that creates its table."""


@dataclass(frozen=True)
class Undoing:
    """What the downgrade of a group does beside undoing its operations: `first`, and `last`; and
    what it leaves (`stays`)."""

    first: tuple[Statement, ...] = ()
    last: tuple[Statement, ...] = ()
    stays: tuple[str, ...] = ()
