"""Whether a database can have what its version rows say, judged by names alone.

The files of the revisions tell which tables and columns they make, as far as these are written in
them; nothing is run. It serves to decide whether it is worth to compare, and no more: a name that
is computed is not known, and one may be meant otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from modalembic.history.revision import Revision
from modalembic.history.statements import Statement, read_statements
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.match.timeline import whole_order

COLUMNS = """
SELECT c.relname::text, a.attname::text
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT LIKE 'pg\\_%'
   AND n.nspname <> 'information_schema'
"""
_NAME = r"""(?:"(?P<quoted>[^"]+)"|(?P<plain>[^\W\d]\w*))"""
_NO_COLUMN = r"(?!(?:CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE|IF|NOT|GENERATED)\b)"
_ADDED = re.compile(
    rf"\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?{_NO_COLUMN}{_NAME}", re.IGNORECASE
)
_ADDED_BY_CALL = re.compile(r"""\badd_column\(.*?\bColumn\(\s*["']([^"']+)["']""", re.DOTALL)
_ALTERS = re.compile(r"\bALTER\s+TABLE\b", re.IGNORECASE)
# What makes it impossible to follow the columns of a table by their names.
_CHANGED = re.compile(
    r"drop_column|new_column_name"
    r"|\bDROP\s+(?!CONSTRAINT\b|NOT\b|DEFAULT\b|IDENTITY\b|EXPRESSION\b)|\bRENAME\b",
    re.IGNORECASE,
)
_CREATES = re.compile(r"\bCREATE\s+(?:UNLOGGED\s+|FOREIGN\s+)*TABLE\b", re.IGNORECASE)
_IDENTIFIER = r"""(?:"[^"]+"|[^\W\d][\w$]*)"""
_LISTED = rf"{_IDENTIFIER}(?:\s*\.\s*{_IDENTIFIER})*"
_DROPS = re.compile(
    rf"\bDROP\s+(?:FOREIGN\s+)?TABLE\s+(?:IF\s+EXISTS\s+)?({_LISTED}(?:\s*,\s*{_LISTED})*)",
    re.IGNORECASE,
)
_OF_TABLE = r"\bTABLE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?"
_TEMPORARY = re.compile(r"\bTEMP(?:ORARY)?\b", re.IGNORECASE)

# A table, or a table and a column. They are compared in lower case: the files do not always tell
# whether Postgres folds a name.
Name = tuple[str, ...]


@dataclass(frozen=True)
class Suspicion:
    """A revision, and a table or column of its that is not there though it counts as applied
    (`missing`), or is there though it does not."""

    revision: str
    name: str
    missing: bool

    def __str__(self) -> str:
        if self.missing:
            return f"{self.name}, which {self.revision} makes, is not there"
        return f"{self.name}, which {self.revision} makes, is there already"


@dataclass
class _Made:
    """What revisions make, each with the one that did, and as it is written there."""

    by: dict[Name, tuple[str, Name]] = field(default_factory=dict)

    def follow(self, revision: Revision) -> None:
        """Take in what a revision makes, renames and drops."""
        for statement in _statements(revision):
            if _is_computed(statement):
                continue
            if _creates_table(statement):
                self._make((statement.subject,), revision.id)
            elif statement.former is not None:
                self._rename(statement.former, statement.subject, revision.id)
            elif statement.has("drop_table") or statement.has("drop table"):
                for table in (statement.subject, *_dropped(statement.text)):
                    self._forget(table)
            elif _CHANGED.search(statement.text):
                self._forget_columns(statement.subject)
            else:
                for column in _added(statement.text):
                    self._make((statement.subject, column), revision.id)

    def _make(self, name: Name, by: str) -> None:
        self.by[_folded(name)] = by, name

    def _rename(self, former: str, name: str, by: str) -> None:
        for known in [known for known in self.by if known[0] == former.lower()]:
            _, written = self.by.pop(known)
            self._make((name, *written[1:]), by)

    def _forget(self, table: str) -> None:
        self.by.pop(_folded((table,)), None)
        self._forget_columns(table)

    def _forget_columns(self, table: str) -> None:
        for known in [known for known in self.by if known[0] == table.lower() and len(known) > 1]:
            del self.by[known]


def suspicions(
    project: Project, applied: AbstractSet[str], session: Session
) -> tuple[Suspicion, ...]:
    """What speaks against the version rows, in the order of revisions and names."""
    revisions = [project.graph.revisions[id_] for id_ in whole_order(project)]
    there = _names(session)
    expected, possible = _Made(), _Made()
    for revision in revisions:
        possible.follow(revision)
        if revision.id in applied:
            expected.follow(revision)
    return (
        *_told(expected.by, lambda name, _: name not in there, missing=True),
        *_told(
            possible.by,
            lambda name, by: name in there and by not in applied and name not in expected.by,
            missing=False,
        ),
    )


def _told(
    made: Mapping[Name, tuple[str, Name]], suspect: Callable[[Name, str], bool], *, missing: bool
) -> Iterator[Suspicion]:
    for name, (by, written) in sorted(made.items()):
        if suspect(name, by):
            kind = "table" if len(name) == 1 else "column"
            yield Suspicion(by, f"{kind} {'.'.join(written)}", missing)


def _names(session: Session) -> set[Name]:
    found: set[Name] = set()
    for table, column in session.fetch(COLUMNS):
        found.add(_folded((table,)))
        if column is not None:
            found.add(_folded((table, column)))
    return found


def _folded(name: Name) -> Name:
    return tuple(part.lower() for part in name)


def _statements(revision: Revision) -> Iterator[Statement]:
    try:
        source = Path(revision.path).read_bytes()
    except OSError:
        return
    yield from read_statements(source, revision.path)


def _creates_table(statement: Statement) -> bool:
    if not statement.creates or _TEMPORARY.search(statement.text):
        return False
    return statement.has("create_table") or _CREATES.search(statement.text) is not None


def _is_computed(statement: Statement) -> bool:
    """Whether what is written is a part of the name only: the rest comes when the revision runs."""
    begun = rf'{_OF_TABLE}[\w.$"]*{re.escape(statement.subject)}[{{%]'
    return re.search(begun, statement.text, re.IGNORECASE) is not None


def _dropped(text: str) -> Iterator[str]:
    """The tables of a DROP TABLE, which may be several."""
    for found in _DROPS.finditer(text):
        for table in re.findall(_LISTED, found[1]):
            yield re.findall(_IDENTIFIER, table)[-1].strip('"')


def _added(text: str) -> Iterator[str]:
    yield from _ADDED_BY_CALL.findall(text)
    for found in _ADDED.finditer(text) if _ALTERS.search(text) else ():
        yield found["quoted"] or found["plain"].lower()
