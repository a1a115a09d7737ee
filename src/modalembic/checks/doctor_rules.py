"""The rules of `doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGE = "https://github.com/modalembic/modalembic/blob/main/docs/reference/rules-doctor.md"

RULES: Mapping[str, str] = MappingProxyType(
    {
        "doctor/ahead": "The database is at a revision that this code does not have yet",
        "doctor/implied-row": "A version row is implied by another one",
        "doctor/not-examined": "A topic could not be examined",
        "doctor/orphan": "A version row belongs to a module that is not discovered here",
        "doctor/unknown-row": "A version row names a revision that nobody knows",
    }
)


def page_of(rule: str) -> str:
    """The address of the section that explains `rule`."""
    return f"{PAGE}#{rule.replace('/', '')}"
