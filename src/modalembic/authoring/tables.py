"""Tables of TOML at the end of a file that is there."""

from __future__ import annotations

import tomllib
from pathlib import Path

from modalembic.authoring.files import newline_of
from modalembic.errors import ConfigurationError


def with_tables(path: Path, before: str | None, tables: str) -> str:
    """The text of the file at `path` (`before`; None: there is none) with `tables` at its end, and
    its own line ends. Raises ConfigurationError where they cannot stand there."""
    text = tables
    if before is not None and before.strip():
        newline = newline_of(before)
        text = before.rstrip("\r\n") + newline * 2 + tables.replace("\n", newline)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{path.name} has a form that [tool.modalembic] cannot be added to: {error}",
            hint="write [tool] as tables, each under a header of its own",
            path=path,
        ) from error
    return text
