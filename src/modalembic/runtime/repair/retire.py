"""Version rows of modules that are gone: they go too, and the tables stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modalembic.errors import UsageError
from modalembic.history.state import read_state
from modalembic.modules.ownership import read_ownership
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.repair.action import Action
from modalembic.runtime.repair.rows import MendedRows
from modalembic.runtime.state.situation import Situation

_TABLES = """
SELECT n.nspname, c.relname
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%%'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                      AND d.deptype = 'e')
 ORDER BY 1, 2
"""


def retired(
    project: Project,
    session: Session,
    situation: Situation,
    rows: MendedRows,
    names: Iterable[str],
) -> Iterator[Action]:
    """An action for each version row of `names`: modules that are not discovered here, or rows that
    nobody knows. What such a row was built on stays applied.

    Raises UsageError where a module is discovered here, or has no row.
    """
    asked = tuple(dict.fromkeys(names))
    gone = [row for name in asked for row in _rows_of(project, situation, name)]
    if not gone:
        return
    kept = [row for row in situation.orphans if row not in gone]
    lineage = {
        name: found.parents for name, found in situation.history.lineage(session, kept).items()
    }
    held = read_state(project.graph, kept, lineage).held
    statements = rows.retired(gone, held)
    recorded = situation.history.lineage(session, gone)
    tables = unowned_tables(project, session, situation)
    for number, row in enumerate(dict.fromkeys(gone)):
        module = situation.orphans[row]
        yield Action(
            kind="retire",
            revision=row,
            module=module or "?",
            text=f"the row {row}{f' of {module}' if module else ''} goes; {_said(tables)}",
            # All rows at once: what they held may have been held by several.
            statements=() if number else statements,
            parents=recorded[row].parents if row in recorded else (),
            details={"tables": tables},
        )


def _rows_of(project: Project, situation: Situation, name: str) -> list[str]:
    if name in project.by_name:
        raise UsageError(
            f"--retire {name}: the module is discovered here",
            hint=f"modalembic uninstall {name} undoes its revisions",
        )
    if name in project.graph.revisions:
        raise UsageError(
            f"--retire {name}: that is a revision of this code",
            hint="modalembic stamp writes version rows",
        )
    found = [row for row, module in situation.orphans.items() if name in (module, row)]
    if not found:
        known = sorted({module or row for row, module in situation.orphans.items()})
        raise UsageError(
            f"--retire {name}: no version row belongs to it",
            hint=f"there is {', '.join(known)}" if known else "there is no row of nobody",
        )
    return found


def unowned_tables(project: Project, session: Session, situation: Situation) -> list[str] | None:
    """The tables that no module here owns, so that they may be of one that is gone; None where the
    source of a module does not tell which are its own."""
    owned = read_ownership(project.modules, project.search, project.configuration).tables
    if any(tables is None for tables in owned.values()):
        return None
    known = {table for tables in owned.values() for table in tables or ()}
    versions = situation.versions
    own = {versions.name, "modalembic_history", "modalembic_modules"}
    return [
        f"{schema}.{name}"
        for schema, name in session.fetch(_TABLES)
        if not {name, f"{schema}.{name}"} & known
        and not (schema == versions.schema and name in own)
    ]


def _said(tables: list[str] | None) -> str:
    if tables is None:
        return "its tables stay; which they are cannot be told"
    if not tables:
        return "no table is left that belongs to no module here"
    return f"tables stay that belong to no module here: {', '.join(tables)}"
