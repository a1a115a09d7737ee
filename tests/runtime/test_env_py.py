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

    @pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
    def test_with_a_percent_sign_in_the_name_of_a_revision_file(
        self, tmp_path: Path, database_url: str, driver: str
    ) -> None:
        project = self._project(tmp_path, "async")
        path = project.module("billing").revision_path("b1")
        path.rename(path.with_name("b1_100%.py"))
        project.module("billing").revision("b2", down="b1", **table("two"))
        named = project.module("billing").revision_path("b2")
        named.rename(named.with_name("b2_%(row)s %%.py"))
        url = f"postgresql+{driver}" + database_url[database_url.index("://") :]
        done(modalembic_process(project, "upgrade", url=url))
        assert tables(database_url) == {"one", "two"}
        below = "app/modules/billing/migrations/versions"
        assert column(history(database_url, "path")) == [
            f"{below}/b1_100%.py",
            f"{below}/b2_%(row)s %%.py",
        ]
        done(modalembic_process(project, "downgrade", "base", url=url))
        assert tables(database_url) == versions(database_url) == set()

    @pytest.mark.parametrize("template", ["pyproject", "pyproject_async"])
    def test_in_pyproject(self, tmp_path: Path, database_url: str, template: str) -> None:
        project = self._project(tmp_path, template)
        done(modalembic_process(project, "upgrade", url=database_url))
        assert tables(database_url) == {"one"}

    def _project(self, directory: Path, template: str) -> ProjectFiles:
        project = ProjectFiles(directory / "shop").configure()
        project.module("billing").revision("b1", **table("one"))
        with Path(os.devnull).open("w") as nowhere:
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

    def test_is_locked_while_it_is_upgraded(self, project: ProjectFiles, database_url: str) -> None:
        query = (
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
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
                done(modalembic_process(project, "upgrade", url=database_url))

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


class TestWhatEnvPyIsTold:
    def test_the_url_as_sqlalchemy_url_and_as_a_connection(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        connected = 'connection = context.config.attributes["connection"]'
        env = ENV.replace("engine = create_engine(url, poolclass=NullPool)\n    ", "", 1)
        env = env.replace("with engine.connect() as connection:", f"{connected}\n    if url:")
        project.file("migrations/env.py", env.replace("    engine.dispose()\n", ""))
        api.upgrade(project.load(), database=database_url)
        assert tables(database_url) == {"one", "two"}

    def test_extra_arguments_and_the_tag(self, project: ProjectFiles, database_url: str) -> None:
        look = "SELECT '{}' AS x, '{}' AS tag"
        env = online(
            after=f'connection.execute(text("CREATE TABLE told AS {look}".format('
            'x["tenant"], context.get_tag_argument()))); connection.commit()'
        )
        project.file("migrations/env.py", env)
        arguments = ("upgrade", "-x", "tenant=acme", "-x", "other=1", "--tag", "nightly")
        done(modalembic(project, *arguments, url=database_url))
        assert fetch(database_url, "SELECT * FROM told") == [("acme", "nightly")]

    def test_the_heads_and_the_target(self, project: ProjectFiles, database_url: str) -> None:
        project.module("orders").revision("o1", depends_on="b1", **table("three"))
        look = "(context.get_head_revisions(), context.get_revision_argument())"
        env = online(
            after=f"connection.execute(text('CREATE TABLE told AS SELECT :it AS it'), "
            f"{{'it': repr({look})}}); connection.commit()"
        )
        project.file("migrations/env.py", env.replace("text('CREATE", "text('CREATE"))
        api.upgrade(project.load(), database=database_url)
        ((told,),) = fetch(database_url, "SELECT it FROM told")
        assert sorted(eval(told)[0]) == ["b2", "o1"]  # noqa: S307

    def test_arguments_of_run_migrations_reach_the_revisions(
        self, tmp_path: Path, database_url: str
    ) -> None:
        project = new_project(tmp_path, env=online(run='context.run_migrations(name="told")'))
        module = project.module("billing").revision("b1")
        path = module.revision_path("b1")
        text = path.read_text().replace("() -> None:\n    pass", "(name) -> None:\n    make(name)")
        path.write_text(text + '\n\ndef make(name):\n    op.execute(f"CREATE TABLE {name} ()")\n')
        api.upgrade(project.load(), database=database_url)
        assert tables(database_url) == {"told"}

    def test_a_percent_sign_in_the_password_arrives(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        url = DatabaseURL.parse(database_url)
        odd = DatabaseURL(url.driver, url.user, "a%b@c", url.hosts, url.database, url.query)
        api.upgrade(project.load(), database=odd.conninfo)
        assert tables(database_url) == {"one", "two"}

    def test_nothing_is_asked_of_it_when_there_is_nothing_to_do(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        api.upgrade(project.load(), database=database_url)
        project.file("migrations/env.py", "raise AssertionError")
        assert not api.upgrade(project.load(), database=database_url).applied


class TestCallbacks:
    def test_get_what_they_get_under_stock_alembic(
        self, tmp_path: Path, make_database: MakeDatabase
    ) -> None:
        env = online(
            configure="connection=connection, on_version_apply=note",
            engine="create_engine(url, poolclass=NullPool)\n\n" + NOTE,
        )
        project = new_project(tmp_path, 'modules = ["app/modules/*"]\n' + ALEMBIC, env)
        billing = project.module("billing").revision("b1", labels="billing")
        billing.revision("b2", down="b1")
        project.module("orders").revision("o1", labels="orders", depends_on="b1").revision(
            "o2", down="o1", depends_on="b2"
        )
        # The order of independent branches differs; one step at a time, it can not.
        steps = ("b1", "o1", "b2", "o2")
        ours, stock = make_database(), make_database()
        for url in (ours, stock):
            execute(url, "CREATE TABLE noted (id int GENERATED ALWAYS AS IDENTITY, what text)")
        for step in steps:
            api.upgrade(project.load(), step, database=ours)
            command.upgrade(_stock(project, stock), step)
        for step in ("o1", "b1"):
            api.downgrade(project.load(), step, database=ours, cascade=True)
            command.downgrade(_stock(project, stock), step)
        noted = [column(fetch(url, "SELECT what FROM noted ORDER BY id")) for url in (ours, stock)]
        assert noted[0] == noted[1]
        assert len(noted[0]) == 6

    def test_that_fail_take_their_revision_with_them(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        callback = "lambda ctx, step, heads, run_args, **kw: 1 / (len(step.up_revision_id) - 2)"
        project.file(
            "migrations/env.py",
            online(configure=f"connection=connection, on_version_apply={callback}"),
        )
        with pytest.raises(MigrationFailed, match="ZeroDivisionError"):
            api.upgrade(project.load(), database=database_url)
        assert tables(database_url) == set()


NOTE = """
def note(ctx, step, heads, run_args, **kw):
    what = (
        step.is_upgrade, step.is_stamp, step.is_migration, step.up_revision_id,
        sorted(step.up_revision_ids), sorted(step.down_revision_ids), sorted(heads), run_args,
        sorted(step.source_revision_ids), sorted(step.destination_revision_ids),
    )
    ctx.connection.execute(text("INSERT INTO noted (what) VALUES (:what)"), {"what": repr(what)})

"""
ALEMBIC = """
[tool.alembic]
script_location = "%(here)s/migrations"
version_locations = [
    "%(here)s/app/modules/billing/migrations/versions",
    "%(here)s/app/modules/orders/migrations/versions",
]
"""


def _stock(project: ProjectFiles, url: str) -> Config:
    config = Config(toml_file=str(project.root / "pyproject.toml"))
    config.set_main_option("sqlalchemy.url", DatabaseURL.parse(url).sqlalchemy.replace("%", "%%"))
    return config


class TestTransactions:
    def test_are_one_for_each_revision_where_env_py_does_not_ask_for_it(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        module = project.module("billing")
        module.revision("b3", down="b2", upgrade=sql("SELECT * FROM nowhere"))
        with pytest.raises(MigrationFailed):
            api.upgrade(project.load(), database=database_url)
        assert versions(database_url) == {"b2"}

    @pytest.mark.parametrize(
        ("env", "line"),
        [
            (online("pass", 'connection.execute(text("SELECT 1"))'), 10),
            (online("pass", "pass", "connection.begin()"), 11),
            (online().replace("engine.connect()", "engine.begin()"), 8),
        ],
        ids=["a query", "begin()", "engine.begin()"],
    )
    def test_that_were_opened_before_configure_are_refused_with_the_line(
        self, project: ProjectFiles, database_url: str, env: str, line: int
    ) -> None:
        project.file("migrations/env.py", env)
        with pytest.raises(EnvironmentMisuse, match=r"before context\.configure") as caught:
            api.upgrade(project.load(), database=database_url)
        assert caught.value.line == line
        assert str(caught.value.path).endswith("env.py")
        assert tables(database_url) == set()

    def test_that_were_ended_before_configure_are_fine(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        env = online('connection.execute(text("SELECT 1"))', "connection.commit()")
        project.file("migrations/env.py", env)
        assert len(api.upgrade(project.load(), database=database_url).applied) == 2


class TestMoreThanOneRun:
    """Refused before the first of them has changed anything."""

    LOOP = """
for schema in ("public", "tenant"):
    with engine.connect() as connection:
        context.configure(connection=connection, version_table_schema=schema)
        with context.begin_transaction():
            context.run_migrations()
"""
    TWICE = """
def migrate(name):
    with engine.connect() as connection:
        context.configure(connection=connection, version_table=name)
        with context.begin_transaction():
            context.run_migrations()

migrate("alembic_version")
migrate("second")
"""
    HELPER = """
from helper import migrate_all
migrate_all(engine)
"""
    SWALLOWING = LOOP.replace(
        "            context.run", "          try:\n            context.run"
    ) + ("          except Exception:\n            pass\n")

    @pytest.mark.parametrize("text", [LOOP, TWICE, HELPER, SWALLOWING])
    def test_is_refused(self, project: ProjectFiles, database_url: str, text: str) -> None:
        head = online().partition("with engine")[0]
        execute(database_url, "CREATE SCHEMA tenant")
        project.file("migrations/env.py", head + text)
        project.file(
            "helper.py",
            "from alembic import context\n\ndef migrate_all(engine):" + _indented(self.LOOP),
        )
        with pytest.raises(EnvironmentMisuse, match="more than once") as caught:
            api.upgrade(project.load(), database=database_url)
        assert "-x key=value" in str(caught.value.hint)
        assert caught.value.line is not None
        assert tables(database_url) == set()
        assert versions(database_url) == set()

    def test_a_loop_that_is_left_after_the_first_is_none(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        head = online().partition("with engine")[0]
        project.file("migrations/env.py", f"{head}{self.LOOP}    break\n")
        assert len(api.upgrade(project.load(), database=database_url).applied) == 2

    def test_two_branches_of_which_one_is_taken_are_none(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        """Then env.py is entered once only."""
        entered = f"""
with open({str(project.root / "entered")!r}, "a") as file:
    file.write("x")
names = [name for name in ("a", "b")]
"""
        project.file("migrations/env.py", entered + ENV)
        assert len(api.upgrade(project.load(), database=database_url).applied) == 2
        assert (project.root / "entered").read_text() == "x"

    def test_what_follows_in_env_py_may_need_what_the_run_has_made(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        head = online().partition("with engine")[0]
        text = f"""{head}{self.LOOP}    break

with engine.begin() as connection:
    connection.execute(text("INSERT INTO one VALUES (1)"))
"""
        project.file("migrations/env.py", text)
        api.upgrade(project.load(), database=database_url)
        assert fetch(database_url, "SELECT id FROM one") == [(1,)]


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


class TestTrouble:
    def test_an_env_py_that_never_runs_migrations(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.file("migrations/env.py", "x = 1\n")
        with pytest.raises(EnvironmentMisuse, match="without calling"):
            api.upgrade(project.load(), database=database_url)

    @pytest.mark.parametrize("code", [0, 3])
    def test_an_env_py_that_leaves_before_it_runs_them(
        self, project: ProjectFiles, database_url: str, code: int
    ) -> None:
        project.file("migrations/env.py", f"import sys\nsys.exit({code})\n")
        with pytest.raises(EnvironmentFailed, match="SystemExit") as caught:
            api.upgrade(project.load(), database=database_url)
        assert caught.value.line == 2

    def test_an_env_py_that_leaves_when_it_has_run_them(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.file("migrations/env.py", ENV + "raise SystemExit(0)\n")
        assert len(api.upgrade(project.load(), database=database_url).applied) == 2

    def test_an_env_py_that_swallows_exceptions(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("billing").revision("b3", down="b2", upgrade=sql("SELECT * FROM nowhere"))
        run = "try:\n            context.run_migrations()\n        except BaseException: pass"
        project.file("migrations/env.py", online(run=run))
        with pytest.raises(MigrationFailed, match="nowhere"):
            api.upgrade(project.load(), database=database_url)

    def test_an_env_py_that_fails(self, project: ProjectFiles, database_url: str) -> None:
        project.file("migrations/env.py", online("1 / 0"))
        result = modalembic(project, "upgrade", url=database_url)
        assert result.code == 2
        assert "ZeroDivisionError" in result.err
        assert "env.py:9" in result.err

    def test_an_env_py_with_a_syntax_error(self, project: ProjectFiles, database_url: str) -> None:
        project.file("migrations/env.py", "x = 1\nif:\n")
        with pytest.raises(EnvironmentFailed, match="SyntaxError") as caught:
            api.upgrade(project.load(), database=database_url)
        assert caught.value.line == 2

    def test_an_env_py_that_is_not_there(self, project: ProjectFiles, database_url: str) -> None:
        project.configure(f'{GLOB}\nscript_location = "elsewhere"')
        with pytest.raises(EnvironmentFailed, match=r"no env\.py"):
            api.upgrade(project.load(), database=database_url)

    def test_no_password_is_told(self, project: ProjectFiles, database_url: str) -> None:
        url = DatabaseURL.parse(database_url)
        secret = DatabaseURL(url.driver, url.user, "hunter2", url.hosts, url.database, url.query)
        project.file("migrations/env.py", online("raise ValueError(url)"))
        result = modalembic(project, "upgrade", url=secret.conninfo)
        assert result.code == 2
        assert "ValueError" in result.err
        assert "hunter2" not in result.err


class TestAnotherPlaceThanTheOneThatIsLocked:
    def test_another_database(self, project: ProjectFiles, make_database: MakeDatabase) -> None:
        named, its_own = make_database(), make_database()
        engine = f"create_engine({DatabaseURL.parse(its_own).sqlalchemy!r}, poolclass=NullPool)"
        project.file("migrations/env.py", online(engine=engine))
        with pytest.raises(EnvironmentMisuse, match="another database") as caught:
            api.upgrade(project.load(), database=named)
        assert caught.value.line == 9
        for url in (named, its_own):
            assert fetch(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [
                (0,)
            ]

    @pytest.mark.parametrize(
        "configure",
        ['version_table="ours"', 'version_table_schema="tenant"'],
    )
    def test_another_version_table(
        self, project: ProjectFiles, database_url: str, configure: str
    ) -> None:
        execute(database_url, "CREATE SCHEMA tenant")
        project.file("migrations/env.py", online(configure=f"connection=connection, {configure}"))
        with pytest.raises(EnvironmentMisuse, match="nothing was run") as caught:
            api.upgrade(project.load(), database=database_url)
        assert "version_table" in str(caught.value.hint)
        assert tables(database_url) == set()

    def test_the_same_table_when_the_configuration_has_it(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        execute(database_url, "CREATE SCHEMA tenant")
        project.configure(f'{GLOB}\nversion_table = "ours"\nversion_table_schema = "tenant"')
        project.file(
            "migrations/env.py",
            online(
                configure="connection=connection, version_table='ours', "
                "version_table_schema='tenant'"
            ),
        )
        api.upgrade(project.load(), database=database_url)
        assert versions(database_url, "tenant.ours") == {"b2"}
        assert column(fetch(database_url, "SELECT revision FROM tenant.modalembic_history")) == [
            "b1",
            "b2",
        ]
        assert modalembic(project, "current", "--check", url=database_url).code == 0

    def test_a_schema_for_it_that_env_py_makes_first(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.configure(f'{GLOB}\nversion_table_schema = "tenant"')
        make = 'connection.execute(text("CREATE SCHEMA IF NOT EXISTS tenant")); connection.commit()'
        project.file(
            "migrations/env.py",
            online(make, configure="connection=connection, version_table_schema='tenant'"),
        )
        api.upgrade(project.load(), database=database_url)
        assert versions(database_url, "tenant.alembic_version") == {"b2"}

    def test_a_schema_for_it_that_nobody_makes(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.configure(f'{GLOB}\nversion_table_schema = "tenant"')
        project.file(
            "migrations/env.py",
            online(configure="connection=connection, version_table_schema='tenant'"),
        )
        result = modalembic(project, "upgrade", url=database_url)
        assert result.code == 2
        assert "there is no schema 'tenant'" in result.err
        assert "CREATE SCHEMA" in result.err

    def test_a_search_path_of_the_url_is_followed(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        execute(database_url, "CREATE SCHEMA tenant")
        url = database_url + "&options=-csearch_path%3Dtenant"
        api.upgrade(project.load(), database=url)
        assert tables(database_url, "tenant") == {"one", "two"}
        assert versions(database_url, "tenant.alembic_version") == {"b2"}
        assert history(url) == [("b1", "upgrade"), ("b2", "upgrade")]


class TestOptionsThatEnvPyNeeds:
    def test_reach_it_when_it_is_asked_for_the_database(
        self, project: ProjectFiles, make_database: MakeDatabase
    ) -> None:
        url = make_database()
        engine = "create_engine(x['url'], poolclass=NullPool)"
        project.file("migrations/env.py", online(engine=engine))
        extra = f"url={DatabaseURL.parse(url).sqlalchemy}"
        api.upgrade(project.load(), options=Options(x=(extra,)))
        assert tables(url) == {"one", "two"}
        assert modalembic(project, "upgrade", "--check", "-x", extra).code == 0
