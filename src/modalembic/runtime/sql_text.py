"""What the text of a statement tells without a parser."""

from __future__ import annotations

import re
from functools import lru_cache

_TRANSACTION_CONTROL = re.compile(
    r"(?:^|;)\s*(?:(?:BEGIN|START|COMMIT|END|ROLLBACK|ABORT)\b"
    r"(?!(?:\s+(?:WORK|TRANSACTION))?\s+TO\b)|PREPARE\s+TRANSACTION\b)",
    re.IGNORECASE,
)
# What may hold any word: comments, strings, and the bodies of functions that are strings.
_OPAQUE = re.compile(
    r"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$"
    r"|\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"[^\"]*\"",
    re.DOTALL | re.IGNORECASE,
)
# The bodies that are none. Their own END is found when those of CASE are gone, innermost first.
_ATOMIC = re.compile(r"\bBEGIN\s+ATOMIC\b.*?\bEND\b", re.DOTALL | re.IGNORECASE)
_CASE = re.compile(r"\bCASE\b(?:(?!\b(?:CASE|END)\b).)*\bEND\b", re.DOTALL | re.IGNORECASE)


@lru_cache(maxsize=1)  # several look at each statement, and a text may be long
def controls_transaction(statement: str) -> bool:
    """Whether a statement begins or ends a transaction."""
    return _TRANSACTION_CONTROL.search(without_opaque(statement)) is not None


def without_opaque(statement: str) -> str:
    """A statement without its comments, strings and the bodies of functions."""
    text = _OPAQUE.sub(" ", statement)
    found = 1 if _ATOMIC.search(text) is not None else 0
    if not found:
        return text
    while found:
        text, found = _CASE.subn(" ", text)
    return _ATOMIC.sub(" ", text)
