"""What is noted of the revision at work: which of its statements are committed, and what is about
to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modalembic.runtime.trace import course as reasons
from modalembic.runtime.trace.course import Course, Position
from modalembic.runtime.trace.statement import Kind

if TYPE_CHECKING:
    from modalembic.runtime.record import Record
    from modalembic.runtime.trace.found import Trace
    from modalembic.runtime.trace.notebook import Notebook

_WROTE = "SELECT pg_catalog.txid_current_if_assigned() IS NOT NULL"

Driver = Callable[[str], list[tuple[Any, ...]]]


@dataclass
class Sent:
    """The statement at work. In autocommit it is either `wrapped`, in a transaction of ours, or
    `alone`. `skipped`: it was sent by an earlier run."""

    kind: Kind
    text: str
    digest: str
    wrapped: bool = False
    alone: bool = False
    skipped: bool = False
    leaves_session_state: bool = False
    may_leave_a_part: bool = False


class Notes:
    """The notes of one attempt at a revision.

    `driver` runs a statement on the connection that migrates; `notebook` writes on another one.
    `trace` is what the revision did before, where it is gone on with.
    """

    def __init__(
        self, notebook: Notebook, driver: Driver, record: Record, trace: Trace | None
    ) -> None:
        self._notebook = notebook
        self._driver = driver
        self._record = record
        self._committed = Position() if trace is None else trace.position
        self.row: int | None = None if trace is None else trace.row
        self.course = Course()

    def start(self) -> None:
        """Have a row that says that the revision has started."""
        if self.row is None:
            self.row = self._notebook.start(self._record, self._noted(together=True))

    def leave(self) -> None:
        """What the transaction has done is about to be committed: note it, and mark it there."""
        unseen = self.course.blocked == reasons.DRIVER
        if self.course.ran == self._committed.ran and not unseen:
            return
        try:
            wrote = self.wrote()
        except Exception:  # noqa: BLE001 - a transaction that has failed commits nothing
            return
        if not wrote:
            self.forget_effects()
            self._committed = self.course.position()
            return
        if self.row is None:
            self.start()
        else:
            self._write(self._noted(together=True))
        self.mark()

    def wrote(self) -> bool:
        """Whether the transaction at work has changed anything."""
        return bool(self._driver(_WROTE)[0][0])

    def forget_effects(self) -> None:
        """What came since the last commit leaves nothing."""
        self.course.effects = self._committed.effects

    def mark(self) -> None:
        """On the connection that migrates, in the transaction that is about to be committed: all up
        to here is done."""
        assert self.row is not None
        before, self._committed = self._committed, self.course.position()
        try:
            self._driver(self._notebook.update(self.row, self._noted(together=False)))
        except BaseException:
            self._committed = before
            raise

    def send(self, sent: Sent, evidence: Mapping[str, Any] | None) -> None:
        """A statement is about to be sent in autocommit."""
        details = self._noted(together=sent.wrapped)
        details["sent"] = {
            "statements": [sent.text],
            "together": sent.wrapped,
            "kind": sent.kind,
            "digest": sent.digest,
            "evidence": evidence,
        }
        self._write(details)

    def done(self) -> None:
        """All up to here is committed."""
        self._committed = self.course.position()
        self._write(self._noted(together=False))

    def fail(self, error: BaseException, *, uncertain: bool) -> bool:
        """The revision has failed, and its transaction is rolled back; `uncertain` is whether the
        statement at work may have left something. Gives whether anything is left."""
        assert self.row is not None
        details: dict[str, Any] = {"error": str(error).partition("\n")[0][:500]}
        if not uncertain:
            details["sent"] = None
        return self._notebook.fail(self.row, details, uncertain=uncertain)

    def ended(self) -> dict[str, Any]:
        """Details for the row, when the revision has ended."""
        if self.row is None:
            return {}
        position = self.course.position()
        return {
            "open": False,
            "sent": None,
            "statements": self.course.shown_until(position.ran),
            **position.document(),
        }

    def _write(self, details: Mapping[str, Any]) -> None:
        assert self.row is not None
        self._notebook.write(self.row, details)

    def _noted(self, *, together: bool) -> dict[str, Any]:
        """What is committed and, with `together`, what the transaction at work would commit."""
        pending = self.course.shown_since(self._committed.ran)
        sent = {"statements": pending, "together": True} if pending and together else None
        return {
            "open": True,
            "settled": False,
            "statements": self.course.shown_until(self._committed.ran),
            "sent": sent,
            **self._committed.document(),
            "blocked": self.course.blocked,
        }
