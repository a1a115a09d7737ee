"""What the two processes say to each other: a request in a file, events and one answer in a pipe.

It is JSON. The file is where the URL of the scratch server stands: an argument or a variable of the
environment would show its password to others, or hand it on.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modalembic.runtime.earlier import Side


@dataclass(frozen=True)
class Request:
    """`root` is the project's directory in the laid-out tree, `here` the one in the working tree;
    `path` becomes `sys.path`; `catalogs` are the sides to make on `server`. With `environment` the
    models are also those that `env.py` alone knows. Without `keep` nothing of other runs is used,
    and nothing is left to them."""

    top: str
    laid_out: str
    root: str
    here: str
    path: tuple[str, ...]
    copies: tuple[str, ...]
    tables: bool = False
    environment: bool = False
    catalogs: tuple[Side, ...] = ()
    server: str | None = None
    place: str = ""
    cache: str | None = None
    keep: bool = True

    def write(self, file: Path) -> None:
        """Write it for the owner alone to read."""
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> Request:
        """The request in `file`."""
        values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        lists = {name: tuple(values[name]) for name in ("path", "copies", "catalogs")}
        return cls(**{**values, **lists})
