"""A change to a file as a unified diff in git's notation, which `git apply` and `patch` take."""

from __future__ import annotations

import difflib
from collections.abc import Iterator


def unified(name: str, before: str | None, after: str | None) -> str:
    """The diff of one file, called `name` in it; None stands for no file. Empty where both are
    the same. Lines keep their own ends, those of Windows too."""
    if before == after:
        return ""
    return "".join((*_header(name, before, after), *_hunks(name, before, after)))


def _header(name: str, before: str | None, after: str | None) -> Iterator[str]:
    yield f"diff --git a/{name} b/{name}\n"
    # An empty file has no hunk: this line alone says that it comes or goes.
    if before is None:
        yield "new file mode 100644\n"
    elif after is None:
        yield "deleted file mode 100644\n"


def _hunks(name: str, before: str | None, after: str | None) -> Iterator[str]:
    lines = difflib.unified_diff(
        _lines(before),
        _lines(after),
        "/dev/null" if before is None else f"a/{name}",
        "/dev/null" if after is None else f"b/{name}",
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str | None) -> list[str]:
    """The lines of a text. Not `splitlines`, which ends a line at a form feed too."""
    if not text:
        return []
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
