"""What a module is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from modalembic.config import Tier

RESERVED_NAMES = frozenset({"head", "heads", "base", "bases", "current"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Origin:
    """How a module was found, and where that is written."""

    kind: Literal["directory", "entry point", "configuration", "location"]
    path: Path
    line: int | None = None

    def __str__(self) -> str:
        return str(self.path) if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Module:
    """A package that owns tables and a history, or a central version location beside the modules.

    `directory` is the package's, `package` its dotted name (None where no `sys.path` entry leads
    there), `location` the directory of its revision files (None: it has none, which is valid).
    `models` are dotted names of the modules to import for its tables. `labels` renames branch
    labels (as written in the files, to be known as). `central` marks a location without a package.
    `components` are those that its definition names; with `lists_components` those are all. Without
    `auto_install` a database has it only once it has been installed there.
    """

    name: str
    origin: Origin
    tier: Tier = "optional"
    requires: tuple[str, ...] = ()
    directory: Path | None = None
    package: str | None = None
    location: Path | None = None
    models: tuple[str, ...] = ()
    multiple_heads: bool = False
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    central: bool = False
    components: tuple[str, ...] = ()
    lists_components: bool = False
    auto_install: bool = True


def name_complaint(name: str) -> str | None:
    """Why `name` cannot be a module's name (what a target could not spell), or None."""
    if name in RESERVED_NAMES:
        return f"{name!r} means something else as a target of an upgrade"
    if _NAME.fullmatch(name) is None:
        return f"{name!r} is not made of letters, digits, '_', '-' and '.', the first no digit"
    return None
