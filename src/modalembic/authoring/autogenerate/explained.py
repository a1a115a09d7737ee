"""What a new file says of itself."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from modalembic.authoring.autogenerate.needed import Place

MADE = "Made by `modalembic revision --autogenerate` from the models of {module}."
CIRCLE = (
    "It closes a circle between modules that refer to each other: to undo it changes what {other} "
    "builds on, and to undo more of {other} undoes it first."
)


def explanation(
    module: str,
    place: Place,
    places: Sequence[Place],
    modules: Mapping[str, str],
    width: int,
) -> str:
    """The paragraphs below the message: the module, how it was made, and why each dependency is
    there. `modules` are those of the revisions of this run, by id."""
    rows = [MADE.format(module=module)]
    if place.needs:
        rows += ["", "Depends on:", ""]
        rows += [f"- {need.revision} of {need.module}: {need.why}" for need in place.needs]
    others = sorted(
        {need.module for need in place.needs if _is_circle(place, need.revision, places, modules)}
    )
    if others:
        rows += ["", CIRCLE.format(other=" and ".join(others))]
    return "\n".join(
        part
        for row in rows
        for part in (
            textwrap.wrap(
                row,
                width,
                break_long_words=False,
                break_on_hyphens=False,
                subsequent_indent="  " if row.startswith("- ") else "",
            )
            or [""]
        )
    )


def _is_circle(
    place: Place, revision: str, places: Sequence[Place], modules: Mapping[str, str]
) -> bool:
    """Whether a revision of this run that `place` depends on depends on one of the same module."""
    return any(
        modules.get(need.revision) == modules[place.id]
        for other in places
        if other.id == revision
        for need in other.needs
    )
