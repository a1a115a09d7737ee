"""The proof: the live catalog beside what just the chosen revisions make."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from modalembic.errors import RebuildFailed
from modalembic.postgres.catalog import Catalog, Difference, compare
from modalembic.project import Project
from modalembic.runtime.drift.migrations import migrated
from modalembic.runtime.match.distance import is_whole
from modalembic.runtime.match.subjects import only, subject_of
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.kept_normaliser import KeptNormaliser
from modalembic.runtime.scratch.server import Scratch


@dataclass(frozen=True)
class Proof:
    """How the live catalog differs from `expected`, which the revisions make.

    `wrong` are the differences that speak against these revisions, `extra` what no revision makes,
    `remarks` what is kept or called otherwise. `unspelled` says why expressions were compared as
    they are written, where they could not be created anew.
    """

    expected: Catalog
    wrong: tuple[Difference, ...]
    extra: tuple[Difference, ...]
    remarks: tuple[Difference, ...]
    unspelled: str | None


def prove(
    project: Project,
    scratch: Scratch,
    applied: Collection[str],
    live: Catalog,
    known: Collection[str],
    observer: Observer,
) -> Proof:
    """Compare `live` with a replay of `applied`. `known` are the subjects that revisions make at
    any time: one of these too many says that a revision has run. Raises what a replay raises."""
    expected = Catalog(live.server_version)
    if applied:
        expected = migrated(project, scratch, applied, observer).catalog
    extra = [each for each in compare(expected, live, live=True) if _is_extra(each, known)]
    # What nobody makes may need what a scratch server does not have.
    ours, unspelled = only(live, known), None
    try:
        found = compare(expected, ours, normaliser=KeptNormaliser(scratch), live=True)
    except RebuildFailed as error:
        found, unspelled = compare(expected, ours, live=True), error.message
    wrong = [each for each in found if each.severity == "error" or _is_too_much(each)]
    remarks = [each for each in found if each.severity == "warning" and not _is_too_much(each)]
    return Proof(expected, tuple(wrong), tuple(extra), tuple(remarks), unspelled)


def _is_too_much(each: Difference) -> bool:
    return is_whole(each) and each.expected is None and each.severity != "info"


def _is_extra(each: Difference, known: Collection[str]) -> bool:
    return _is_too_much(each) and subject_of(each) not in known
