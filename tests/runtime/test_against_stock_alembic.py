"""Random histories, run by modalembic and by stock Alembic, each on a database of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine

import modalembic as api
from modalembic.history.graph import RevisionGraph
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from tests.history.graphs import Case, cases
from tests.projects import ProjectFiles
from tests.runtime.support import execute, table, tables, versions

if TYPE_CHECKING:
    from sqlalchemy import Connection

settings.register_profile("ci-database", max_examples=40, derandomize=True, deadline=None)
settings.register_profile("thorough-database", max_examples=1_000, deadline=None)
PROFILE = settings.get_profile(f"{os.environ.get('HYPOTHESIS_PROFILE', 'ci')}-database")
on_databases = settings(
    PROFILE, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)

ORPHAN = "gone000"
CONFIGURATION = f"""
modules = ["app/modules/*"]
multiple_heads = true
allow_orphans = ["{ORPHAN}"]
"""
ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""


@dataclass(frozen=True)
class Databases:
    """The URLs of one database for each."""

    ours: str
    stock: str


@pytest.fixture
def databases(make_database: Callable[[], str]) -> Databases:
    return Databases(make_database(), make_database())


@dataclass(frozen=True)
class Both:
    """One history on disk, and a database on its way through it for modalembic and for stock."""

    case: Case
    graph: RevisionGraph
    project: Project
    databases: Databases

    def reset(self, url: str, applied: set[str], rows: set[str]) -> None:
        """Make the database one that has `applied`, as its version table says."""
        execute(
            url,
            "DROP SCHEMA public CASCADE",
            "CREATE SCHEMA public",
            "".join(f"CREATE TABLE {id_} (id int);" for id_ in sorted(applied))
            + "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);"
            + "".join(f"INSERT INTO alembic_version VALUES ('{row}');" for row in sorted(rows)),
        )

    def stock(self, name: str, target: str) -> bool:
        """Run a command of Alembic; whether it finishes."""
        engine = create_engine(
            DatabaseURL.parse(self.databases.stock).sqlalchemy, poolclass=NullPool
        )
        with engine.connect() as connection:
            config = _config(self.project, connection)
            try:
                getattr(command, name)(config, target)
            except Exception as error:  # noqa: BLE001 - KeyError, AssertionError, CommandError, …
                event(f"stock {name} crashes with {type(error).__name__}")
                return False
        return True

    def require(self, url: str, applied: set[str], orphans: set[str]) -> None:
        assert tables(url) == applied
        assert versions(url) == self.graph.maximal(applied) | orphans


def _config(project: Project, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(project.root / "migrations"))
    config.set_main_option("path_separator", "newline")
    locations = [str(module.location) for module in project.modules if module.location]
    config.set_main_option("version_locations", "\n".join(locations))
    config.attributes["connection"] = connection
    return config


@contextmanager
def both(case: Case, databases: Databases) -> Iterator[Both]:
    with tempfile.TemporaryDirectory() as directory:
        files = ProjectFiles(Path(directory) / "shop").configure(CONFIGURATION)
        files.file("migrations/env.py", ENV)
        for revision in case.revisions:
            files.module(revision.module).revision(
                revision.id,
                down=revision.down_revisions or None,
                depends_on=revision.depends_on or None,
                labels=revision.branch_labels or None,
                **table(revision.id),
            )
        yield Both(case, case.graph, files.load(), databases)


@on_databases
@given(case=cases(), data=st.data())
def test_an_upgrade_leaves_what_stock_leaves_where_stock_finishes(
    databases: Databases, case: Case, data: st.DataObject
) -> None:
    with both(case, databases) as it:
        applied = it.graph.ancestors(case.rows)
        orphans = data.draw(st.sampled_from([set(), {ORPHAN}]))
        target = data.draw(st.sampled_from(["heads", *it.graph.revisions]))
        it.reset(databases.ours, applied, {*case.rows, *orphans})
        it.reset(databases.stock, applied, set(case.rows))

        api.upgrade(it.project, target, database=databases.ours)
        goals = it.graph.revisions if target == "heads" else [target]
        expected = applied | it.graph.ancestors(goals)
        it.require(databases.ours, expected, orphans)

        if it.stock("upgrade", target):
            event("stock upgrade finishes")
            assert tables(databases.stock) == expected
            assert versions(databases.stock) == versions(databases.ours) - orphans


@on_databases
@given(case=cases(), data=st.data())
def test_a_downgrade_leaves_the_maximal_rows_and_what_stock_leaves_of_the_tables(
    databases: Databases, case: Case, data: st.DataObject
) -> None:
    with both(case, databases) as it:
        everything = set(it.graph.revisions)
        orphans = data.draw(st.sampled_from([set(), {ORPHAN}]))
        target = data.draw(st.sampled_from(["base", *it.graph.revisions]))
        for url, rows in ((databases.ours, orphans), (databases.stock, set())):
            it.reset(url, everything, it.graph.maximal(everything) | rows)

        result = api.downgrade(it.project, target, cascade=True, database=databases.ours)
        left = everything - {done.step.revision.id for done in result.applied}
        it.require(databases.ours, left, orphans)

        if it.stock("downgrade", target):
            assert tables(databases.stock) == left
            rows = versions(databases.stock)
            event("stock rows overlap" if rows > it.graph.maximal(left) else "rows are the same")
            assert rows >= it.graph.maximal(left)

        api.upgrade(it.project, database=databases.ours)
        it.require(databases.ours, everything, orphans)
