"""The rules of `doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGE = "https://github.com/modalembic/modalembic/blob/main/docs/reference/rules-doctor.md"

RULES: Mapping[str, str] = MappingProxyType(
    {
        "doctor/ahead": "The database is at a revision that this code does not have yet",
        "doctor/dead-run": "A run is gone, and its backend still holds the lock",
        "doctor/half-detached": "A partition is half detached",
        "doctor/half-done": "A revision is half done, and the next run goes on with it",
        "doctor/implied-row": "A version row is implied by another one",
        "doctor/interrupted": "A revision that left its transaction was interrupted",
        "doctor/invalid-index": "An index is invalid",
        "doctor/made-by-nobody": "The database has objects that no revision makes",
        "doctor/matches-none": "The database is not what any revisions make",
        "doctor/matches-other": "The database matches other revisions than its version rows say",
        "doctor/not-compared": "The database could not be compared with what its revisions make",
        "doctor/not-ended": "A revision that left its transaction has not ended",
        "doctor/not-examined": "A topic could not be examined",
        "doctor/not-in-history": "Applied revisions are not in the history table",
        "doctor/orphan": "A version row belongs to a module that is not discovered here",
        "doctor/running": "A run is at work",
        "doctor/unknown-row": "A version row names a revision that nobody knows",
    }
)


def page_of(rule: str) -> str:
    """The address of the section that explains `rule`."""
    return f"{PAGE}#{rule.replace('/', '')}"
