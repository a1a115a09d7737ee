"""What the text of a statement tells without a parser."""

from __future__ import annotations

import re
from functools import lru_cache

_TRANSACTION_CONTROL = re.compile(
    r"(?:^|;)\s*(BEGIN|START|COMMIT|END|ROLLBACK|ABORT)\b(?!\s+TO\b)", re.IGNORECASE
)
# What may hold any word: comments, strings, and the bodies of functions.
_OPAQUE = re.compile(
    r"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'|\"[^\"]*\"|\bBEGIN\s+ATOMIC\b.*?\bEND\b",
    re.DOTALL | re.IGNORECASE,
)


@lru_cache(maxsize=1)  # several look at each statement, and a text may be long
def controls_transaction(statement: str) -> bool:
    """Whether a statement begins or ends a transaction."""
    return _TRANSACTION_CONTROL.search(without_opaque(statement)) is not None


def without_opaque(statement: str) -> str:
    """A statement without its comments, strings and the bodies of functions."""
    return _OPAQUE.sub(" ", statement)
