"""Revisions that need what another one makes, and do not say so.

What a revision refers to is read from the replay. Whether it can do without (it may make the thing
itself where it is not there) is not guessed: it is run without it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from modalembic.checks.dependencies.ancestry import Ancestry
from modalembic.errors import MigrationFailed
from modalembic.history.graph import RevisionGraph
from modalembic.runtime.touches import RevisionTouches, Touched, Touches

# How revisions fail when nothing runs but they and what they need; None: they run.
Trial = Callable[[Collection[str]], MigrationFailed | None]


@dataclass(frozen=True)
class Missing:
    """A revision that fails without `creator`, which is no ancestor of it. `object_` is what that
    one makes, and `user` what refers to it (None: the revision reads it); `failure` is what
    Postgres said."""

    revision: str
    creator: str
    object_: Touched
    user: Touched | None
    failure: str


def missing(graph: RevisionGraph, touches: Touches, trial: Trial) -> Iterator[Missing]:
    """What is missing, in the order in which the revisions ran. Each suspect is tried by itself,
    with what was found to be missing before it in its place."""
    ancestry = Ancestry()
    found: dict[str, tuple[str, ...]] = {}
    needs = _Needs(touches)
    for each in touches.revisions:
        id_ = each.revision
        ancestry.add(id_, graph.parents[id_])
        suspects = {
            need: creator for need, creator in needs.of(each) if not ancestry.follows(id_, creator)
        }
        if not suspects:
            continue
        mended = {c for one, cs in found.items() if ancestry.follows(id_, one) for c in cs}
        failures = _needed(id_, ancestry.tops(set(suspects.values())), mended, trial)
        for creator, failure in failures.items():
            user, object_ = next(
                need for need, made_by in suspects.items() if ancestry.follows(creator, made_by)
            )
            yield Missing(
                id_,
                creator,
                touches.last_seen[object_],
                None if user is None else touches.last_seen[user],
                failure,
            )
        found[id_] = tuple(failures)
        ancestry.add(id_, (*graph.parents[id_], *failures))


def _needed(
    revision: str, creators: tuple[str, ...], mended: Collection[str], trial: Trial
) -> Mapping[str, str]:
    """Those of `creators` without which the revision fails, with how."""
    failures = {}
    if len(creators) > 1 and _failure(revision, trial({revision, *mended})) is None:
        return {}
    for creator in creators:
        others = {one for one in creators if one != creator}
        failure = _failure(revision, trial({revision, *mended, *others}))
        if failure is not None:
            failures[creator] = failure
    return failures


def _failure(revision: str, error: MigrationFailed | None) -> str | None:
    if error is None or error.failed["revision"] != revision:
        return None
    return str(error.failed["error"])


class _Needs:
    """What revisions need of others: each reference once, where it first came about."""

    def __init__(self, touches: Touches) -> None:
        self._touches = touches
        self._seen: set[tuple[str, str]] = set()

    def of(self, each: RevisionTouches) -> Iterator[tuple[tuple[str | None, str], str]]:
        """Pairs of what refers to it (None: the revision reads it) and the object, with the
        revision that created it."""
        touched = {one.id for one in each.touched}
        new = [pair for pair in each.refers if pair not in self._seen]
        self._seen.update(new)
        needs: list[tuple[str | None, str]] = [*new, *((None, read) for read in each.reads)]
        for user, object_ in needs:
            creator = self._touches.creators.get(object_)
            # What it touches itself has to be ordered anyway.
            if creator is not None and object_ not in touched:
                yield (user, object_), creator
