"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modalembic.postgres.catalog import Catalog, Difference

Reason = Literal["catalog", "rows", "word", "latest", "nothing"]


@dataclass(frozen=True)
class Silent:
    """A revision that leaves no trace in the catalog, so that it may have run or not. `rows` are
    the tables whose rows it changes, as far as that is known; `empty`: it does nothing."""

    revision: str
    counts: bool
    rows: tuple[str, ...] = ()
    empty: bool = False


@dataclass(frozen=True)
class ModuleMatch:
    """What the database has of a module.

    `revisions` are the last ones that count as applied, none where nothing has run; `because` says
    what decided it: the catalog alone, the version rows, somebody's word, that it is the latest
    that the catalog allows, or that nothing of the module is there. `earliest` and `latest` are the
    last revisions of the sets that the catalog cannot tell apart, and `silent` those in which they
    differ. `objects` says how many were compared, and `differences` how they differ: without any,
    it matches.
    """

    module: str
    revisions: tuple[str, ...]
    because: Reason
    earliest: tuple[str, ...]
    latest: tuple[str, ...]
    silent: tuple[Silent, ...]
    objects: int
    differences: tuple[Difference, ...]

    @property
    def matches(self) -> bool:
        """Whether the catalog has all that the revisions make, as they make it."""
        return not self.differences


@dataclass(frozen=True)
class Match:
    """What a database really matches: `applied` are all revisions that count, whatever the version
    `rows` say. `top` are those of them that get a row; `orphans` the rows of nobody here, and
    `held` the revisions that one of these is built on, which get none.

    `elsewhere` are differences of no module; `extra` what no revision makes; `remarks` what is
    kept or called otherwise and is the same thing. `unsettled` are the revisions of which somebody
    has to say whether they have run. `unproven` are those that change rows, and of which the
    version rows do not say that they have run while the catalog does. `unspelled` says why
    expressions were compared as they are written. `live` is what was compared, `database` its URL
    without the password, None where only `env.py` knows it.
    """

    modules: tuple[ModuleMatch, ...]
    applied: frozenset[str]
    rows: tuple[str, ...]
    top: frozenset[str]
    orphans: tuple[str, ...]
    held: frozenset[str]
    elsewhere: tuple[Difference, ...]
    extra: tuple[Difference, ...]
    remarks: tuple[Difference, ...]
    unsettled: tuple[str, ...]
    unproven: tuple[str, ...]
    unspelled: str | None
    live: Catalog
    database: str | None

    @property
    def matches(self) -> bool:
        """Whether every module matches."""
        return not self.elsewhere and all(module.matches for module in self.modules)

    def after(self, *, purge: bool = False) -> tuple[str, ...]:
        """The version rows for what is applied, sorted; with `purge` none of nobody here."""
        kept = self.top if purge else {*(self.top - self.held), *self.orphans}
        return tuple(sorted(kept))
