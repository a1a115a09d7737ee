"""What creating the models would send to a server, found by playing `create_all` to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_mock_engine, make_url
from sqlalchemy.pool import Pool
from sqlalchemy.schema import AddConstraint, CreateIndex

from modalembic.postgres.catalog.keys import relation_key, type_key
from modalembic.runtime.cache.store import digest_of

if TYPE_CHECKING:
    from sqlalchemy import MetaData

DEFAULT_SCHEMA = "public"
# What SQLAlchemy has in sets: the indexes of a table, and the foreign keys that come last.
_UNORDERED = (AddConstraint, CreateIndex)


@dataclass(frozen=True)
class Played:
    """The keys of the types and sequences that a MetaData `made` by itself, and the `statements`
    of creating it, compiled. None where these are not all there is to it: a listener needs a real
    connection, or one listens to all engines. `plain`: they can be sent as they stand."""

    made: frozenset[str]
    statements: tuple[str, ...] | None = None
    plain: bool = False

    @cached_property
    def digest(self) -> str | None:
        """That of the statements."""
        return None if self.statements is None else digest_of(self.statements)


def play(metadata: MetaData) -> Played:
    """What creating `metadata` would do. Where a listener needs a real connection for that, all
    types and sequences are taken to be made: what is lent by mistake would not be compared, and
    what is needed is lent once it is missed."""
    made: set[str] = set()
    sent: list[tuple[type | None, str]] = []
    bound: list[object] = []

    def note(element: Any, parameters: Any = None, *_: Any, **__: Any) -> None:
        made.update(_made_by(element))
        compiled = element.compile(dialect=engine.dialect)
        values = getattr(compiled, "params", None) or parameters
        text = f"{compiled} {values!r}" if values else str(compiled)
        sent.append((type(element) if isinstance(element, _UNORDERED) else None, text))
        bound.extend([values] if values else [])

    # The URL of nothing: it only says which dialect the statements are for. With another style of
    # parameters % would be doubled.
    url = make_url("postgresql+psycopg://")
    engine = create_mock_engine(url, note, paramstyle="named")
    try:
        metadata.create_all(engine, checkfirst=False)
    except Exception:  # noqa: BLE001 - a listener may raise anything
        return Played(_Everything())
    if _all_engines_are_listened_to():
        return Played(frozenset(made))
    return Played(frozenset(made), tuple(_settled(sent)), plain=not bound)


def _settled(sent: list[tuple[type | None, str]]) -> Iterator[str]:
    """The statements, sorted where it is by chance which of them comes first."""
    for kind, group in groupby(sent, key=itemgetter(0)):
        texts = [text for _, text in group]
        yield from texts if kind is None else sorted(texts)


def _made_by(element: Any) -> list[str]:
    kind = type(element).__name__
    target = getattr(element, "element", None)
    name, schema = getattr(target, "name", None), getattr(target, "schema", None)
    if name is None:
        return []
    if kind in {"CreateEnumType", "CreateDomainType"}:
        return [type_key(schema or DEFAULT_SCHEMA, name)]
    if kind == "CreateSequence":
        return [relation_key(schema or DEFAULT_SCHEMA, name)]
    return []


def _all_engines_are_listened_to() -> bool:
    """Whether somebody listens to every engine or pool, and may change what is sent to it."""
    return any(
        listeners
        for target in (Engine, Pool)
        for name in target.dispatch._event_names  # noqa: SLF001 - no public list
        for listeners in getattr(target.dispatch, name)._clslevel.values()  # noqa: SLF001
    )


class _Everything(frozenset[str]):
    """A set that has every type and every sequence in it."""

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.startswith(("type ", "relation "))
