"""Whether an adopted project does what the old one did, tried on scratch databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from modalembic.errors import AdoptUnproven, MigrationFailed, ModalembicError
from modalembic.history.plan import plan_upgrade
from modalembic.postgres.catalog import Catalog, Connection, Difference, compare, read_catalog
from modalembic.postgres.connection import connect
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.drift.migrations import scratch_upgraded
from modalembic.runtime.drift.roles import missing_role, missing_roles
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.run import run
from modalembic.runtime.scratch_driver import with_driver

_MOST_SHOWN = 20


@contextmanager
def at_old_heads(
    project: Project, server: ScratchServer, locations: Sequence[Path], observer: Observer
) -> Iterator[tuple[DatabaseURL, Catalog]]:
    """A database that stock Alembic has upgraded with the revisions in `locations`, and its
    catalog. Where it cannot (in its one go, or for want of a role), modalembic has.

    Raises MigrationFailed, and what `env.py` and the server raise.
    """
    observer.event("migrating a scratch database with stock Alembic, as it is now")
    with missing_roles(server) as create_role, server.database() as url:
        failure = _upgraded(project, url, locations, create_role)
        if failure is None:
            yield url, _catalog(project, url)
            return
    observer.event(f"stock Alembic failed ({failure}); once more by modalembic")
    goals = project.graph.revisions.keys()
    with scratch_upgraded(project, server, goals, observer) as (own, _):
        yield own, _catalog(project, own)


def prove(
    project: Project,
    server: ScratchServer,
    before: tuple[DatabaseURL, Catalog],
    new: Sequence[str],
    observer: Observer,
) -> None:
    """Raise AdoptUnproven unless `upgrade heads` runs only the revisions `new` on the database of
    `before` and leaves its catalog, and gives the same catalog on an empty one."""
    url, expected = before
    graph, order = project.graph, project.module_order
    goals = graph.revisions.keys()
    observer.event("upgrading it with the adopted project")
    try:
        result = run(
            project,
            lambda state: plan_upgrade(graph, "heads", goals, state.applied, order),
            database=with_driver(project, url).sqlalchemy,
            options=Options(timeout=0),  # the configuration's is for deployments
            observer=Observer(),
            destination="heads",
        )
        ran = [step.revision.id for step in result.plan.steps]
        others = sorted(set(ran) - set(new))
        if others:
            raise AdoptUnproven(
                f"a database at the old heads would run {', '.join(others)} as well, which "
                "Alembic's configuration does not list; nothing was written",
                hint="list their directory in version_locations and upgrade the databases first, "
                "or take it out",
                path=graph.revisions[others[0]].path,
            )
        _require_same(expected, _catalog(project, url), "on a database at the old heads")
        with scratch_upgraded(project, server, goals, observer) as (empty, _):
            _require_same(expected, _catalog(project, empty), "on an empty database")
    except MigrationFailed as error:
        raise AdoptUnproven(
            f"the adopted project does not upgrade a scratch database: {error.message}; nothing "
            "was written",
            hint=error.hint,
            path=error.path,
            line=error.line,
        ) from error


def _upgraded(
    project: Project,
    url: DatabaseURL,
    locations: Sequence[Path],
    create_role: Callable[[str | None], bool],
) -> str | None:
    """Upgrade the database as stock Alembic does; why that failed, None if it did not."""
    from modalembic.runtime.environment.stock import stock_upgrade

    while True:
        try:
            stock_upgrade(project, with_driver(project, url), locations)
        except ModalembicError:
            raise
        except Exception as error:  # noqa: BLE001 - a revision may raise anything
            if not create_role(missing_role(error)):
                return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        else:
            return None


def _catalog(project: Project, url: DatabaseURL) -> Catalog:
    with connect(url, application_name="modalembic") as connection:
        ignored = own_tables(project.configuration.version_table)
        return read_catalog(Connection(connection), ignore_tables=ignored)


def _require_same(expected: Catalog, actual: Catalog, where: str) -> None:
    found = [each for each in compare(expected, actual) if each.severity != "info"]
    if not found:
        return
    told = [f"  {_told(each)}" for each in found[:_MOST_SHOWN]]
    if len(found) > len(told):
        told.append(f"  and {len(found) - len(told)} more")
    raise AdoptUnproven(
        f"{where} the adopted project leaves another schema than the old one; nothing was "
        "written:\n" + "\n".join(told),
        hint="does a revision depend on the time, on chance, or on what the server has?",
    )


def _told(each: Difference) -> str:
    if each.part is None:
        state = "is missing" if each.actual is None else "is too much"
        return f"{each.object} {each.name} {state}"
    what = f"{each.object} {each.name} ({each.part.replace('-', ' ')})"
    return f"{what}: {each.actual or 'none'}, not {each.expected or 'none'}"
