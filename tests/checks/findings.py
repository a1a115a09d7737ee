"""A finding of `check --format json`, as tests state it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.checks.true_changes.change import Expected

_REVISION = re.compile(r"[\d_]{11}([0-9a-f]{12})_")


def expected_of(finding: dict[str, Any]) -> Expected:
    """What a finding says, its place by the revision or by the name of the model's file."""
    path = finding["path"]
    revision = None if path is None else _REVISION.match(Path(path).name)
    return Expected(
        finding["severity"],
        finding["object"],
        finding["name"],
        finding["part"],
        finding["module"],
        revision[1] if revision is not None else path and Path(path).name,
    )


def identifiers(finding: dict[str, Any]) -> set[str]:
    """The identifiers of its name, but for the schema that everything is in."""
    return set(re.findall(r"\w+", finding["name"].partition("(")[0])) - {"public"}


def words_of(script: str, found: Iterable[Expected]) -> list[str]:
    """The words of a change, tables among them, and those of what it makes different."""
    names = " ".join(each.name for each in found)
    return sorted(set(re.findall(r"\w+", f"{script} {names}")))
