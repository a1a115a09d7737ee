"""How long lines are in this project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modalembic.authoring.move.statements import WIDTH
from modalembic.config.toml import read_toml


def line_width(root: Path) -> int:
    """What ruff or Black are told, in the project or the directories above; else their default."""
    for directory in (root, *root.parents):
        for name, tables in (
            ("ruff.toml", ((),)),
            (".ruff.toml", ((),)),
            ("pyproject.toml", (("tool", "ruff"), ("tool", "black"))),
        ):
            for table in tables:
                found = _width(directory / name, table)
                if found is not None:
                    return found
        if (directory / ".git").exists():
            break
    return WIDTH


def _width(file: Path, table: tuple[str, ...]) -> int | None:
    if not file.is_file():
        return None
    found: Any = read_toml(file)
    for key in table:
        found = found.get(key) if isinstance(found, dict) else None
    width = found.get("line-length") if isinstance(found, dict) else None
    return width if isinstance(width, int) else None
