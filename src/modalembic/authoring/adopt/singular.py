"""Each singular `head` in the project's files: as soon as there is a second branch, it is an error
where it stands. They are listed, and changed on demand: what runs where is for people to see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.adopt.singular_commands import in_commands
from modalembic.authoring.adopt.singular_python import in_python
from modalembic.modules.own_files import own_files

_LARGEST = 1_000_000
_MENTIONS = (b"head", b"upgrade", b"stamp")


@dataclass(frozen=True, order=True)
class SingularHead:
    """Line `line` (1-based) of `path`, and what should stand there (it may be two lines)."""

    path: Path
    line: int
    text: str
    replacement: str


def singular_heads(root: Path, histories: Iterable[Path]) -> tuple[SingularHead, ...]:
    """All of them below `root`, but for revision files (below `histories`), sorted."""
    left_out = tuple(histories)
    found: set[SingularHead] = set()
    for path in own_files(root):
        if not any(path.is_relative_to(place) for place in left_out):
            found.update(_in_file(path))
    return tuple(sorted(found))


def with_plural_heads(path: Path, text: str) -> str:
    """The text of a file with what makes several heads of each singular one."""
    for at, new in sorted(_edits(path, text), reverse=True):
        text = text[:at] + new + text[at:]
    return text


def _in_file(path: Path) -> Iterator[SingularHead]:
    try:
        content = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if not any(word in content for word in _MENTIONS) or "\0" in text:
        return
    yield from _by_line(path, text, _edits(path, text))


def _edits(path: Path, text: str) -> set[tuple[int, str]]:
    """Where something is missing, and what."""
    edits = {*in_commands(text)}
    if path.suffix in {".py", ".pyi"}:
        edits |= {*in_python(text)}
    return edits


def _by_line(path: Path, text: str, edits: set[tuple[int, str]]) -> Iterator[SingularHead]:
    """The edits (where, and what is put in there), line by line."""
    begin = 0
    for number, line in enumerate(text.split("\n"), 1):
        own = sorted(
            (edit for edit in edits if begin <= edit[0] <= begin + len(line)), reverse=True
        )
        after = line
        for at, new in own:
            after = after[: at - begin] + new + after[at - begin :]
        if own:
            yield SingularHead(path, number, line.rstrip("\r"), after.replace("\r", ""))
        begin += len(line) + 1
