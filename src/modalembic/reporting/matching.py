"""`stamp --match`: the proof, as text and as a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from modalembic.reporting.differences import difference_line
from modalembic.reporting.text import counted

if TYPE_CHECKING:
    from modalembic.runtime.match.found import Match, ModuleMatch, Silent
    from modalembic.runtime.stamp import Stamped

MOST_LINES = 20
_BECAUSE = {
    "rows": "the version rows say so",
    "word": "as --at says",
    "latest": "the latest of these",
    "nothing": "none, as nothing of the module is there",
}


def match_document(found: Match, stamped: Stamped | None, *, dry_run: bool) -> dict[str, Any]:
    """`stamp --match`; `stamped` is None where nothing could be stamped."""
    return {
        "run_id": None if stamped is None else stamped.run_id,
        "before": list(found.rows),
        "after": None if stamped is None else list(stamped.after),
        "database": found.database,
        "dry_run": dry_run,
        "matches": found.matches,
        "modules": [
            {
                "module": module.module,
                "matches": module.matches,
                "revisions": list(module.revisions),
                "because": module.because,
                "earliest": list(module.earliest),
                "latest": list(module.latest),
                "silent": [
                    {
                        "revision": silent.revision,
                        "counts": silent.counts,
                        "rows": list(silent.rows),
                        "empty": silent.empty,
                    }
                    for silent in module.silent
                ],
                "objects": module.objects,
                "differences": [asdict(each) for each in module.differences],
            }
            for module in found.modules
        ],
        "elsewhere": [asdict(each) for each in found.elsewhere],
        "extra": [asdict(each) for each in found.extra],
        "remarks": [asdict(each) for each in found.remarks],
        "unsettled": list(found.unsettled),
        "unproven": list(found.unproven),
        "unspelled": found.unspelled,
    }


def match_lines(found: Match) -> Iterator[str]:
    """What each module matches, and what there is beside it."""
    for module in found.modules:
        yield _module_line(module)
        yield from (f"    {line}" for line in _silent_lines(found, module))
        yield from (f"    {line}" for line in _limited(module.differences))
    yield from _group("differences of no module", found.elsewhere)
    yield from _group("made by no revision", found.extra)
    yield from _group("the same, called or kept otherwise", found.remarks)
    if found.unspelled is not None:
        yield f"expressions were compared as they are written: {found.unspelled}"
    if found.unproven:
        yield (
            f"that {', '.join(found.unproven)} changed rows is what the catalog implies; the rows "
            "themselves were not looked at"
        )


def rows_lines(stamped: Stamped, *, dry_run: bool) -> Iterator[str]:
    """The version rows before and after."""
    yield f"was: {', '.join(stamped.before) or 'nothing'}"
    after = ", ".join(stamped.after) or "nothing"
    yield f"would be: {after}" if dry_run else f"is:  {after}"


def _module_line(module: ModuleMatch) -> str:
    compared = f"({counted(module.objects, 'object')} compared)"
    revisions = ", ".join(module.revisions)
    if not module.matches:
        nearest = (
            f"the nearest is {revisions}" if revisions else "the nearest is to have none of it"
        )
        differ = counted(len(module.differences), "difference")
        return f"{module.module}: no match; {nearest}, with {differ} {compared}"
    if not revisions:
        return f"{module.module}: none of it"
    return f"{module.module}: {revisions} {compared}"


def _silent_lines(found: Match, module: ModuleMatch) -> Iterator[str]:
    if not module.silent:
        return
    earliest = ", ".join(module.earliest) or f"{module.module}@base"
    open_ = any(silent.revision in found.unsettled for silent in module.silent)
    taken = "" if open_ else f"; taken: {_BECAUSE[module.because]}"
    yield f"the catalog is the same from {earliest} to {', '.join(module.latest)}{taken}"
    for silent in module.silent:
        if silent.revision in found.unsettled:
            yield f"{silent.revision} {_does(silent)}: --at has to say whether it has run"
        elif not silent.empty:
            counts = "run" if silent.counts else "not run"
            yield f"{silent.revision} {_does(silent)}, and counts as {counts}"


def _does(silent: Silent) -> str:
    if silent.rows:
        return f"changes rows of {', '.join(silent.rows)}"
    return "does something that the catalog does not show"


def _group(title: str, differences: Any) -> Iterator[str]:
    if differences:
        yield f"{title}:"
        yield from (f"    {line}" for line in _limited(differences))


def _limited(differences: Any) -> Iterator[str]:
    yield from map(difference_line, differences[:MOST_LINES])
    if len(differences) > MOST_LINES:
        yield f"and {len(differences) - MOST_LINES} more: --format json has them"
