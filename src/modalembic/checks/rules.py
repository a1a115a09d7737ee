"""Every rule by its name: what reports have to say of it beside its findings.

`docs/reference/rules.md` has a section for each, with an example, the reason and the way to mend
it; those of `check drift` have a page of their own. A problem that keeps a project from being
planned has the rule `structure/CODE` after the code of its error, but for those that a check has a
rule for.
"""

from __future__ import annotations

from modalembic.checks import drift_rules

PAGE = "https://github.com/modalembic/modalembic/blob/main/docs/reference/rules.md"

RULES: dict[str, str] = {
    "baseline/stale-entry": "A finding that the baseline has is no longer found",
    "history/base-without-project": "The base has no modalembic project to compare with",
    "history/changed-revision": "A revision of the base does something else now",
    "history/cross-module-merge": "A revision merges the lines of several modules",
    "history/cross-module-parent": "A revision follows one of another module",
    "history/deleted-revision": "A revision of the base is gone",
    "history/duplicate-label": "Two revisions carry one branch label",
    "history/duplicate-location": "Two modules keep their revisions in one directory",
    "history/empty-downgrade": "A downgrade does nothing, though the upgrade does something",
    "history/implied-label": "A module's first revision has no branch label",
    "history/label-dependency": "A revision depends on a branch label",
    "history/multiple-heads": "A module has several heads",
    "history/redundant-dependency": "A revision depends on what its other parents need already",
    "history/reworded-revision": "A revision of the base is written otherwise and does the same",
    "history/version-location-twice": "version_locations lists a directory twice",
    "structure/version-locations": "version_locations of stock Alembic are out of date",
}
_OF_AN_ERROR = "The project cannot be planned"


def summary_of(rule: str) -> str:
    """One line that says what findings of `rule` mean."""
    return RULES.get(rule) or drift_rules.RULES.get(rule, _OF_AN_ERROR)


def page_of(rule: str) -> str:
    """The address of the section that explains `rule`."""
    if rule in drift_rules.RULES:
        return drift_rules.page_of(rule)
    # As GitHub makes anchors: a slash leaves no trace.
    anchor = rule.replace("/", "") if rule in RULES else "structurecode"
    return f"{PAGE}#{anchor}"
