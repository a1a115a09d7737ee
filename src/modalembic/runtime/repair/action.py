"""What `repair` does, one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["finish", "overlap", "done", "undone", "accept", "retire"]


@dataclass(frozen=True)
class Action:
    """One thing to mend. `text` says what is done, in a sentence.

    `outside` are statements that run before everything else, each in a transaction of its own or
    in none (CONCURRENTLY); `statements` run together with the row that the history gets. `revision`
    and `module` are what that row is about, `details` what it says beside `action`.
    """

    kind: Kind
    revision: str
    module: str
    text: str
    statements: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    path: str | None = None
    content_hash: str | None = None
    meaning_hash: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
