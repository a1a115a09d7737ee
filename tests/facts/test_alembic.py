"""Facts about Alembic that modalembic rests on. One of these tests fails on the day that its fact
changes; then look for what was built on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command, context
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision, RevisionMap
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, inspect, text

import modalembic as api
from modalembic.postgres.url import DatabaseURL
from tests.projects import ProjectFiles
from tests.runtime.support import versions

if TYPE_CHECKING:
    from sqlalchemy import Connection

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations(answer=42)
"""


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = create_engine(DatabaseURL.parse(database_url).sqlalchemy, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = ProjectFiles(tmp_path / "shop").file(
        "migrations/env.py", ENV.replace("answer=42", "")
    )
    project.location("versions").revision("a1", labels="alpha").revision("a2", down="a1")
    return project


def config_of(project: ProjectFiles, connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(project.root / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(project.root / "versions"))
    config.attributes["connection"] = connection
    return config


def per_migration(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"transaction_per_migration": True})


class TestTransactions:
    def test_per_migration_are_begun_by_a_private_argument(self, connection: Connection) -> None:
        migration = per_migration(connection)
        with migration.begin_transaction():
            assert not connection.in_transaction()
            with migration.begin_transaction(_per_migration=True):
                assert connection.in_transaction()
                connection.execute(text("CREATE TABLE kept (id int)"))
            assert not connection.in_transaction()
        assert inspect(connection).has_table("kept")

    def test_per_migration_are_rolled_back_by_an_exception(self, connection: Connection) -> None:
        migration = per_migration(connection)
        with suppress(ZeroDivisionError), migration.begin_transaction(_per_migration=True):
            connection.execute(text("CREATE TABLE lost (id int)"))
            _ = 1 / 0
        assert not inspect(connection).has_table("lost")

    def test_that_are_open_at_configure_make_all_others_do_nothing(
        self, connection: Connection
    ) -> None:
        connection.execute(text("SELECT 1"))
        assert connection.in_transaction()
        migration = per_migration(connection)
        with migration.begin_transaction(_per_migration=True):
            connection.execute(text("CREATE TABLE lost (id int)"))
        connection.rollback()
        assert not inspect(connection).has_table("lost")

    def test_are_left_by_autocommit_block_which_commits_them(self, connection: Connection) -> None:
        migration = per_migration(connection)
        with suppress(ZeroDivisionError), migration.begin_transaction(_per_migration=True):
            connection.execute(text("CREATE TABLE kept (id int)"))
            with migration.autocommit_block():
                connection.execute(text("CREATE INDEX CONCURRENTLY kept_id ON kept (id)"))
            connection.execute(text("CREATE TABLE lost (id int)"))
            _ = 1 / 0
        assert inspect(connection).get_table_names() == ["kept"]
        assert len(inspect(connection).get_indexes("kept")) == 1


class TestEnvironmentContext:
    @pytest.fixture
    def script(self, project: ProjectFiles) -> ScriptDirectory:
        project.file("migrations/env.py", ENV)
        return ScriptDirectory.from_config(config_of(project))

    def test_runs_migrations_by_the_method_of_the_migration_context(
        self, project: ProjectFiles, script: ScriptDirectory, connection: Connection
    ) -> None:
        called: list[dict[str, Any]] = []
        config = config_of(project, connection)
        with EnvironmentContext(config, script, fn=lambda *_: []) as environment:
            configure = environment.configure

            def replaced(*args: Any, **kwargs: Any) -> None:
                configure(*args, **kwargs)
                migration = environment.get_context()
                migration.run_migrations = lambda **kw: called.append(kw)  # type: ignore[method-assign]

            environment.configure = replaced  # type: ignore[method-assign]
            script.run_env()
        assert called == [{"answer": 42}]

    def test_has_proxies_for_its_own_class_only(
        self, project: ProjectFiles, script: ScriptDirectory, connection: Connection
    ) -> None:
        class Watching(EnvironmentContext):
            pass

        config = config_of(project, connection)
        with Watching(config, script, fn=lambda *_: []), pytest.raises((NameError, AttributeError)):
            script.run_env()

    def test_is_one_at_a_time(
        self, project: ProjectFiles, script: ScriptDirectory, connection: Connection
    ) -> None:
        config = config_of(project, connection)
        with EnvironmentContext(config, script, fn=lambda *_: []):
            assert context.config is config
        with pytest.raises((NameError, AttributeError)):
            _ = context.config.attributes


class TestVersionRows:
    def test_do_not_name_a_head_that_others_depend_on(
        self, project: ProjectFiles, connection: Connection, database_url: str
    ) -> None:
        project.location("versions").revision("b1", depends_on="a2")
        command.upgrade(config_of(project, connection), "heads")
        assert versions(database_url) == {"b1"}

    def test_of_both_ends_of_a_dependency_end_in_overlaps(
        self, project: ProjectFiles, connection: Connection, database_url: str
    ) -> None:
        project.location("versions").revision("b1", depends_on="a2").revision("b2", down="b1")
        command.stamp(config_of(project, connection), ["a2", "b1"])
        assert versions(database_url) == {"a2", "b1"}
        with pytest.raises(CommandError, match="overlaps"):
            command.upgrade(config_of(project, connection), "heads")

    @pytest.mark.parametrize("run", [command.upgrade, command.stamp])
    def test_that_name_no_revision_stop_every_command(
        self,
        project: ProjectFiles,
        connection: Connection,
        run: Callable[..., None],
    ) -> None:
        command.upgrade(config_of(project, connection), "a1")
        with connection.begin():
            connection.execute(text("INSERT INTO alembic_version VALUES ('gone')"))
        with pytest.raises(CommandError, match="gone"):
            run(config_of(project, connection), "alpha@head")

    def test_have_room_for_32_characters(
        self, project: ProjectFiles, connection: Connection
    ) -> None:
        command.stamp(config_of(project, connection), "a1")
        (found,) = inspect(connection).get_columns("alembic_version")
        assert str(found["type"]) == "VARCHAR(32)"

    def test_crash_stock_alembic_on_redundant_dependencies(
        self, project: ProjectFiles, connection: Connection
    ) -> None:
        """Here a4 depends on a1, which it follows already by way of a3."""
        location = project.location("versions").revision("a3", down="a1")
        location.revision("a4", down="a3", depends_on=["a1", "a2"])
        with pytest.raises(KeyError):
            command.upgrade(config_of(project, connection), "heads")

    @pytest.mark.parametrize("run", ["upgrade", "downgrade"])
    def test_do_not_crash_modalembic_on_them(
        self, project: ProjectFiles, database_url: str, run: str
    ) -> None:
        project.configure('modules = []\nlocations = { core = "versions" }\nmultiple_heads = true')
        location = project.location("versions").revision("a3", down="a1")
        location.revision("a4", down="a3", depends_on=["a1", "a2"])
        api.upgrade(project.load(), database=database_url)
        assert versions(database_url) == {"a4"}
        if run == "downgrade":
            api.downgrade(project.load(), "a4-1", database=database_url)
            assert versions(database_url) == {"a2", "a3"}


class TestRevisions:
    def test_that_depend_on_a_label_depend_on_its_first_revision(self) -> None:
        revisions = RevisionMap(
            lambda: [
                Revision("a1", None, branch_labels="alpha"),
                Revision("a2", "a1"),
                Revision("b1", None, dependencies="alpha"),
            ]
        )
        found = revisions.get_revision("b1")
        assert found is not None
        assert found._resolved_dependencies == ("a1",)

    def test_are_read_when_somebody_asks_for_them(self) -> None:
        read: list[str] = []

        def reading() -> Iterator[Revision]:
            read.append("now")
            yield Revision("a1", None)

        revisions = RevisionMap(reading)
        assert read == []
        assert revisions.heads == ("a1",)
        assert read == ["now"]

    def test_in_a_location_that_is_not_there_are_passed_over_in_silence(
        self, project: ProjectFiles
    ) -> None:
        config = config_of(project)
        config.set_main_option("version_locations", str(project.root / "nowhere"))
        assert ScriptDirectory.from_config(config).get_heads() == []
