"""The stream that stands in for stderr."""

from __future__ import annotations

import io
import logging
import sys
from typing import TYPE_CHECKING

from modalembic.cli.stderr import scrubbed_stderr

if TYPE_CHECKING:
    import pytest


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def scrub(text: str) -> str:
    return text.replace("hush", "***")


def test_what_is_written_is_scrubbed_whoever_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with scrubbed_stderr(scrub):
        print("a hush", file=sys.stderr)
        sys.stderr.writelines(["b hush\n", "c hush\n"])
        logging.StreamHandler().emit(logging.makeLogRecord({"msg": "d %s", "args": ("hush",)}))
    assert terminal.getvalue() == "a ***\nb ***\nc ***\nd ***\n"


def test_it_is_the_terminal_in_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with scrubbed_stderr(scrub):
        assert sys.stderr.isatty()
        assert sys.stderr.encoding == terminal.encoding
        assert sys.stderr.write("hush") == len("hush")
        sys.stderr.flush()
    assert sys.stderr is terminal


def test_nothing_is_scrubbed_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """To know what to look for costs more than a short command."""

    def never(text: str) -> str:
        raise AssertionError(text)

    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with scrubbed_stderr(never):
        print(file=sys.stderr)
