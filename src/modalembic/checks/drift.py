"""`check drift`: whether models, migrations and a live database say the same.

Both sides are made on scratch databases and read from Postgres' own catalog. A check that could
compare nothing says so as an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.drift_ignores import without_drift_that_is_meant
from modalembic.checks.drift_rules import ERRORS, rule_of
from modalembic.checks.error_findings import finding_of
from modalembic.checks.finding import Finding
from modalembic.errors import ModalembicError, UsageError
from modalembic.postgres.catalog import Difference, Fix, fixes
from modalembic.postgres.place import CONTAINER, EMBEDDED
from modalembic.project import Project
from modalembic.runtime.drift.drift import Drift, live_drift, models_drift
from modalembic.runtime.options import Observer
from modalembic.runtime.places.belonging import Place, Places
from modalembic.runtime.scratch.server import Scratch

LIVE = "live"
_SHOWN = 160


def check_drift(
    project: Project,
    *,
    against: str | None = None,
    database: str | None = None,
    observer: Observer | None = None,
    scratch: Scratch | None = None,
) -> Iterator[Finding]:
    """Findings about models and migrations; with `against`, about migrations and a live database:
    a URL, or `live` for the one that is named by `database`, else by the project. `scratch` is what
    other checks of the same run work on too.

    A project that is not sound cannot be migrated, which is a finding. Raises UsageError where
    `against` is neither, and what is wrong with a server or with the environment.
    """
    if project.problems:
        yield _unsound(project)
        return
    _require_a_database(against)
    watching = observer or Observer()
    try:
        if against is None:
            drift = models_drift(project, observer=watching, scratch=scratch)
        else:
            named = database if against == LIVE else against
            drift = live_drift(project, named, observer=watching, scratch=scratch)
    except ModalembicError as error:
        if error.code not in ERRORS:
            raise
        yield finding_of("drift", error)
        return
    if drift.aside:
        told = ", ".join(f"{kind}: {number}" for kind, number in drift.aside.items())
        watching.event(f"not compared, since only migrations make them: {told}")
    yield from without_drift_that_is_meant(project, drift_findings(project, drift))
    if drift.models is not None and drift.models.unconfigured is not None:
        yield _unconfigured(drift.models.unconfigured)
    if drift.models is not None and not drift.models.tables:
        yield _no_tables_yet(project)
    if drift.left_out:
        yield _left_out(drift)


def _require_a_database(against: str | None) -> None:
    if against in {None, LIVE, EMBEDDED, CONTAINER} or "://" in str(against):
        return
    raise UsageError(
        f"{against!r} is neither live nor the URL of a database",
        hint="write --against live, or --against postgresql://USER:PASSWORD@HOST:5432/DATABASE",
    )


def drift_findings(project: Project, drift: Drift) -> Iterator[Finding]:
    """A finding for each difference of `drift`, and one for each orphan."""
    places = Places(project, drift)
    live = drift.models is None
    elsewhere = _elsewhere(project, drift)
    mending = _fixes(drift)
    for each, fix in zip(drift.differences, mending, strict=True):
        place = places.of(each)
        theirs = _may_be_of_others(each, place) if elsewhere else False
        yield Finding(
            rule=rule_of(each, drift.expected, drift.actual),
            severity="info" if theirs else each.severity,
            message=_message(each, live=live) + (f" ({elsewhere} may have made it)" * theirs),
            module=place.module,
            object=each.object,
            name=each.name,
            part=each.part,
            expected=each.expected,
            actual=each.actual,
            path=place.path,
            line=place.line,
            fix=None if theirs else fix.sql,
            fix_reason=f"{elsewhere} may have made it" if theirs else fix.reason,
        )
    for orphan, module in sorted(drift.orphans.items()):
        what = f" of {module}" if module is not None else ""
        yield Finding(
            rule="drift/orphan",
            severity="warning",
            message=f"the database is at revision {orphan}{what}, which this code does not have: "
            "what it made counts as extra",
            module=module if module in project.by_name else None,
            object="revision",
            name=orphan,
            actual=orphan,
        )


def _fixes(drift: Drift) -> tuple[Fix, ...]:
    if not drift.differences:
        return ()
    whole = None if drift.whole is None else drift.whole()
    return fixes(drift.expected, drift.actual, drift.differences, whole=whole).of


def _elsewhere(project: Project, drift: Drift) -> str:
    """The modules, in words, that a live database has and that are not discovered here."""
    modules = {module for module in drift.orphans.values() if module is not None}
    absent = sorted(modules - project.by_name.keys())
    word = "module" if len(absent) == 1 else "modules"
    return f"{word} {', '.join(absent)}, not discovered here," if absent else ""


def _may_be_of_others(each: Difference, place: Place) -> bool:
    """Whether a difference is a whole object too many of which no revision speaks."""
    return each.severity == "warning" and each.part is None and place.module is None


def _message(each: Difference, *, live: bool) -> str:
    ours, theirs = ("migrations", "database") if live else ("models", "migrations")
    what = f"{each.object} {each.name}"
    if each.part is None and each.actual is None:
        return f"{what} is in the {ours} and not in the {theirs}"
    if each.part is None:
        return f"{what} is in the {theirs} and not in the {ours}"
    if each.part == "column-order":
        return f"{what}: the columns stand in another order in the {theirs} than in the {ours}"
    part = each.part.replace("-", " ")
    expected, actual = _shown(each.expected), _shown(each.actual)
    return f"{what}: {part} is {expected} in the {ours}, {actual} in the {theirs}"


def _shown(value: str | None) -> str:
    if value is None:
        return "not set"
    text = " ".join(value.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _unconfigured(reason: str) -> Finding:
    return Finding(
        rule="drift/mappers",
        severity="warning",
        message=f"the mappers of the models cannot be configured: {reason}",
        fix="correct the relationship, or import the models that it leads to: until then, tables "
        "that listeners make may be missing",
    )


def _no_tables_yet(project: Project) -> Finding:
    return Finding(
        rule="drift/nothing-to-compare",
        severity="info",
        message="neither the models nor the migrations have a table yet: nothing was compared",
        path=project.configuration.file,
        line=project.configuration.line_of("models"),
    )


def _left_out(drift: Drift) -> Finding:
    number = len(drift.left_out)
    tables = "1 table" if number == 1 else f"{number} tables"
    return Finding(
        rule="drift/left-out",
        severity="info",
        message=f"env.py leaves {tables} out (include_name, include_object), which were not "
        f"compared: {', '.join(drift.left_out)}",
        object="table",
        actual=str(number),
    )


def _unsound(project: Project) -> Finding:
    number = len(project.problems)
    things = "something is" if number == 1 else f"{number} things are"
    return Finding(
        rule="drift/nothing-to-compare",
        severity="error",
        message=f"nothing was compared, since {things} wrong with the project",
        path=project.configuration.file,
        fix="modalembic check structure",
    )
