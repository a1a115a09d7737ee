"""Events of a run as objects, where a test through the command line would have to wait for them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from modalembic.errors import ProjectWarning
from modalembic.postgres.lock import Holder
from modalembic.reporting.logs.capture import captured, log_of
from modalembic.reporting.logs.log import JsonLog
from modalembic.reporting.logs.progress import LoggedProgress


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def progress(stream: io.StringIO, *, quiet: bool = False) -> LoggedProgress:
    return LoggedProgress(JsonLog(stream, lambda value: value), quiet=quiet)


def objects(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_who_holds_the_lock_is_told_by_pid_and_name(stream: io.StringIO) -> None:
    since = datetime(2026, 11, 23, tzinfo=UTC)
    holder = Holder(4873, "modalembic 0e7a1c93b5d2f684", "shop", "local", since)
    progress(stream).waiting(holder, 12.5)
    progress(stream).waiting(None, 0)
    first, second = objects(stream)
    assert (first["event"], first["ms"], first["holder"]) == ("waiting", 12500.0, 4873)
    assert "modalembic 0e7a1c93b5d2f684" in first["message"]
    assert (second["ms"], second["holder"]) == (0, None)


def test_a_warning_has_the_fields_of_an_error(stream: io.StringIO) -> None:
    progress(stream).warning(ProjectWarning("empty-module", "it is empty", hint="fill it"))
    (told,) = objects(stream)
    assert (told["level"], told["code"], told["hint"]) == ("warning", "empty-module", "fill it")
    assert told["path"] is told["line"] is None


def test_quiet_tells_of_nothing_that_goes_well(stream: io.StringIO) -> None:
    quiet = progress(stream, quiet=True)
    quiet.begun("0e7a1c93b5d2f684")
    quiet.event("a server starts")
    quiet.waiting(None, 1)
    quiet.ended()
    assert objects(stream) == []


def test_an_object_is_one_line_whatever_is_in_it(stream: io.StringIO) -> None:
    log = JsonLog(stream, lambda value: value)
    log.write("message", "two\nlines, \u2028 and \ud800", extra=datetime(2026, 11, 23, tzinfo=UTC))
    assert len(stream.getvalue().splitlines()) == 1
    (told,) = objects(stream)
    assert told["message"] == "two\nlines, \u2028 and \ud800"
    assert told["extra"].startswith("2026-11-23")


def test_a_log_scrubs_what_it_writes(capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    def scrub(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "message": fields["message"].replace("secret", "***")}

    with captured(scrub) as log:
        assert log_of(sys.stderr) is log
        print("a secret", end="", file=sys.stderr)
        print(" is one", file=sys.stderr)
    assert log_of(sys.stderr) is None
    assert json.loads(capsys.readouterr().err)["message"] == "a *** is one"
