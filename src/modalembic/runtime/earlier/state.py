"""What a state of the tree says: of its tables, its revisions, and the catalogs that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from modalembic.errors import ModalembicError
from modalembic.postgres.catalog import load, to_document
from modalembic.postgres.catalog.document import VERSION
from modalembic.runtime.earlier import Side

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Catalog
    from modalembic.runtime.earlier.tree import EarlierTree
    from modalembic.runtime.touches import Touches


# The object of a part that is a statement of a listener, about which nothing is known.
STATEMENT = "statement"


class StatedPart(NamedTuple):
    """A part of the statements that create a table: what kind of `object` it makes, its `name`,
    which `part` of that (empty: all), and its SQL."""

    object: str
    name: str
    part: str
    text: str


@dataclass(frozen=True)
class StatedTable:
    """A table of the models. `name` is qualified and quoted, `key` as in `MetaData.tables`;
    `parts` are those of the statements that create it, sorted; None where they cannot be said, for
    `reason`. `path` and `line` are the definition's."""

    key: str
    name: str
    owner: str | None
    path: Path
    line: int | None
    parts: tuple[StatedPart, ...] | None
    reason: str | None = None


@dataclass(frozen=True)
class TreeState:
    """What one state of the tree says. Paths are those of the working tree.

    `found` is False where it has neither a modalembic project nor an Alembic environment in the
    project's directory; `plain` is True where it has the latter alone. `heads` are each module's
    own last revisions, `central` the locations that are no package's, `revisions` the module of
    each, `settled` what the configuration says of owners; `problems` are those of ownership, and
    `touches` is what the revisions touch, where migrations ran: an earlier state keeps both to
    itself.
    """

    found: bool = True
    plain: bool = False
    tables: tuple[StatedTable, ...] = ()
    modules: tuple[str, ...] = ()
    central: tuple[str, ...] = ()
    heads: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    revisions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    settled: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    catalogs: Mapping[Side, Catalog] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[ModalembicError, ...] = ()
    touches: Touches | None = None


def state_document(state: TreeState) -> dict[str, Any]:
    """The state as JSON has it."""
    return {
        "found": state.found,
        "plain": state.plain,
        "tables": [{**vars(table), "path": str(table.path)} for table in state.tables],
        "modules": list(state.modules),
        "central": list(state.central),
        "heads": dict(state.heads),
        "revisions": dict(state.revisions),
        "settled": dict(state.settled),
        "catalogs": {
            side: {"version": VERSION, **to_document(catalog)}
            for side, catalog in state.catalogs.items()
        },
    }


def load_state(document: dict[str, Any], tree: EarlierTree) -> TreeState:
    """The state that a document of `state_document` has, which was read where `tree` lies."""
    heads = {name: tuple(ids) for name, ids in document["heads"].items()}
    return TreeState(
        found=document["found"],
        plain=document["plain"],
        tables=tuple(_loaded_table(table, tree) for table in document["tables"]),
        modules=tuple(document["modules"]),
        central=tuple(document["central"]),
        heads=MappingProxyType(heads),
        revisions=MappingProxyType(document["revisions"]),
        settled=MappingProxyType(document["settled"]),
        catalogs=MappingProxyType({s: load(each) for s, each in document["catalogs"].items()}),
    )


def _loaded_table(document: dict[str, Any], tree: EarlierTree) -> StatedTable:
    parts = document["parts"]
    return StatedTable(
        **{
            **document,
            "path": tree.original(Path(document["path"])),
            "parts": None if parts is None else tuple(StatedPart(*part) for part in parts),
        }
    )
