"""What is proposed for one difference, before it is known what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

from modalembic.postgres.catalog.fixing.reasons import because
from modalembic.postgres.catalog.fixing.steps import Step

Named = tuple[str, str]
"""A group of kinds of objects, and a qualified name."""


@dataclass(frozen=True, slots=True)
class Holder:
    """What stands on something else: who it is, for people, and by which keys it is held."""

    of: Named
    told: str
    by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Steps; or a reason with its code. `holders` have to be mended by fixes of their own before or
    with it, or it cannot run, for the reason `held`; `drops` says that they have to be dropped for
    a time, so that it is not enough if they are replaced."""

    steps: tuple[Step, ...] = ()
    reason: str | None = None
    code: str | None = None
    holders: tuple[Holder, ...] = ()
    held: str = "held"
    drops: bool = False


def refusal(code: str, **names: str) -> Proposal:
    """No fix."""
    return Proposal(reason=because(code, **names), code=code)


def named(holders: tuple[Holder, ...]) -> str:
    """`view a and policy b of c`."""
    names = sorted({holder.told for holder in holders})
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


def told(holders: tuple[Holder, ...], verb: str = "stand") -> str:
    """`view a stands`, `view a and policy b of c stand`."""
    alone = len({holder.told for holder in holders}) == 1
    if alone:
        verb = {"have": "has"}.get(verb, f"{verb}s")
    return f"{named(holders)} {verb}"
