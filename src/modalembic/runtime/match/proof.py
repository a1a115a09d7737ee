"""The proof: the live catalog beside what just the chosen revisions make."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from modalembic.errors import RebuildFailed
from modalembic.postgres.catalog import Catalog, Difference, compare
from modalembic.project import Project
from modalembic.runtime.drift.migrations import migrated
from modalembic.runtime.kept_normaliser import KeptNormaliser
from modalembic.runtime.match.distance import is_whole
from modalembic.runtime.match.subjects import subject_of
from modalembic.runtime.options import Observer
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
    unspelled = None
    try:
        found = compare(expected, live, normaliser=KeptNormaliser(scratch), live=True)
    except RebuildFailed as error:
        found, unspelled = compare(expected, live, live=True), error.message
    kinds: dict[str, list[Difference]] = {"wrong": [], "extra": [], "remarks": [], "": []}
    for each in found:
        kinds[_kind(each, known)].append(each)
    wrong, extra, remarks = (tuple(kinds[kind]) for kind in ("wrong", "extra", "remarks"))
    return Proof(expected, wrong, extra, remarks, unspelled)


def _kind(each: Difference, known: Collection[str]) -> str:
    if each.severity == "error":
        return "wrong"
    if each.severity == "info":
        return ""
    if is_whole(each) and each.expected is None:
        return "wrong" if subject_of(each) in known else "extra"
    return "remarks"
