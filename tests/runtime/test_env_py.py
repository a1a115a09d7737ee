"""Every kind of `env.py` that people have, each in a whole tiny project."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config

import modalembic as api
from modalembic.errors import EnvironmentFailed, EnvironmentMisuse, MigrationFailed
from modalembic.postgres.lock import lock_key
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.options import Options
from tests.projects import GLOB, ProjectFiles
from tests.runtime.support import (
    ENV,
    Recorder,
    column,
    done,
    execute,
    fetch,
    history,
    modalembic,
    modalembic_process,
    new_project,
    sql,
    table,
    tables,
    versions,
)

Connect = Callable[..., psycopg.Connection[Any]]
MakeDatabase = Callable[[], str]


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Two revisions and the plainest `env.py`."""
    project = new_project(tmp_path)
    module = project.module("billing").revision("b1", **table("one"))
    module.revision("b2", down="b1", **table("two"))
    return project


def online(
    *before: str,
    configure: str = "connection=connection",
    run: str = "context.run_migrations()",
    after: str = "pass",
    engine: str = "create_engine(url, poolclass=NullPool)",
) -> str:
    """An `env.py` that runs `before` on its connection, configures, runs migrations, runs `after`.
    The first statement of `before` stands in line 9."""
    return "\n".join(
        [
            "from alembic import context",
            "from sqlalchemy import NullPool, create_engine, text",
            "",
            'url = context.config.get_main_option("sqlalchemy.url")',
            "x = context.get_x_argument(as_dictionary=True)",
            "",
            f"engine = {engine}",
            "with engine.connect() as connection:",
            *(f"    {line}" for line in before),
            f"    context.configure({configure})",
            "    with context.begin_transaction():",
            f"        {run}",
            f"    {after}",
            "engine.dispose()",
            "",
        ]
    )


class TestWhatAlembicInitLaysDown:
    """Alembic's own templates, without a change; their logging needs a process of its own."""

    @pytest.mark.parametrize(
        ("template", "driver"),
        [("generic", "psycopg"), ("async", "asyncpg"), ("async", "psycopg")],
    )
    def test_in_an_ini_file(
        self, tmp_path: Path, database_url: str, template: str, driver: str
    ) -> None:
        project = self._project(tmp_path, template)
        url = f"postgresql+{driver}" + database_url[database_url.index("://") :]
        result = done(modalembic_process(project, "upgrade", url=url))
        assert tables(database_url) == {"one"}
        # alembic.ini sets up logging by fileConfig: the line that Alembic has for each revision.
        assert "Running upgrade" in result.err

    @pytest.mark.parametrize("template", ["pyproject", "pyproject_async"])
    def test_in_pyproject(self, tmp_path: Path, database_url: str, template: str) -> None:
        project = self._project(tmp_path, template)
        done(modalembic_process(project, "upgrade", url=database_url))
        assert tables(database_url) == {"one"}

    def _project(self, directory: Path, template: str) -> ProjectFiles:
        project = ProjectFiles(directory / "shop").configure()
        project.module("billing").revision("b1", **table("one"))
        with open(os.devnull, "w") as nowhere:
            config = Config(
                str(project.root / "alembic.ini"),
                toml_file=str(project.root / "pyproject.toml"),
                stdout=nowhere,
            )
            command.init(config, str(project.root / "alembic"), template=template)
        return project


class TestADatabaseThatOnlyEnvPyKnows:
    """No URL is named anywhere: env.py is entered first, then come locks, state and plan."""

    @pytest.fixture
    def project(self, project: ProjectFiles, database_url: str) -> ProjectFiles:
        url = DatabaseURL.parse(database_url).sqlalchemy
        return project.file(
            "migrations/env.py",
            ENV.replace('url = context.config.get_main_option("sqlalchemy.url")', f"url = {url!r}"),
        )

    def test_is_upgraded(self, project: ProjectFiles, database_url: str) -> None:
        result = api.upgrade(project.load())
        assert [step.step.revision.id for step in result.applied] == ["b1", "b2"]
        assert result.database is None
        assert versions(database_url) == {"b2"}
        assert not api.upgrade(project.load()).applied

    def test_is_downgraded(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load())
        api.downgrade(project.load(), "billing@base")
        assert tables(database_url) == set()

    def test_is_what_current_shows(self, project: ProjectFiles) -> None:
        assert modalembic(project, "current", "--check").code == 1
        done(modalembic(project, "upgrade"))
        result = done(modalembic(project, "--format", "json", "current", "--check"))
        assert [row["revision"] for row in result.document["revisions"]] == ["b2"]

    def test_is_stamped(self, project: ProjectFiles, database_url: str) -> None:
        stamped = api.stamp(project.load(), ["b1"])
        assert (stamped.before, stamped.after) == ((), ("b1",))
        assert versions(database_url) == {"b1"}

    def test_is_planned_for(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load(), "b1")
        assert modalembic(project, "upgrade", "--check").code == 1
        result = done(modalembic(project, "--format", "json", "upgrade", "--dry-run"))
        assert [step["revision"] for step in result.document["steps"]] == ["b2"]
        assert tables(database_url) == {"one"}

    def test_is_not_needed_for_sql(self, project: ProjectFiles, database_url: str) -> None:
        result = done(modalembic(project, "upgrade", "--sql"))
        assert "CREATE TABLE one" in result.out
        assert tables(database_url) == set()

    def test_is_locked_while_it_is_upgraded(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        project.module("billing").revision(
            "b3", down="b2", upgrade=sql(f"CREATE TABLE locks AS {query}")
        )
        api.upgrade(project.load())
        assert fetch(database_url, "SELECT count FROM locks") == [(2,)]

    def test_a_table_that_another_run_made_meanwhile_is_seen(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        """Where the version table is was asked before the lock was to be had."""
        key = lock_key("public", "alembic_version", "run")
        other_run = connect_to(database_url)
        other_run.execute("SELECT pg_advisory_lock(%s)", [key])

        class Meanwhile(Recorder):
            def waiting(self, holder: object, seconds: float) -> None:
                super().waiting(holder, seconds)
                other_run.execute("SELECT pg_advisory_unlock(%s)", [key])
                api.upgrade(project.load(), database=database_url)

        recorder = Meanwhile()
        assert not api.upgrade(project.load(), observer=recorder).applied
        assert len(recorder.told) == 1

    def test_its_version_table_is_the_one_that_is_stamped(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        path = project.root / "migrations/env.py"
        path.write_text(
            path.read_text().replace(
                "context.configure(connection=connection)",
                'context.configure(connection=connection, version_table="ours")',
            )
        )
        api.stamp(project.load(), ["heads"])
        assert versions(database_url, "ours") == {"b2"}
        assert versions(database_url) == set()
        assert not api.upgrade(project.load()).applied
        assert modalembic(project, "current", "--check").code == 0
