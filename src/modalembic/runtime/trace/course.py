"""The course of a revision: its statements, in the order in which they came."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_SHOWN = 50  # the last ones are kept in words, for people
MOST_COUNTED = 5000  # beyond, a revision cannot be gone on with

READ = "it reads the database on the way, and what it does may follow from that"
WENT_ON = "it goes on after a statement that fails"
SESSION = "it makes something that ends with its session"
CONTROLS = "it controls its transaction in SQL"
DRIVER = "it uses the driver's own connection, whose statements are not seen"
LONG = f"it is longer than {MOST_COUNTED} statements"


@dataclass(frozen=True)
class Position:
    """How far a course has come: `ran` statements, with the `digest` of them and their parameters;
    `effects` of them may have left something in the database. `rowcounts` are the numbers of rows
    that the driver told of each. `blocked` is why the course may not be gone on with from here."""

    ran: int = 0
    effects: int = 0
    digest: str = ""
    rowcounts: tuple[int, ...] = ()
    blocked: str | None = None

    def document(self) -> dict[str, Any]:
        """As it is noted."""
        return {
            "ran": self.ran,
            "effects": self.effects,
            "digest": self.digest,
            "rowcounts": list(self.rowcounts),
            "blocked": self.blocked,
        }


def position_of(document: Mapping[str, Any]) -> Position:
    """What `Position.document` gave."""
    return Position(
        int(document.get("ran", 0)),
        int(document.get("effects", 0)),
        str(document.get("digest", "")),
        tuple(document.get("rowcounts", ())),
        document.get("blocked"),
    )


class Course:
    """The statements of the attempt at work so far, whether they are committed or not."""

    def __init__(self) -> None:
        self.ran = 0
        self.effects = 0
        self.digest = ""
        self.blocked: str | None = None
        self._rowcounts: list[int] = []
        self._shown: deque[str] = deque(maxlen=MOST_SHOWN)

    def block(self, reason: str) -> None:
        """It may not be gone on with from here on; the first reason counts."""
        self.blocked = self.blocked or reason

    def follows(self, statement: str, parameters: object) -> str:
        """The digest that the course would have with one statement more."""
        text = f"{self.digest}\0{statement}\0{parameters!r}"
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()

    def add(self, shown: str, digest: str, rowcount: int, *, effect: bool) -> None:
        """A statement more, which was successful."""
        self.ran += 1
        self.effects += effect
        self.digest = digest
        self._shown.append(shown)
        if len(self._rowcounts) < MOST_COUNTED:
            self._rowcounts.append(rowcount)
        else:
            self.block(LONG)

    def position(self) -> Position:
        """Where the course is now."""
        return Position(self.ran, self.effects, self.digest, tuple(self._rowcounts), self.blocked)

    def shown_since(self, ran: int) -> list[str]:
        """The statements after the first `ran`, as far as they are kept."""
        number = self.ran - ran
        return list(self._shown)[-number:] if number else []

    def shown_until(self, ran: int) -> list[str]:
        """The first `ran` statements, as far as they are kept."""
        later = self.ran - ran
        kept = list(self._shown)
        return kept[: len(kept) - later] if later < len(kept) else []
