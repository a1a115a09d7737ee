"""The rules of `doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGE = "https://github.com/modalembic/modalembic/blob/main/docs/reference/rules-doctor.md"

RULES: Mapping[str, str] = MappingProxyType(
    {
        "doctor/ahead": "The database is at a revision that this code does not have yet",
        "doctor/changed-revision": "A revision that the database has run does something else now",
        "doctor/dead-run": "A run is gone, and its backend still holds the lock",
        "doctor/deleted-revision": "A revision that the database has run is gone",
        "doctor/half-detached": "A partition is half detached",
        "doctor/half-done": "A revision is half done, and the next run goes on with it",
        "doctor/implied-row": "A version row is implied by another one",
        "doctor/interrupted": "A revision that left its transaction was interrupted",
        "doctor/invalid-index": "An index is invalid",
        "doctor/made-by-nobody": "The database has objects that no revision makes",
        "doctor/matches-none": "The database is not what any revisions make",
        "doctor/matches-other": "The database matches other revisions than its version rows say",
        "doctor/moved-file": "The file of a revision that ran is somewhere else",
        "doctor/not-compared": "The database could not be compared with what its revisions make",
        "doctor/not-ended": "A revision that left its transaction has not ended",
        "doctor/not-examined": "A topic could not be examined",
        "doctor/not-in-history": "Applied revisions are not in the history table",
        "doctor/orphan": "A version row belongs to a module that is not discovered here",
        "doctor/re-parented-revision": "A revision that ran stands on others now",
        "doctor/renamed-revision": "A revision that ran has another id now",
        "doctor/requires-uninstalled": "A module requires one that was uninstalled",
        "doctor/reworded-revision": "A revision that ran is written otherwise and does the same",
        "doctor/running": "A run is at work",
        "doctor/spliced-revision": "A revision was put below one that has run",
        "doctor/uninstalled-applied": "Revisions of a module are applied that was uninstalled",
        "doctor/unknown-row": "A version row names a revision that nobody knows",
    }
)


def page_of(rule: str) -> str:
    """The address of the section that explains `rule`."""
    return f"{PAGE}#{rule.replace('/', '')}"
