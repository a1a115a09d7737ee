"""What the revisions of a module say that they make, and what they speak of.

What a revision does cannot be told from its source. This only decides what is shown and saved
before a module is uninstalled; whether its downgrades kept to that, Postgres is asked afterwards.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from modalembic.history.plan import plan_upgrade
from modalembic.history.revision import Revision
from modalembic.history.statements import Statement, read_statements
from modalembic.project import Project
from modalembic.syntax import parse

Name = tuple[str | None, str]
_UNLESS_THERE = re.compile(r"\bif\s+not\s+exists\b|\bif_not_exists\s*=\s*True\b", re.IGNORECASE)
_ADDS = re.compile(r"\badd(?:_column)?\b", re.IGNORECASE)


class Makers:
    """The revisions `applied` as far as they speak of objects, in an order in which they may have
    run. Names are pairs of a schema, None where none is said, and a name."""

    def __init__(self, project: Project, module: str, applied: frozenset[str]) -> None:
        self._project = project
        self._module = module
        self._applied = applied

    def maker(self, schema: str, name: str, *, visible: bool) -> Revision | None:
        """The revision that makes the table or other object, as far as the source tells; None
        where it does not. `visible`: the search path leads to the object's schema."""
        # Of a name with dots a statement has the last part.
        schemas = (schema, None) if visible else (schema,)
        places = ((where, word) for where in schemas for word in (name, name.rpartition(".")[2]))
        return next((self._made[place] for place in places if place in self._made), None)

    def speaks_of(self, schema: str, name: str) -> bool:
        """Whether a statement of the module's revisions is about the table."""
        return any(
            name in _spelled(said.subject) and said.schema in (None, schema) for said in self._own
        )

    def adds_to(self, schema: str, name: str) -> bool:
        """Whether a statement of the module's revisions adds something to the table."""
        return any(
            name in _spelled(said.subject)
            and said.schema in (None, schema)
            and said.columns
            and not said.creates
            and _ADDS.search(said.text) is not None
            for said in self._own
        )

    def mentions(self, name: str) -> bool:
        """Whether the text of the module's revisions, but for their downgrades, has the name as a
        word."""
        return self._module in self._mentioning(name)

    def alone_mentions(self, name: str) -> bool:
        """Whether the module's revisions have the name, and those of no other module."""
        return self._mentioning(name) == {self._module}

    def _mentioning(self, name: str) -> set[str]:
        spellings = {name, name.replace('"', '""')}
        # Drivers take a % that is doubled.
        spellings |= {spelling.replace("%", "%%") for spelling in spellings}
        words = "|".join(re.escape(each) for each in sorted(spellings))
        word = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
        return {module for module, text in self._texts if word.search(text) is not None}

    def also_made_by(self, name: str) -> str | None:
        """Another module whose revisions say that they make an object of this name."""
        return next(
            (
                revision.module
                for revision, said in self._statements
                if said.creates
                and revision.module != self._module
                and name in _spelled(said.subject)
            ),
            None,
        )

    @cached_property
    def _made(self) -> dict[Name, Revision]:
        made: dict[Name, Revision] = {}
        for revision, said in self._statements:
            for subject in _spelled(said.subject):
                if said.creates:
                    if not _finds(said, subject, made):
                        made[said.schema, subject] = revision
                elif said.former is not None:
                    before = next(
                        (
                            made[said.schema, former]
                            for former in _spelled(said.former)
                            if (said.schema, former) in made
                        ),
                        None,
                    )
                    if before is not None:
                        made[said.schema, subject] = before
        return made

    @property
    def _own(self) -> Iterator[Statement]:
        return (said for revision, said in self._statements if revision.module == self._module)

    @cached_property
    def _texts(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (revision.module, _without_downgrade(source, str(revision.path)))
            for revision, source in self._sources
        )

    @cached_property
    def _statements(self) -> tuple[tuple[Revision, Statement], ...]:
        return tuple(
            (revision, said)
            for revision, source in self._sources
            for said in read_statements(source, str(revision.path))
        )

    @cached_property
    def _sources(self) -> tuple[tuple[Revision, bytes], ...]:
        project = self._project
        goals = sorted(self._applied)
        plan = plan_upgrade(project.graph, "heads", goals, frozenset(), project.module_order)
        return tuple((step.revision, _source(step.revision)) for step in plan.steps)


def _finds(said: Statement, subject: str, made: Iterable[Name]) -> bool:
    """Whether the statement leaves what is there already as it is, and it is among `made`."""
    if _UNLESS_THERE.search(said.text) is None:
        return False
    schemas = {None, said.schema}
    return any(n == subject and (said.schema is None or s in schemas) for s, n in made)


def _spelled(subject: str) -> tuple[str, ...]:
    """The names that a word of the source may stand for: SQL folds what is not quoted."""
    return tuple(dict.fromkeys((subject, subject.lower())))


def _without_downgrade(source: bytes, path: str) -> str:
    """The code of a revision's file but for `downgrade`, of which it is asked what it undoes, and
    then its strings as they are when it runs."""
    try:
        tree = parse(source, path)
    except SyntaxError:
        return source.decode("utf-8", "replace")
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.FunctionDef) and node.name == "downgrade")
    ]
    strings = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return "\n".join((ast.unparse(tree), *strings))


def _source(revision: Revision) -> bytes:
    try:
        return Path(revision.path).read_bytes()
    except OSError:
        return b""
