"""Everything that a process says on stderr, led into a `JsonLog`.

What goes through `logging` keeps its level and its logger, however a project's `env.py` sets
logging up; all else (a `print` in a revision, say) is an object for each line.
"""

from __future__ import annotations

import io
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from modalembic.reporting.logs.log import JsonLog

_TOLD = "_modalembic_told"


class LoggedStream(io.TextIOBase):
    """Stands in for stderr: each line that is written becomes an object of `log`."""

    def __init__(self, log: JsonLog) -> None:
        super().__init__()
        self.log = log
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._tell(line)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.log.stream.fileno()

    def finish(self) -> None:
        """Tell what has no end of line."""
        rest, self._begun = self._begun, ""
        self._tell(rest)

    def _tell(self, line: str) -> None:
        if line.strip():
            self.log.write("output", line.rstrip())


@contextmanager
def captured(scrub: Callable[[Any], Any]) -> Iterator[JsonLog]:
    """For the block, stderr is a log of JSON objects."""
    stderr = sys.stderr
    log = JsonLog(stderr, scrub)
    stream = LoggedStream(log)
    sys.stderr = stream
    try:
        with _logging_led_into(log, stderr):
            yield log
    finally:
        sys.stderr = stderr
        stream.finish()


def log_of(stream: TextIO) -> JsonLog | None:
    """The log that `stream` leads into, if it does."""
    return stream.log if isinstance(stream, LoggedStream) else None


@contextmanager
def _logging_led_into(log: JsonLog, stderr: TextIO) -> Iterator[None]:
    """Whatever a handler would write to the terminal is written to `log`, once for each record."""
    emit = logging.StreamHandler.emit
    root, alembic = logging.getLogger(), logging.getLogger("alembic.runtime.migration")
    level = alembic.level

    def emit_object(handler: logging.StreamHandler[TextIO], record: logging.LogRecord) -> None:
        if handler.stream not in (stderr, sys.stdout, sys.stderr, sys.__stderr__):
            emit(handler, record)
        elif not hasattr(record, _TOLD):
            setattr(record, _TOLD, True)
            try:
                _tell(log, record)
            except Exception:  # noqa: BLE001
                # A record that cannot be written stops nobody: as in `logging`, it is told of.
                handler.handleError(record)

    # A project sets handlers up in many ways, and takes others away; all that write to the terminal
    # come by here.
    handler = logging.StreamHandler(log.stream)
    logging.StreamHandler.emit = emit_object  # type: ignore[method-assign, assignment]
    root.addHandler(handler)
    if level == logging.NOTSET:
        alembic.setLevel(logging.INFO)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        alembic.setLevel(level)
        logging.StreamHandler.emit = emit  # type: ignore[method-assign]


def _tell(log: JsonLog, record: logging.LogRecord) -> None:
    trace = record.exc_info and "".join(traceback.format_exception(*record.exc_info))
    log.write(
        "log",
        record.getMessage(),
        level=record.levelname.lower(),
        at=record.created,
        logger=record.name,
        **({"traceback": trace} if trace else {}),
    )
