"""What a revision file holds, as two hashes: of its text, and of what it does."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from modalembic.history.meaning import meaning
from modalembic.history.revision import Revision


@dataclass(frozen=True)
class Content:
    """SHA-256 hashes as hexadecimal digits: `text` of the file's bytes, `meaning` of what the file
    does (see `modalembic.history.meaning`), None where that cannot be told."""

    text: str
    meaning: str | None


def content_of(revision: Revision) -> Content:
    """The content of the revision's file. Raises OSError where it cannot be read."""
    source = Path(revision.path).read_bytes()
    does = meaning(source)
    return Content(
        sha256(source).hexdigest(),
        None if does is None else sha256(does.encode(errors="surrogatepass")).hexdigest(),
    )
