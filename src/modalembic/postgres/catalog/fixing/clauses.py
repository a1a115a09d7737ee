"""Small clauses that many fixes share."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modalembic.postgres.catalog.fixing.steps import Step, make
from modalembic.postgres.catalog.names import literal, quote
from modalembic.postgres.catalog.writing.options import storage
from modalembic.postgres.catalog.writing.units import Rank


def commented(kind: str, name: str, text: str | None) -> Step:
    """COMMENT ON, as it is written for a new object, or to take a comment away."""
    shown = "NULL" if text is None else literal(text).strip()
    return make(Rank.COMMENT, f"{name} {kind}", f"COMMENT ON {kind} {name} IS {shown}")


def options_words(wanted: tuple[str, ...], there: tuple[str, ...]) -> list[str]:
    """`RESET (…)` and `SET (…)` for what differs."""
    names = {option.partition("=")[0] for option in wanted}
    gone = [name for option in there if (name := option.partition("=")[0]) not in names]
    new = tuple(option for option in wanted if option not in there)
    words = [f"RESET ({', '.join(gone)})"] if gone else []
    return words + ([f"SET {storage(new)}"] if new else [])


def foreign_options_words(wanted: tuple[str, ...], there: tuple[str, ...]) -> str:
    """`OPTIONS (ADD …, SET …, DROP …)` for what differs."""
    old = dict(option.partition("=")[::2] for option in there)
    new = dict(option.partition("=")[::2] for option in wanted)
    words = [f"DROP {quote(name)}" for name in sorted(old.keys() - new.keys())]
    words += [
        f"{'SET' if name in old else 'ADD'} {quote(name)} {literal(value).strip()}"
        for name, value in new.items()
        if old.get(name) != value
    ]
    return f"OPTIONS ({', '.join(words)})"


def mentions(expression: str, column: str) -> bool:
    """Whether a printed expression has the name of a column in it, outside of strings."""
    wanted = quote(column)
    return any(token == wanted for token in _tokens(expression))


_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[^\W\d][\w$]*")


def _tokens(expression: str) -> Iterator[str]:
    return (match.group() for match in _TOKEN.finditer(expression))
