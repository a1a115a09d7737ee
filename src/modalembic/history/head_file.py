"""The file `HEAD` of a version location: the module's head, in a line of its own.

Two git branches that both add a revision to a module both change that line, and so they conflict in
git, and not when they are deployed. The idea is that of django-linear-migrations'
`max_migration.txt`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

NAME = "HEAD"
_MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


@dataclass(frozen=True)
class HeadFile:
    """What a `HEAD` file says: ids, one in each line (several only where a module keeps several
    heads on purpose). `conflict`: git has left its markers in it; then `heads` has both sides."""

    path: Path
    heads: tuple[str, ...]
    conflict: bool = False


def read_head_file(location: Path) -> HeadFile | None:
    """The file in a version location; None where there is none, or none that can be read."""
    path = location / NAME
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    heads = [line.strip() for line in lines if not line.startswith(_MARKERS)]
    conflict = any(line.startswith(_MARKERS) for line in lines)
    return HeadFile(path, tuple(head for head in heads if head), conflict)


def head_text(heads: Iterable[str]) -> str:
    """The content of the file for these heads."""
    return "".join(f"{head}\n" for head in sorted(heads))
