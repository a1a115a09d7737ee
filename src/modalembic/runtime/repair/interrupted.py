"""Revisions that left their transaction and were interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modalembic.errors import NotInterrupted, UsageError
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.failure import shown_path
from modalembic.runtime.repair.action import Action
from modalembic.runtime.repair.rows import MendedRows
from modalembic.runtime.state.content import content_of
from modalembic.runtime.state.situation import Situation
from modalembic.runtime.tables.history import HistoryTable
from modalembic.runtime.tables.version import literal
from modalembic.runtime.trace.found import Trace, read_open
from modalembic.runtime.trace.outcome import Outcome, outcome_of
from modalembic.runtime.trace.require import fix_of, is_moot


@dataclass(frozen=True)
class Left:
    """An interrupted revision of which not enough is proven, and what a person is to do."""

    revision: str
    module: str
    text: str
    fix: str


class Interrupted:
    """The interrupted revisions of a database, and what `repair` makes of them."""

    def __init__(
        self, project: Project, session: Session, situation: Situation, rows: MendedRows
    ) -> None:
        self._project = project
        self._session = session
        self._situation = situation
        self._rows = rows
        self._traces: dict[str, Trace] = {}
        for trace in read_open(session, situation.history):
            self._traces.setdefault(trace.revision, trace)

    def said(self, done: Iterable[str], undone: Iterable[str]) -> Iterator[Action]:
        """An action for each revision of which somebody says what is true.

        Raises UsageError where both is said of one, NotInterrupted where one was not interrupted.
        """
        done, undone = tuple(dict.fromkeys(done)), tuple(dict.fromkeys(undone))
        both = sorted(set(done) & set(undone))
        if both:
            raise UsageError(f"{both[0]} is either --done or --undone")
        for option, ids in (("--done", done), ("--undone", undone)):
            for id_ in ids:
                if id_ not in self._traces:
                    raise self._not_interrupted(option, id_)
        yield from (self._said(self._traces.pop(id_), is_done=True) for id_ in done)
        yield from (self._said(self._traces.pop(id_), is_done=False) for id_ in undone)

    def proven(self) -> Iterator[Action]:
        """An action for each revision of which the catalog tells enough."""
        for _, trace in sorted(self._traces.items()):
            if is_moot(trace, self._situation):
                yield self._moot(trace)
            elif not trace.settled:
                outcome = outcome_of(self._session, trace)
                if outcome.is_proven:
                    yield self._settled(trace, outcome)

    def left(self) -> tuple[Left, ...]:
        """Those of which it does not, sorted."""
        found = []
        for _, trace in sorted(self._traces.items()):
            if trace.settled or is_moot(trace, self._situation):
                continue
            outcome = outcome_of(self._session, trace)
            if not outcome.is_proven:
                text = f"{trace.title}: {trace.reached}; {outcome.reason}"
                found.append(Left(trace.revision, trace.module, text, fix_of(trace, outcome)))
        return tuple(found)

    def _not_interrupted(self, option: str, id_: str) -> NotInterrupted:
        known = ", ".join(sorted(self._traces))
        return NotInterrupted(
            f"{option} {id_}: no revision of that id was interrupted in this database",
            hint=f"interrupted: {known}"
            if known
            else "none was; modalembic stamp writes version rows, modalembic doctor says what is "
            "wrong",
        )

    def _said(self, trace: Trace, *, is_done: bool) -> Action:
        is_there = is_done == (trace.direction == "upgrade")
        what = f"the {trace.direction} of {trace.revision} ({trace.module})"
        text = f"{what} counts as done" if is_done else f"{what} counts as not begun"
        statements: tuple[str, ...] = ()
        if trace.revision in self._project.graph.revisions:
            change = self._rows.applied if is_there else self._rows.undone
            statements = change(trace.revision)
        closing = _update(self._situation.history, trace, {"open": False})
        action = replace(
            self._action("done" if is_done else "undone", trace, text),
            statements=(*statements, closing),
        )
        if is_there:
            return self._with_content(action)
        return replace(action, details={**action.details, "gone": True})

    def _moot(self, trace: Trace) -> Action:
        text = (
            f"the {trace.direction} of {trace.revision} ({trace.module}) was interrupted, and the "
            "version rows say that it was done since"
        )
        return replace(
            self._action("finish", trace, text),
            statements=(_update(self._situation.history, trace, {"open": False, "sent": None}),),
        )

    def _settled(self, trace: Trace, outcome: Outcome) -> Action:
        assert outcome.position is not None
        what = f"the {trace.direction} of {trace.revision} ({trace.module})"
        number = outcome.position.ran
        text = (
            f"{what} counts as not begun: nothing of it is left"
            if outcome.is_nothing
            else f"{what} did {number} statement{'' if number == 1 else 's'}, and the next "
            f"{trace.direction} goes on from there"
        )
        details: dict[str, Any] = {
            "open": not outcome.is_nothing,
            "settled": not outcome.is_nothing,
            "sent": None,
            "statements": [*trace.statements, *_done(trace, outcome)],
            **outcome.position.document(),
        }
        state = "failed" if outcome.is_nothing else trace.state
        return replace(
            self._action("finish", trace, f"{text} ({outcome.text})"),
            outside=outcome.clean,
            statements=(_update(self._situation.history, trace, details, state),),
        )

    def _action(self, kind: Any, trace: Trace, text: str) -> Action:
        return Action(
            kind=kind,
            revision=trace.revision,
            module=trace.module,
            text=text,
            parents=self._project.graph.parents.get(trace.revision, ()),
            path=trace.path,
            details={"direction": trace.direction, "run_id": trace.run_id, "row": trace.row},
        )

    def _with_content(self, action: Action) -> Action:
        """With what the file is now: that is what counts as having run."""
        revision = self._project.graph.revisions.get(action.revision)
        if revision is None:
            return action
        content = content_of(revision)
        return replace(
            action,
            path=shown_path(self._project.root, revision.path),
            content_hash=content.text,
            meaning_hash=content.meaning,
        )


def _done(trace: Trace, outcome: Outcome) -> Sequence[str]:
    """The statement at work, if it turned out to be done."""
    assert outcome.position is not None
    was_done = trace.sent is not None and outcome.position.ran > trace.position.ran
    return trace.sent.statements if was_done and trace.sent is not None else ()


def _update(
    history: HistoryTable, trace: Trace, details: Mapping[str, Any], state: str = "failed"
) -> str:
    return (
        f"UPDATE {history.qualified} SET state = {literal(state)}, "
        f"details = details || {literal(json.dumps(details))}::jsonb WHERE id = {trace.row}"
    )
