"""A log of JSON objects, one a line; its fields are in `docs/guide/observability.md`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO


class JsonLog:
    """Writes to `stream`; `scrub` takes the passwords out of what is written.

    Every object has all of the first fields, null where one means nothing; `at_work` has those that
    hold for everything that is written from now on.
    """

    def __init__(self, stream: TextIO, scrub: Callable[[Any], Any]) -> None:
        self.stream = stream
        self._scrub = scrub
        self.at_work: dict[str, Any] = {
            "run_id": None,
            "revision": None,
            "module": None,
            "ms": None,
            "attempt": None,
        }

    def write(
        self, event: str, message: str, *, level: str = "info", at: float | None = None, **more: Any
    ) -> None:
        """One object. `at` is when, in seconds since 1970 (default: now)."""
        now = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
        time = now.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
        fields = {
            "time": time,
            "level": level,
            "event": event,
            "message": message,
            **self.at_work,
            **more,
        }
        # One line under every encoding, and in the eyes of every reader of lines.
        self.stream.write(json.dumps(self._scrub(fields), default=str) + "\n")
        self.stream.flush()
