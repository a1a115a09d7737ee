"""An edit of a model's file and what is to be found of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.checks.true_changes.change import Expected


@dataclass(frozen=True)
class Edit:
    """Replacements in a file of the marketplace, each of what occurs there once."""

    about: str
    path: str
    edits: tuple[tuple[str, str], ...]
    found: tuple[Expected, ...]

    def __str__(self) -> str:
        return self.about


def edit(about: str, path: str, edits: Sequence[tuple[str, str]], *found: Expected) -> Edit:
    """`about` is a kind of object and what of it."""
    return Edit(about, path, tuple(edits), found)
