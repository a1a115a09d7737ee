"""Which revision, and which line of it, speaks of an object that differs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from modalembic.history.plan import plan_upgrade
from modalembic.history.revision import Revision
from modalembic.history.statements import Statement, read_statements
from modalembic.project import Project

# What a statement that is about a part of a table has in it.
_WORDS = {
    "comment": "comment",
    "force-row-security": "row level security",
    "inherits": "inherit",
    "partition-bound": "partition",
    "partition-key": "partition",
    "partition-of": "partition",
    "replica-identity": "replica identity",
    "row-security": "row level security",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A revision and a line of its file."""

    revision: Revision
    line: int


@dataclass(frozen=True, slots=True)
class _Said:
    revision: Revision
    statement: Statement

    def at(self, word: str | None = None) -> Mention:
        line = self.statement.line_of(word) if word is not None else None
        return Mention(self.revision, line or self.statement.line)


class Mentions:
    """What the revisions of a project say, in an order in which they may run."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, name: str, member: str | None, kind: str, part: str | None) -> Mention | None:
        """The statement that made an object what it is: of all that speak of `name` (a table, say)
        and its `member`, the last. A member that none speaks of stands where its table is created.
        `kind` is the catalog's word for what differs, `part` what of it."""
        own = [said for each in self._called(name) for said in self._by_subject.get(each, ())]
        if member is not None:
            found = _last_with(own, member, part, of_columns=kind in {"column", "attribute"})
            return found or _created(own, name) or self._anywhere([name, member])
        word = _WORDS.get(part or "")
        told = [said for said in own if word is not None and said.statement.has(word)]
        return told[-1].at(name) if told else _created(own, name)

    def text(self, names: list[str]) -> Mention | None:
        """The last revision whose code has all of the names, wherever that may be."""
        return self._anywhere(names)

    def _anywhere(self, names: list[str]) -> Mention | None:
        words = [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name in names]
        for revision, source in reversed(self._sources):
            text = _without_docstring(source.decode("utf-8", "replace"))
            found = [word.search(text) for word in words]
            if found[-1] is not None and all(found):
                return Mention(revision, text.count("\n", 0, found[-1].start()) + 1)
        return None

    def _called(self, name: str) -> tuple[str, ...]:
        """The name and those that the object had before it."""
        names = {name: None}
        waiting = [name]
        while waiting:
            for said in self._by_subject.get(waiting.pop(), ()):
                former = said.statement.former
                if former is not None and former not in names:
                    names[former] = None
                    waiting.append(former)
        return tuple(names)

    @cached_property
    def _by_subject(self) -> dict[str, list[_Said]]:
        found: dict[str, list[_Said]] = {}
        for revision, source in self._sources:
            for statement in read_statements(source, str(revision.path)):
                found.setdefault(statement.subject, []).append(_Said(revision, statement))
        return found

    @cached_property
    def _sources(self) -> tuple[tuple[Revision, bytes], ...]:
        project = self._project
        goals = project.graph.revisions.keys()
        plan = plan_upgrade(project.graph, "heads", goals, frozenset(), project.module_order)
        return tuple((step.revision, _source(step.revision)) for step in plan.steps)


def _last_with(
    own: list[_Said], member: str, part: str | None, *, of_columns: bool
) -> Mention | None:
    """The last that has the member; for its comment, the last that comments, and for all else the
    last that does not; for a column, an index on it counts only if nothing else does."""
    having = [said for said in own if said.statement.line_of(member) is not None]
    word = _WORDS.get(part or "")
    telling = [said for said in having if word is not None and said.statement.has(word)]
    defining = [said for said in having if of_columns and said.statement.columns]
    making = [said for said in having if not said.statement.has("comment on")]
    chosen = telling or defining or making or having
    return chosen[-1].at(member) if chosen else None


def _created(own: Iterable[_Said], name: str) -> Mention | None:
    said = list(own)
    creating = [each for each in said if each.statement.creates]
    return (creating or said)[-1].at(name) if said else None


def _source(revision: Revision) -> bytes:
    try:
        return Path(revision.path).read_bytes()
    except OSError:
        return b""


def _without_docstring(text: str) -> str:
    """The text with its first string blanked, lines kept."""
    found = re.match(r'\s*(?:#.*\n\s*)*(r?"""(?:.*?)"""|r?\'\'\'(?:.*?)\'\'\')', text, re.DOTALL)
    if found is None:
        return text
    return "\n" * text.count("\n", 0, found.end()) + text[found.end() :]
