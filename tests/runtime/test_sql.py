"""`--sql`: a script that gives the database that the run would have given."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modalembic as api
from modalembic.errors import (
    CrossesModules,
    EnvironmentMisuse,
    OfflineRead,
    RevisionIdError,
    UnknownOrphan,
    UsageError,
)
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.options import Options
from tests.projects import ProjectFiles
from tests.runtime.support import (
    ENV,
    Recorder,
    body,
    done,
    execute,
    fetch,
    history,
    modalembic,
    new_project,
    sql,
    table,
    tables,
    versions,
)

MakeDatabase = Callable[[], str]
RunScript = Callable[[str, str], None]


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Two modules, one built on the other, with things that are hard to write as text."""
    project = new_project(tmp_path)
    billing = project.module("billing")
    billing.revision("b1", **table("one"))
    billing.revision(
        "b2",
        down="b1",
        upgrade=body("""
            op.create_table(
                "rates",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("name", sa.String(40), nullable=False, server_default="it's 100%"),
            )
            rates = sa.table("rates", sa.column("name", sa.String))
            op.bulk_insert(rates, [{"name": "a:b 'c' %s"}])
        """),
        downgrade='op.drop_table("rates")',
    )
    orders = project.module("orders").revision("o1", depends_on="b1", **table("two"))
    orders.revision(
        "o2",
        down="o1",
        depends_on="b2",
        upgrade=body("""
            op.execute("ALTER TABLE two ADD rate int")
            with op.get_context().autocommit_block():
                op.execute("CREATE INDEX CONCURRENTLY two_rate ON two (rate)")
            op.execute("COMMENT ON TABLE two IS 'done'")
        """),
        downgrade=sql("DROP INDEX two_rate", "ALTER TABLE two DROP rate"),
    )
    return project


