"""From what a driver raised to an error that says which revision, where, and which statement."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modalembic.errors import ConnectionLost, DatabaseFailed, MigrationFailed, ModalembicError
from modalembic.history.plan import Step
from modalembic.postgres.extension import explain_missing_extension
from modalembic.postgres.redaction import redact_urls
from modalembic.runtime.concurrently import kind_of
from modalembic.runtime.lines import line_in

LOCK_NOT_AVAILABLE = "55P03"
# What leaves nothing behind, and may go well the next time.
MAY_GO_WELL = {
    LOCK_NOT_AVAILABLE: "a lock was not to be had",
    "40P01": "a deadlock was broken at its cost",
    "40001": "it could not be serialized with others",
}
FINALIZE = (
    "where it waits for the partition for as long as --lock-timeout it is cancelled, since others "
    "queue behind it; what is begun is ended by ALTER TABLE … DETACH PARTITION … FINALIZE"
)
MOST_LINES = 6  # of a statement, in a message
MOST_COLUMNS = 300
# What a revision leaves that left its transaction and failed.
LEFT = (
    "modalembic doctor says how far it came, and what mends it: the revision left its transaction "
    "(autocommit_block, COMMIT, or a connection in autocommit), so what it did before the failure "
    "stays"
)
NOTHING_LEFT = (
    "the revision left its transaction, and had committed nothing; mend it and run the command "
    "again"
)
LOST = "the connection was lost; what was committed stays, the next run goes on from there"
LOST_OUTSIDE = (
    "the connection was lost, and the revision had left its transaction: modalembic doctor says "
    "how far it came, and what mends it"
)
# A prepared statement that is there already, and one that is not there.
_PREPARED = ("42P05", "26000")
_CONNECTION_LOST = ("08", "57P01", "57P02", "57P03")


def sqlstate(error: BaseException | None) -> str | None:
    """The SQLSTATE of whatever a driver raised, or of what it was raised from; None without one."""
    while error is not None:
        for found in (error, getattr(error, "orig", None)):
            state = getattr(found, "sqlstate", None) or getattr(found, "pgcode", None)
            if isinstance(state, str):
                return state
        error = error.__cause__
    return None


def database_message(error: BaseException) -> str:
    """What Postgres said, in its words, with detail and hint where it gave them."""
    original = getattr(error, "orig", None) or error
    diagnostics = getattr(original, "diag", None)
    if diagnostics is not None and diagnostics.message_primary:
        parts = [diagnostics.message_primary, diagnostics.message_detail, diagnostics.message_hint]
        return "; ".join(part for part in parts if part)
    text = redact_urls(str(original).strip() or type(original).__name__)
    # libpq goes on to guess why a connection broke.
    return text.splitlines()[0] if _is_psycopg(original) else text


def migration_failed(step: Step, error: BaseException, transactional: bool) -> MigrationFailed:
    """The error for `step`, which failed with `error`. `transactional` is whether its transaction
    vouches for all that it did."""
    revision = step.revision
    line = line_in(error, revision.path)
    statement = _statement(error)
    message = database_message(error)
    if not _from_database(error):
        message = f"{type(error).__name__}: {message}"
    failed = MigrationFailed(
        f"{step.direction} of {revision.id} ({revision.module}) failed: {message}"
        + (f"\n  statement: {_shortened(statement)}" if statement else ""),
        hint=_hint(error, transactional),
        path=revision.path,
        line=line,
    )
    failed.failed = failed_step(step, error, message)
    return failed


def failed_step(step: Step, error: BaseException, message: str) -> dict[str, str | int | None]:
    """Which step `error` ended, and where; the values of JSON's `failed`."""
    revision = step.revision
    return {
        "revision": revision.id,
        "module": revision.module,
        "path": revision.path,
        "line": line_in(error, revision.path),
        "statement": _statement(error),
        "error": message,
    }


@contextmanager
def database_errors_explained() -> Iterator[None]:
    """What a driver raises in the block, outside of any revision, as ConnectionLost or
    DatabaseFailed."""
    try:
        yield
    except ModalembicError:
        raise
    except Exception as error:
        if not _from_database(error):
            raise
        message = database_message(error)
        if is_disconnect(error):
            raise ConnectionLost(
                f"the connection to the database was lost: {message}",
                hint="no revision was at work; what was committed stays, the next run goes on from "
                "there",
            ) from error
        raise DatabaseFailed(
            f"the database refused a statement of modalembic's own: {message}",
            hint=pooler_hint(error) or "the server's log says more; --debug shows the statement",
        ) from error


def pooler_hint(error: BaseException) -> str | None:
    """The hint for a prepared statement that was there already, or not any more: the next
    transaction was on another backend. None for all other errors."""
    if sqlstate(error) not in _PREPARED:
        return None
    return (
        "is there a pooler that gives each transaction another backend (PgBouncer)? Give a URL "
        "that leads to the server itself: migration_database in [tool.modalembic], "
        "MODALEMBIC_MIGRATION_DATABASE_URL, or --database"
    )


def missing_extension(error: MigrationFailed, place: str) -> str | None:
    """The hint for a revision that failed for want of an extension on `place` (a URL, `embedded` or
    `container`); None for all others."""
    if error.__cause__ is None:
        return None
    return explain_missing_extension(
        database_message(error.__cause__), sqlstate=sqlstate(error.__cause__), place=place
    )


def _hint(error: BaseException, transactional: bool) -> str:
    state = sqlstate(error) or ""
    if is_disconnect(error):
        return LOST if transactional else LOST_OUTSIDE
    if not transactional:
        return FINALIZE if kind_of(_statement(error) or "") == "detach" else LEFT
    if state in MAY_GO_WELL:
        return (
            f"the revision was rolled back: {MAY_GO_WELL[state]} (--lock-timeout, --retries); run "
            "it again when the table is less busy"
        )
    return "the revision was rolled back; mend it and run the command again"


def is_disconnect(error: BaseException) -> bool:
    """Whether `error` says that the server is gone, or has ended the connection."""
    if (sqlstate(error) or "").startswith(_CONNECTION_LOST):
        return True
    if getattr(error, "connection_invalidated", False):
        return True
    # libpq has no SQLSTATE for a connection that broke.
    return _is_psycopg(error) and type(error).__name__ == "OperationalError" and not sqlstate(error)


def broken_by(error: BaseException) -> BaseException:
    """The loss of the connection that came before `error`, else `error` itself. After a loss
    everything fails, for reasons that say nothing of it: leaving `autocommit_block`, say."""
    before: BaseException | None = error
    while before is not None:
        if is_disconnect(before):
            return before
        before = before.__context__
    return error


def _from_database(error: BaseException) -> bool:
    return (
        getattr(error, "orig", None) is not None
        or sqlstate(error) is not None
        or _is_psycopg(error)
    )


def _is_psycopg(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == "psycopg"


def _statement(error: BaseException) -> str | None:
    statement: Any = getattr(error, "statement", None)
    if not isinstance(statement, str) or not statement.strip():
        return None
    return redact_urls(statement.strip())


def _shortened(statement: str) -> str:
    """As much of a statement as an error of a few lines has room for."""
    lines = statement.splitlines()
    text = "\n  ".join(line[:MOST_COLUMNS] for line in lines[:MOST_LINES])
    return text + (" …" if len(lines) > MOST_LINES or len(lines[0]) > MOST_COLUMNS else "")


def shown_path(root: Path, path: str) -> str:
    """`path` from the project's directory on, if it is below it."""
    return path.removeprefix(f"{root}{os.sep}")
