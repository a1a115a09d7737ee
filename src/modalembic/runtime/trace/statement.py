"""What a statement is, as far as it matters whether it may be sent again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from modalembic.runtime.sql_text import controls_transaction, without_opaque

Kind = Literal[
    "session", "plain", "repeatable", "index", "drop-index", "reindex", "label", "detach", "other"
]

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_QUALIFIED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_COMMENT = re.compile(
    r"""('(?:[^']|'')*'|"[^"]*"|\$(\w*)\$.*?\$\2\$)|--[^\n]*|/\*.*?\*/""", re.DOTALL
)
_IGNORE = re.IGNORECASE | re.DOTALL

_CREATE_INDEX = re.compile(
    r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+"
    rf"(?:(?:IF\s+NOT\s+EXISTS\s+)?(?!ON\s)(?P<index>{_NAME})\s+)?ON\s+(?:ONLY\s+)?(?P<table>{_QUALIFIED})",
    _IGNORE,
)
_DROP_INDEX = re.compile(
    rf"DROP\s+INDEX\s+CONCURRENTLY\s+(?:IF\s+EXISTS\s+)?(?P<index>{_QUALIFIED})", _IGNORE
)
_REINDEX = re.compile(
    r"REINDEX\s+(?:\([^)]*\)\s*)?(?P<what>INDEX|TABLE)\s+(?:CONCURRENTLY\s+)?"
    rf"(?P<relation>{_QUALIFIED})",
    _IGNORE,
)
_LABEL = re.compile(
    rf"ALTER\s+TYPE\s+(?P<type>{_QUALIFIED})\s+ADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r"(?P<label>'(?:[^']|'')*')",
    _IGNORE,
)
_DETACH = re.compile(
    rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?P<table>{_QUALIFIED})\s+DETACH\s+PARTITION\s+"
    rf"(?P<part>{_QUALIFIED})\s+(?:CONCURRENTLY|FINALIZE)",
    _IGNORE,
)
_SESSION = re.compile(r"(?:SET(?!\s+CONSTRAINTS)|RESET|SHOW)\b", re.IGNORECASE)
_REPEATABLE = re.compile(
    r"(?:VACUUM|ANALYZE|ANALYSE|CLUSTER|CHECKPOINT|REFRESH\s+MATERIALIZED\s+VIEW|REINDEX)\b",
    re.IGNORECASE,
)
# What may be in a transaction, as a rule: extensions have exceptions, which the server tells.
_PLAIN = re.compile(
    r"(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|SELECT|WITH|VALUES|TABLE|CREATE|ALTER|DROP|COMMENT|"
    r"GRANT|REVOKE|LOCK|IMPORT|SECURITY|REASSIGN|NOTIFY|SET\s+CONSTRAINTS)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE)
# What is there for the session only, and would be missed by what comes after it.
_OF_SESSION = re.compile(
    r"CREATE\s+(?:(?:GLOBAL|LOCAL)\s+)?TEMP(?:ORARY)?\b|(?:PREPARE|DECLARE|LISTEN|LOAD|DISCARD)\b",
    re.IGNORECASE,
)
_COMMIT = re.compile(r"(?:COMMIT|END)(?:\s+(?:WORK|TRANSACTION))?\s*;?\s*", re.IGNORECASE)
_ROLLBACK = re.compile(r"(?:ROLLBACK|ABORT)(?:\s+(?:WORK|TRANSACTION))?\s*;?\s*", re.IGNORECASE)
_BEGIN = re.compile(r"(?:^|;)\s*(?:BEGIN|START)\b[^;]*;?\s*$", re.IGNORECASE)
# Also one that ends where the text was cut.
_SECRET = re.compile(r"(\bPASSWORD\s+)(?:E?'(?:[^']|'')*(?:'|$))", re.IGNORECASE)
_BEFORE = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_LONGEST = 500


@dataclass(frozen=True)
class Named:
    """What a statement that cannot run in a transaction is about, as it writes it: an index, the
    relation that it belongs to, a type and its label, a partition."""

    kind: Kind
    relation: str | None = None
    name: str | None = None


def kind_of(statement: str) -> Kind:
    """What kind of statement this is. Several statements in one text are `plain` where each of them
    is, since the server takes them as one transaction; else they are `other`."""
    parts = [part.strip() for part in without_opaque(statement).split(";") if part.strip()]
    if len(parts) > 1:
        plain = all(_PLAIN.match(part) and not _ALONE.search(part) for part in parts)
        return "plain" if plain and not leaves_session_state(statement) else "other"
    return named(statement).kind


def named(statement: str) -> Named:
    """The kind of a single statement, and what it names."""
    text = _without_comments(statement).rstrip(";").strip()
    for read in (_read_index, _read_drop_index, _read_reindex, _read_label, _read_detach):
        found = read(text)
        if found is not None:
            return found
    if controls_transaction(statement) or leaves_session_state(statement):
        return Named("other")
    if sets_session(text):
        return Named("session")
    if _REPEATABLE.match(text) and not _ALONE.search(without_opaque(text)):
        return Named("repeatable")
    if re.match(r"REFRESH\b", text, re.IGNORECASE):
        return Named("repeatable")
    if _PLAIN.match(text) and not _ALONE.search(without_opaque(text)):
        return Named("plain")
    return Named("other")


def _read_index(text: str) -> Named | None:
    found = _CREATE_INDEX.match(text)
    return Named("index", found["table"], found["index"]) if found else None


def _read_drop_index(text: str) -> Named | None:
    found = _DROP_INDEX.match(text)
    return Named("drop-index", None, found["index"]) if found else None


def _read_reindex(text: str) -> Named | None:
    found = _REINDEX.match(text)
    if found is None or not _ALONE.search(without_opaque(text)):
        return None
    is_index = found["what"].upper() == "INDEX"
    relation = found["relation"]
    return Named("reindex", None, relation) if is_index else Named("reindex", relation)


def _read_label(text: str) -> Named | None:
    found = _LABEL.match(text)
    return Named("label", found["type"], found["label"][1:-1].replace("''", "'")) if found else None


def _read_detach(text: str) -> Named | None:
    found = _DETACH.match(text)
    return Named("detach", found["table"], found["part"]) if found else None


def sets_session(statement: str) -> bool:
    """Whether this only sets something for the session, or shows it."""
    return _SESSION.match(statement, _first_word(statement)) is not None


def leaves_session_state(statement: str) -> bool:
    """Whether what follows may rest on something that ends with the session."""
    return _OF_SESSION.match(statement, _first_word(statement)) is not None


def _without_comments(statement: str) -> str:
    return _COMMENT.sub(lambda found: found[1] or " ", statement).strip()


def _first_word(statement: str) -> int:
    """Where it begins, behind comments. Only so much is read of a text that may be long."""
    found = _BEFORE.match(statement)
    return found.end() if found else 0


def may_leave_a_part(kind: Kind) -> bool:
    """Whether something of such a statement may stay when it fails; of the `other` ones CALL and DO
    may commit on the way."""
    return kind in {"index", "drop-index", "reindex", "detach", "other"}


def only_commits(statement: str) -> bool:
    """Whether this is COMMIT and nothing else."""
    return _COMMIT.fullmatch(_without_comments(statement)) is not None


def only_rolls_back(statement: str) -> bool:
    """Whether this is ROLLBACK and nothing else."""
    return _ROLLBACK.fullmatch(_without_comments(statement)) is not None


def begins(statement: str) -> bool:
    """Whether a transaction is open after this that it has begun."""
    return _BEGIN.search(without_opaque(statement)) is not None


def shown(statement: str) -> str:
    """A statement as it is noted: its beginning, and no password."""
    text = _SECRET.sub(r"\1'***'", statement[: 4 * _LONGEST].strip())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