def by_psql(url: str, script: str) -> None:
    program = shutil.which("psql")
    if program is None:
        pytest.skip("no psql on PATH; the same scripts are run by psycopg as well")
    ended = subprocess.run(
        [program, "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", url],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def by_psycopg(url: str, script: str) -> None:
    """The statements one by one, as psql sends them: several at once are one transaction."""
    with connect(DatabaseURL.parse(url)) as connection:
        for statement in script.split(";\n"):
            if statement.strip():
                result = connection.pgconn.exec_(statement.encode())
                assert not result.error_message, (statement, result.error_message)


@pytest.fixture(params=[by_psql, by_psycopg], ids=["psql", "psycopg"])
def run_script(request: pytest.FixtureRequest) -> RunScript:
    runner: RunScript = request.param
    return runner


def content(url: str) -> list[Any]:
    """All that is in the database, but for times, durations, the ids of runs, and what only a run
    can tell (attempts, locks)."""
    recorded = history(
        url,
        "version_table, module, revision, direction, state, path, parents, content_hash, "
        "meaning_hash, who, modalembic_version",
    )
    columns = fetch(
        url,
        "SELECT table_name, column_name, data_type, column_default, is_nullable FROM "
        "information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
    )
    indexes = fetch(url, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
    comments = fetch(
        url,
        "SELECT relname, obj_description(oid) FROM pg_class WHERE relnamespace = "
        "'public'::regnamespace AND obj_description(oid) IS NOT NULL ORDER BY 1",
    )
    rates = fetch(url, "SELECT to_regclass('rates')") != [(None,)] and fetch(
        url, "SELECT name FROM rates"
    )
    return [sorted(versions(url)), recorded, columns, indexes, comments, rates]


class TestTheSameDatabaseAsARun:
    def test_from_base(
        self, project: ProjectFiles, make_database: MakeDatabase, run_script: RunScript
    ) -> None:
        ran, scripted = make_database(), make_database()
        api.upgrade(project.load(), database=ran)
        run_script(scripted, done(modalembic(project, "upgrade", "--sql")).out)
        assert content(scripted) == content(ran)
        assert not api.upgrade(project.load(), database=scripted).applied

    def test_from_an_id_to_an_id(
        self, project: ProjectFiles, make_database: MakeDatabase, run_script: RunScript
    ) -> None:
        ran, scripted = make_database(), make_database()
        for url in (ran, scripted):
            api.upgrade(project.load(), "b1", database=url)
        api.upgrade(project.load(), "b2", database=ran)
        run_script(scripted, api.upgrade_sql(project.load(), "b1:b2"))
        assert content(scripted) == content(ran)

    def test_from_several_ids_to_the_heads(
        self, project: ProjectFiles, make_database: MakeDatabase, run_script: RunScript
    ) -> None:
        ran, scripted = make_database(), make_database()
        for url in (ran, scripted):
            api.upgrade(project.load(), "b2", database=url)
            api.upgrade(project.load(), "o1", database=url)
        api.upgrade(project.load(), database=ran)
        script = api.upgrade_sql(project.load(), "b2,o1:heads")
        assert "CREATE TABLE one" not in script
        run_script(scripted, script)
        assert content(scripted) == content(ran)

    def test_from_what_the_connected_database_has(
        self, project: ProjectFiles, make_database: MakeDatabase, run_script: RunScript
    ) -> None:
        ran, scripted = make_database(), make_database()
        for url in (ran, scripted):
            api.upgrade(project.load(), "o1", database=url)
        api.upgrade(project.load(), database=ran)
        script = done(modalembic(project, "upgrade", "--sql", url=scripted)).out
        assert versions(scripted) == {"o1"}
        run_script(scripted, script)
        assert content(scripted) == content(ran)

    def test_limited_to_a_module(
        self, project: ProjectFiles, make_database: MakeDatabase, run_script: RunScript
    ) -> None:
        url = make_database()
        run_script(url, api.upgrade_sql(project.load(), modules=["billing"]))
        assert versions(url) == {"b2"}

    def test_downwards_from_the_connected_database(
        self, project: ProjectFiles, make_database: MakeDatabase, run_script: RunScript
    ) -> None:
        ran, scripted = make_database(), make_database()
        for url in (ran, scripted):
            api.upgrade(project.load(), database=url)
        api.downgrade(project.load(), "b1", cascade=True, database=ran)
        script = api.downgrade_sql(project.load(), "b1", cascade=True, database=scripted)
        run_script(scripted, script)
        assert content(scripted) == content(ran)

    def test_downwards_from_ids_to_base(
        self, project: ProjectFiles, make_database: MakeDatabase, run_script: RunScript
    ) -> None:
        ran, scripted = make_database(), make_database()
        for url in (ran, scripted):
            api.upgrade(project.load(), database=url)
        api.downgrade(project.load(), "base", database=ran)
        run_script(scripted, done(modalembic(project, "downgrade", "--sql", "o2:base")).out)
        assert content(scripted) == content(ran)
        assert versions(scripted) == set()

    def test_into_another_version_table(
        self, project: ProjectFiles, database_url: str, run_script: RunScript
    ) -> None:
        execute(database_url, 'CREATE SCHEMA "te nant"')
        project.configure(
            'modules = ["app/modules/*"]\nversion_table = "ours"\nversion_table_schema = "te nant"'
        )
        path = project.root / "migrations/env.py"
        path.write_text(
            path.read_text().replace(
                "configure(", 'configure(version_table="ours", version_table_schema="te nant", '
            )
        )
        run_script(database_url, api.upgrade_sql(project.load()))
        assert fetch(database_url, 'SELECT version_num FROM "te nant".ours') == [("o2",)]
        assert not api.upgrade(project.load(), database=database_url).applied

    def test_under_an_env_py_that_says_nothing_of_how_sql_is_written(
        self, project: ProjectFiles, make_database: MakeDatabase, run_script: RunScript
    ) -> None:
        """Stock Alembic then doubles each % and leaves placeholders in."""
        env = ENV.replace(", literal_binds=True, dialect_opts={'paramstyle': 'named'}", "")
        assert env != ENV
        project.file("migrations/env.py", env)
        ran, scripted = make_database(), make_database()
        api.upgrade(project.load(), database=ran)
        run_script(scripted, api.upgrade_sql(project.load()))
        assert content(scripted) == content(ran)


class TestTheScript:
    def test_has_a_transaction_for_each_revision(self, project: ProjectFiles) -> None:
        script = api.upgrade_sql(project.load(), "o1")
        assert script.count("BEGIN;") == script.count("COMMIT;") == 3  # and one for the tables

    def test_leaves_its_transaction_for_an_autocommit_block(self, project: ProjectFiles) -> None:
        script = api.upgrade_sql(project.load(), "o1:o2").split("CREATE INDEX CONCURRENTLY")
        assert script[0].rstrip().endswith("COMMIT;")
        assert script[1].partition(";\n")[2].lstrip().startswith("BEGIN;")

    def test_is_all_that_stdout_carries(self, project: ProjectFiles, database_url: str) -> None:
        project.module("billing").revision("b1", labels="pay", **table("one"))
        project.module("orders").revision("o3", down="o2", depends_on="pay")
        result = done(modalembic(project, "upgrade", "--sql", url=database_url))
        assert "pay" in result.err  # the label that means its first revision only
        assert result.out.startswith("-- upgrade to heads")
        by_psycopg(database_url, result.out)

    def test_is_a_comment_where_there_is_nothing_to_do(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        api.upgrade(project.load(), database=database_url)
        result = done(modalembic(project, "upgrade", "--sql", url=database_url))
        assert all(line.startswith("--") for line in result.out.splitlines())

    def test_is_not_begun_when_a_revision_asks_the_database_something(
        self, project: ProjectFiles
    ) -> None:
        project.module("orders").revision(
            "o3", down="o2", upgrade='rows = op.get_bind().execute(sa.text("SELECT 1")).all()'
        )
        with pytest.raises(OfflineRead, match="revision o3 of orders") as caught:
            api.upgrade_sql(project.load())
        assert str(caught.value.path).endswith("o3.py")
        assert caught.value.line == 13
        result = modalembic(project, "upgrade", "--sql")
        assert (result.code, result.out) == (2, "")

    def test_ends_when_a_result_is_used_that_is_not_there(self, project: ProjectFiles) -> None:
        project.module("orders").revision(
            "o3", down="o2", upgrade='for row in op.execute("SELECT 1"): pass'
        )
        with pytest.raises(OfflineRead, match="o3"):
            api.upgrade_sql(project.load())

    def test_leaves_out_what_a_revision_does_online_only(self, project: ProjectFiles) -> None:
        project.module("orders").revision(
            "o3",
            down="o2",
            upgrade=body("""
                from alembic import context
                if not context.is_offline_mode():
                    op.get_bind().execute(sa.text("SELECT 1")).all()
            """),
        )
        assert "o3" in api.upgrade_sql(project.load())

    def test_makes_no_table_that_the_connected_database_has(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        api.stamp(project.load(), ["base"], database=database_url)
        result = done(modalembic(project, "upgrade", "--sql", url=database_url))
        assert "CREATE TABLE one" in result.out
        assert "version_num VARCHAR" not in result.out
        assert "modalembic history, format" not in result.out
        assert "CREATE TABLE IF NOT EXISTS" not in result.out
        assert "empty" not in result.err

    def test_makes_the_history_table_beside_the_version_table_of_stock_alembic(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        execute(database_url, "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        script = api.upgrade_sql(project.load(), database=database_url)
        assert "version_num VARCHAR" not in script
        assert 'CREATE TABLE IF NOT EXISTS "public"."modalembic_history"' in script
        assert "COMMENT ON TABLE" in script

    @pytest.mark.parametrize("named", [True, False])
    def test_makes_both_tables_for_an_empty_database(
        self, project: ProjectFiles, database_url: str, run_script: RunScript, named: bool
    ) -> None:
        result = done(modalembic(project, "upgrade", "--sql", url=database_url if named else None))
        for name in ("alembic_version", "modalembic_history"):
            assert result.out.count(f'CREATE TABLE IF NOT EXISTS "public"."{name}"') == 1
        assert result.out.count('COMMENT ON TABLE "public"."modalembic_history"') == 1
        run_script(database_url, result.out)
        look = "SELECT obj_description('modalembic_history'::regclass)"
        assert fetch(database_url, look) == [("modalembic history, format 2",)]

    def test_says_whom_it_is_for_where_no_database_is_named(self, project: ProjectFiles) -> None:
        result = done(modalembic(project, "upgrade", "--sql"))
        assert "no database is named: this is the SQL for an empty one" in result.err
        assert "for an empty" not in done(modalembic(project, "upgrade", "--sql", "b1:heads")).err

    def test_of_no_database_leaves_the_format_of_a_newer_modalembic_alone(
        self, project: ProjectFiles, database_url: str, run_script: RunScript
    ) -> None:
        comment = "modalembic history, format 3"
        api.stamp(project.load(), ["base"], database=database_url)
        execute(database_url, f"COMMENT ON TABLE modalembic_history IS '{comment}'")
        run_script(database_url, done(modalembic(project, "upgrade", "--sql")).out)
        look = "SELECT obj_description('modalembic_history'::regclass)"
        assert fetch(database_url, look) == [(comment,)]
        assert versions(database_url) == {"o2"}

    def test_has_once_what_env_py_prints_by_itself(self, project: ProjectFiles) -> None:
        """An env.py with a loop is entered twice."""
        loop = "for role in ('owner',): context.static_output(f'SET ROLE {role};'); "
        text = ENV.replace("context.run_migrations()", f"{loop}context.run_migrations()", 1)
        assert text != ENV
        entered = project.root / "entered"
        note = f"with open({str(entered)!r}, 'a') as file:\n    file.write('x')\n"
        project.file("migrations/env.py", note + text)
        for script in (
            api.upgrade_sql(project.load()),
            done(modalembic(project, "upgrade", "--sql", "b1:b2")).out,
        ):
            assert script.count("SET ROLE owner;") == 1
        assert entered.read_text() == "xx" * 2

    def test_needs_a_start_for_a_downgrade(self, project: ProjectFiles) -> None:
        with pytest.raises(UsageError, match="what the database has") as caught:
            api.downgrade_sql(project.load(), "base")
        assert "FROM:base" in str(caught.value.hint)

    @pytest.mark.parametrize("target", [":heads", "b1:"])
    def test_needs_both_ends_of_a_range(self, project: ProjectFiles, target: str) -> None:
        with pytest.raises(UsageError, match="lacks one of its ends"):
            api.upgrade_sql(project.load(), target)

    def test_does_not_cross_modules_without_a_word(self, project: ProjectFiles) -> None:
        with pytest.raises(CrossesModules):
            api.downgrade_sql(project.load(), "o2:billing@base")

    def test_does_not_write_an_id_that_is_too_long(self, project: ProjectFiles) -> None:
        project.module("long").revision("l" * 33)
        with pytest.raises(RevisionIdError, match="33 characters"):
            api.upgrade_sql(project.load())

    def test_goes_past_an_orphan_that_is_allowed(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        api.upgrade(project.load(), database=database_url)
        execute(database_url, "INSERT INTO alembic_version VALUES ('gone')")
        project.module("orders").revision("o3", down="o2")
        with pytest.raises(UnknownOrphan):
            api.upgrade_sql(project.load(), database=database_url)
        recorder = Recorder()
        script = api.upgrade_sql(
            project.load(),
            database=database_url,
            options=Options(allow_orphans=("gone",)),
            observer=recorder,
        )
        by_psycopg(database_url, script)
        assert versions(database_url) == {"o3", "gone"}
        assert any(told.startswith("orphan") for told in recorder.told)

    def test_is_not_for_another_version_table_than_was_read(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        path = project.root / "migrations/env.py"
        text = path.read_text().replace("configure(", 'configure(version_table="ours", ')
        path.write_text(text)
        with pytest.raises(EnvironmentMisuse, match="nothing was printed"):
            api.upgrade_sql(project.load(), database=database_url)
        assert '"ours"' in api.upgrade_sql(project.load())

    def test_changes_nothing(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade_sql(project.load(), database=database_url)
        assert tables(database_url) == set()
