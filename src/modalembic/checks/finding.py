"""What a check has to say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One thing that a check has to say; None for what it cannot know.

    `rule` is `check/kebab-case`, `object` the kind of thing that is meant and `name` its name,
    `part` what of it; `fix` a command or SQL that mends it, `fix_reason` why there is none, where
    that is known.
    """

    rule: str
    severity: Severity
    message: str
    module: str | None = None
    object: str | None = None
    name: str | None = None
    part: str | None = None
    expected: str | None = None
    actual: str | None = None
    path: Path | None = None
    line: int | None = None
    fix: str | None = None
    fix_reason: str | None = None

    @property
    def place(self) -> tuple[str, ...]:
        """Where it stands among others."""
        return self.module or "", self.rule, self.name or "", self.part or "", self.message
