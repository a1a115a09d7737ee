"""Whether the database is what its version rows say.

To compare takes a replay of the whole history on a scratch server, so it is done where names alone
make it doubtful (a table is missing, or there too early), or where it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from modalembic.checks.doctor.patient import Patient
from modalembic.checks.finding import Finding
from modalembic.errors import ModalembicError
from modalembic.postgres.catalog import Difference, read_catalog
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.drift.live import Live
from modalembic.runtime.match.found import Match, ModuleMatch
from modalembic.runtime.match.search import find_match
from modalembic.runtime.match.suspicion import Suspicion, suspicions

STAMP = "modalembic stamp --match"
_MOST = 3


def examine(patient: Patient) -> Iterator[Finding]:
    """A finding for each module of which the database has something else than the rows say. They
    come `later`; what is needed for them is read at once."""
    if not patient.project.problems:
        applied = patient.situation.state.applied
        suspected = suspicions(patient.project, applied, patient.session)
        if suspected or patient.match:
            patient.later.append(partial(_compared, patient, suspected, _live(patient)))
    yield from ()


def _compared(patient: Patient, suspected: Sequence[Suspicion], live: Live) -> Iterator[Finding]:
    try:
        found = find_match(patient.project, live, observer=patient.observer)
    except ModalembicError as error:
        yield _not_compared(suspected, error)
        return
    for module in found.modules:
        yield from _of_module(patient, found, module)
    if found.elsewhere:
        yield _of_no_module(found)
    if found.extra:
        yield _made_by_nobody(found)


def _live(patient: Patient) -> Live:
    situation = patient.situation
    ignored = own_tables(situation.versions.name)
    catalog = read_catalog(patient.session, ignore_tables=ignored)
    return Live(situation, catalog, None if patient.url is None else patient.url.safe)


def _of_module(patient: Patient, found: Match, module: ModuleMatch) -> Iterator[Finding]:
    graph = patient.project.graph
    own = set(graph.of_module.get(module.module, ()))
    by_rows = own & patient.situation.state.applied
    tops = ", ".join(graph.tops(by_rows))
    if not module.matches:
        nearest = ", ".join(module.revisions) or "to have none of it"
        same = own & found.applied == by_rows
        yield Finding(
            rule="doctor/matches-none",
            severity="error",
            message=f"{_by_rows(tops)}, and the database matches no revision; the nearest is "
            f"{nearest}: {_told(module.differences)}",
            module=module.module,
            object="module",
            name=module.module,
            expected=", ".join(module.revisions) or None,
            actual=tops or None,
            fix="modalembic check drift --against live" if same else f"{STAMP} --dry-run",
        )
    elif own & found.applied != by_rows:
        yield _matches_other(found, module, tops)


def _matches_other(found: Match, module: ModuleMatch, tops: str) -> Finding:
    unsettled = [id_ for id_ in found.unsettled if id_ in {s.revision for s in module.silent}]
    earliest, latest = (", ".join(ids) or "none of it" for ids in (module.earliest, module.latest))
    matches = ", ".join(module.revisions) or "none of it"
    if unsettled:
        matches = f"{earliest} to {latest}"
    doubt = f"; whether {', '.join(unsettled)} has run no catalog shows" if unsettled else ""
    return Finding(
        rule="doctor/matches-other",
        severity="error",
        message=f"{_by_rows(tops)}, and the database matches {matches}{doubt}",
        module=module.module,
        object="module",
        name=module.module,
        expected=", ".join(module.revisions) or None,
        actual=tops or None,
        fix=STAMP,
    )


def _by_rows(tops: str) -> str:
    return f"the version rows say {tops}" if tops else "the version rows say that nothing has run"


def _of_no_module(found: Match) -> Finding:
    return Finding(
        rule="doctor/matches-none",
        severity="error",
        message="the database matches no revisions, by what belongs to no module: "
        f"{_told(found.elsewhere)}",
        fix=f"{STAMP} --dry-run",
    )


def _made_by_nobody(found: Match) -> Finding:
    names = [f"{each.object} {each.name}" for each in found.extra]
    return Finding(
        rule="doctor/made-by-nobody",
        severity="info",
        message=f"no revision of this code makes {_listed(names)}",
        object="object",
        actual=str(len(names)),
    )


def _not_compared(suspected: Sequence[Suspicion], error: ModalembicError) -> Finding:
    why = f"{_listed([str(each) for each in suspected])}; " if suspected else ""
    return Finding(
        rule="doctor/not-compared",
        severity="error",
        message=f"{why}the database could not be compared with what its revisions make: "
        f"{error.message}",
        path=error.path,
        line=error.line,
        fix=error.hint,
    )


def _told(differences: Sequence[Difference]) -> str:
    return _listed([_difference(each) for each in differences])


def _listed(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _MOST} more" if len(texts) > _MOST else ""
    return ", ".join(texts[:_MOST]) + more


def _difference(each: Difference) -> str:
    what = f"{each.object} {each.name}"
    if each.part is None:
        return f"{what} is {'missing' if each.actual is None else 'too much'}"
    return f"{what} has another {each.part.replace('-', ' ')}"
