"""One way to end: a command's work done, and its errors told in a few lines, without passwords."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from modalembic.cli import exits
from modalembic.cli.stderr import scrubbed_stderr
from modalembic.errors import Interrupted, ModalembicError, RunStopped, UsageError

if TYPE_CHECKING:
    from modalembic.cli.frame import Frame
    from modalembic.cli.scrub import Scrubber
    from modalembic.errors import ProjectWarning


def perform(frame: Frame, work: Callable[[], int | None]) -> int:
    """Do the work of a command; its exit code. Errors are told in a few lines, or in an object of
    the log."""
    if frame.no_color:
        os.environ["NO_COLOR"] = "1"
    scrubber = _LateScrubber(frame)
    if frame.log_format != "json":
        chosen = work if frame.log_format in (None, "text") else _no_such_format
        with scrubbed_stderr(scrubber.text):
            _warn_of_passwords(frame)
            return _perform(frame, chosen)
    from modalembic.reporting.logs.capture import captured

    with captured(scrubber.document):
        _warn_of_passwords(frame)
        return _perform(frame, work)


class _LateScrubber:
    """A `Scrubber`, made when there is something to say."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    @cached_property
    def _scrubber(self) -> Scrubber:
        from modalembic.cli.scrub import Scrubber

        return Scrubber(self._frame.project, self._frame.given)

    def text(self, text: str) -> str:
        return self._scrubber.text(text)

    def document(self, value: Any) -> Any:
        return self._scrubber.document(value)


def _warn_of_passwords(frame: Frame) -> None:
    """A password in an argument is seen by whoever may list processes."""
    suspects = [text for text in frame.given if "://" in text]
    if frame.quiet or not suspects:
        return
    from modalembic.cli.scrub import passwords_in

    if any(any(passwords_in(text)) for text in suspects):
        frame.warn(password_argument())


def password_argument() -> ProjectWarning:
    """The warning of a password on the command line."""
    from modalembic.errors import ProjectWarning

    return ProjectWarning(
        "password-argument",
        "a password on the command line is in the list of processes and in the shell's history",
        hint="give the URL by MODALEMBIC_DATABASE_URL, or the password by PGPASSWORD, ~/.pgpass or "
        "a service file",
    )


def _no_such_format() -> int:
    raise UsageError("MODALEMBIC_LOG_FORMAT is neither text nor json")


def _perform(frame: Frame, work: Callable[[], int | None]) -> int:
    try:
        code = work() or 0
        sys.stdout.flush()
    except ModalembicError as error:
        report(frame, error)
        return error.exit_code
    except KeyboardInterrupt as error:
        told = interrupted(error)
        report(frame, told, cause=error)
        return told.exit_code
    except BrokenPipeError:
        # The reader of a pipe has seen enough (head, say).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - nobody is above to tell it
        report(frame, _unexpected(error), cause=error)
        return exits.FAILURE
    return code


def report(
    frame: Frame,
    error: ModalembicError,
    document: dict[str, Any] | None = None,
    *,
    cause: BaseException | None = None,
) -> None:
    """Tell an error: in a few lines on stderr, or as `document` (default: the error alone) on
    stdout; with --debug also the traceback of `cause` (default: the error). No password is told."""
    from modalembic.cli.scrub import Scrubber
    from modalembic.reporting.document import dumps, error_document
    from modalembic.reporting.text import error_lines

    scrub = Scrubber(frame.project, frame.given)
    trace = None
    if frame.debug:
        import traceback

        trace = scrub.text("".join(traceback.format_exception(cause or error)))
    if frame.log is not None:
        from modalembic.reporting.logs.progress import told

        more: dict[str, Any] = {} if trace is None else {"traceback": trace}
        frame.log.write("error", error.message, level="error", **told(error), **more)
    elif trace is not None:
        print(trace, file=sys.stderr, end="")
    if frame.json:
        print(dumps(scrub.document(document or error_document(error))))
    elif frame.log is None:
        frame.tell(scrub.text(line) for line in error_lines(error))


def interrupted(error: BaseException | None) -> ModalembicError:
    """The error to tell of a command that Ctrl-C or SIGTERM ended."""
    from modalembic.runtime.stopping.signals import SIGTERM_WORDS, Terminated

    if isinstance(error, Terminated):
        return RunStopped(f"{SIGTERM_WORDS} ended the command", hint="run it again")
    return Interrupted("interrupted")


def _unexpected(error: Exception) -> ModalembicError:
    import traceback

    from modalembic.reporting.text import shown

    place = traceback.extract_tb(error.__traceback__)[-1]
    return ModalembicError(
        f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}",
        hint="this was not foreseen; --debug shows the traceback for a bug report",
        path=shown(place.filename),
        line=place.lineno,
    )
