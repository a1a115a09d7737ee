"""Every rule by its name: what reports have to say of it beside its findings.

`docs/reference/rules.md` has a section for each, with an example, the reason and the way to mend
it; those of `check drift`, `check moves` and `doctor` have pages of their own. A problem that keeps
a project from being planned has the rule `structure/CODE` after the code of its error, but for
those that a check has a rule for.
"""

from __future__ import annotations

from modalembic.checks import doctor_rules, drift_rules, moves_rules

PAGE = "https://github.com/modalembic/modalembic/blob/main/docs/reference/rules.md"

RULES: dict[str, str] = {
    "baseline/stale-entry": "A finding that the baseline has is no longer found",
    "dependencies/missing": "A revision needs another one and does not depend on it",
    "dependencies/not-recorded": "What revisions touch could not be seen",
    "dependencies/unordered-touch": "Two revisions touch one table in no order",
    "history/base-without-project": "The base has no modalembic project to compare with",
    "history/changed-revision": "A revision of the base does something else now",
    "history/cross-module-merge": "A revision merges the lines of several modules",
    "history/cross-module-parent": "A revision follows one of another module",
    "history/deleted-revision": "A revision of the base is gone",
    "history/duplicate-label": "Two revisions carry one branch label",
    "history/duplicate-location": "Two modules keep their revisions in one directory",
    "history/empty-downgrade": "A downgrade does nothing, though the upgrade does something",
    "history/head-file-conflict": "A HEAD file is in conflict",
    "history/head-file-missing": "A version location has no HEAD file",
    "history/head-file-stale": "A HEAD file names another revision than the head",
    "history/head-file-union": "git merges a HEAD file without a conflict",
    "history/implied-label": "A module's first revision has no branch label",
    "history/label-dependency": "A revision depends on a branch label",
    "history/multiple-heads": "A module has several heads",
    "history/redundant-dependency": "A revision depends on what its other parents need already",
    "history/reworded-revision": "A revision of the base is written otherwise and does the same",
    "history/version-location-twice": "version_locations lists a directory twice",
    "structure/import-circle": "Modules import each other in a circle",
    "structure/internal-import": "A module imports what is internal to another",
    "structure/left-behind": "A central place still has something of a module",
    "structure/missing-component": "A module lacks a component that its definition names",
    "structure/re-export": "A re-export in an old place is still used",
    "structure/undeclared-foreign-key": "A foreign key leads to a module that is not required",
    "structure/undeclared-import": "A module imports one that it does not require",
    "structure/unnamed-component": "A module has a component that its definition does not name",
    "structure/unreadable-source": "A file does not parse, so that imports were not checked",
    "structure/unused-ignore": "An entry of [[tool.modalembic.structure.ignore]] matches nothing",
    "structure/unused-re-export": "A re-export in an old place is not used any more",
    "structure/version-locations": "version_locations of stock Alembic are out of date",
}
_OF_AN_ERROR = "The project cannot be planned"


def summary_of(rule: str) -> str:
    """One line that says what findings of `rule` mean."""
    for rules in (RULES, doctor_rules.RULES, drift_rules.RULES, moves_rules.RULES):
        if rule in rules:
            return rules[rule]
    return _OF_AN_ERROR


def page_of(rule: str) -> str:
    """The address of the section that explains `rule`."""
    if rule in drift_rules.RULES:
        return drift_rules.page_of(rule)
    if rule in moves_rules.RULES:
        return moves_rules.page_of(rule)
    if rule in doctor_rules.RULES:
        return doctor_rules.page_of(rule)
    # As GitHub makes anchors: a slash leaves no trace.
    anchor = rule.replace("/", "") if rule in RULES else "structurecode"
    return f"{PAGE}#{anchor}"
