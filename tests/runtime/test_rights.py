"""Roles that may do little: what works for them, and the grants that are named for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modalembic.postgres.url import DatabaseURL
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import Result, done, execute, fetch, modalembic, new_project, sql, table

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

ROLE = 'modest "role"'
QUOTED = '"modest ""role"""'
MOST_HINTS = 3

MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData(schema="app")
One = Table("c_one", metadata, Column("id", Integer))
"""


@pytest.fixture(autouse=True)
def _own_app() -> Iterator[None]:
    with forgotten("app"):
        yield


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory) -> ProjectFiles:
    project = new_project(
        tmp_path_factory.mktemp("rights"),
        'modules = ["app/modules/*"]\nmetadata = "app.base:metadata"\nschemas = ["app"]',
    )
    project.file("app/__init__.py").file("app/base.py", MODELS)
    core = project.module("core").file("models.py", "from app.base import One as One\n")
    bodies = table("app.c_one")
    # CREATE SCHEMA IF NOT EXISTS needs CREATE on the database although the schema is there.
    made = "DO $$ BEGIN IF to_regnamespace('app') IS NULL THEN CREATE SCHEMA app; END IF; END $$"
    bodies["upgrade"] = sql(made) + "\n" + bodies["upgrade"]
    core.revision("c1", **bodies).revision("c2", down="c1")
    return project


@pytest.fixture
def role(server: psycopg.Connection) -> Iterator[str]:
    """A role that has no right but to log in."""
    server.execute(f"CREATE ROLE {QUOTED} LOGIN".encode())
    yield ROLE
    server.execute(f"DROP ROLE {QUOTED}".encode())


@pytest.fixture
def closed(role: str, database_url: str) -> Iterator[str]:
    """A database, as its owner has it, in which PUBLIC may do nothing at all."""
    name = DatabaseURL.parse(database_url).database
    execute(
        database_url,
        f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"ALTER ROLE {QUOTED} IN DATABASE \"{name}\" SET search_path = 'app', 'public'",
    )
    yield database_url
    execute(database_url, f"DROP OWNED BY {QUOTED} CASCADE")


@pytest.fixture
def modest(closed: str) -> str:
    """The URL by which the role reaches it."""
    return replace(DatabaseURL.parse(closed), user=ROLE, password=None).conninfo


@pytest.fixture
def owning(closed: str, modest: str) -> str:
    """The same, where the role owns one schema and may connect, and that is all."""
    name = DatabaseURL.parse(closed).database
    execute(
        closed,
        f'GRANT CONNECT ON DATABASE "{name}" TO {QUOTED}',
        f"CREATE SCHEMA app AUTHORIZATION {QUOTED}",
    )
    return modest


@pytest.fixture
def scratch(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", server_url)


def until_done(closed: str, attempt: Callable[[], Result]) -> list[str]:
    """Do what the hints say until the command works; the hints."""
    hints: list[str] = []
    while (result := attempt()).code == 2:
        assert len(hints) < MOST_HINTS, result.err
        assert "hint: " in result.err, result.err
        hints.append(result.err.partition("hint: ")[2].splitlines()[0])
        assert hints[-1].startswith(("GRANT ", "ALTER ")), result.err
        execute(closed, *hints[-1].rstrip(";").split("; "))
    assert result.code == 0, result.err
    return hints


@pytest.mark.usefixtures("scratch")
class TestARoleThatOwnsOnlyItsSchema:
    def test_can_do_everything(self, project: ProjectFiles, owning: str, tmp_path: Path) -> None:
        for arguments in (
            ["plan"],
            ["upgrade", "--dry-run"],
            ["upgrade", "--sql"],
            ["upgrade", "c1"],
            ["upgrade"],
            ["current", "--check"],
            ["modules"],
            ["history", "-i"],
            ["doctor"],
            ["check", "drift", "--against", owning],
            ["schema", "dump", "--format", "sql"],
            ["diff", "live", "migrations"],
            ["stamp", "c1"],
            ["stamp", "heads"],
            ["downgrade", "base"],
            ["install", "core"],
            ["uninstall", "core", "--yes", "--backup", str(tmp_path / "backup")],
            ["prune", "--older-than", "0"],
            ["repair"],
        ):
            done(modalembic(project, *arguments, url=owning))
        assert fetch(owning, "SELECT count(*) FROM app.modalembic_history") != [(0,)]

    def test_reads_the_catalog_that_a_superuser_reads(
        self, project: ProjectFiles, owning: str, closed: str
    ) -> None:
        done(modalembic(project, "upgrade", url=owning))
        execute(closed, "CREATE SCHEMA hidden", "CREATE TABLE hidden.t (id serial PRIMARY KEY)")
        execute(closed, "CREATE TYPE hidden.mood AS ENUM ('a')")
        execute(closed, "ALTER TABLE app.c_one ADD COLUMN m hidden.mood DEFAULT 'a'")
        dump = ["schema", "dump", "--format", "json", "--schema", "hidden", "--schema", "app"]
        one, other = (
            done(modalembic(project, *dump, url=url)).document for url in (owning, closed)
        )
        assert one["catalog"] == other["catalog"]


READS = ["current"]
WRITES = ["upgrade"]
TABLES = "alembic_version", "modalembic_history"


class TestARoleThatLacksARight:
    """Each is taken away by itself; the hint gives it back."""

    @pytest.fixture
    def granted(self, project: ProjectFiles, owning: str, closed: str) -> str:
        """The tables belong to somebody else, and the role has just what it needs."""
        done(modalembic(project, "upgrade", "c1", url=owning))
        execute(
            closed,
            "ALTER SCHEMA app OWNER TO CURRENT_USER",
            *(f"ALTER TABLE app.{name} OWNER TO CURRENT_USER" for name in TABLES),
            f"GRANT USAGE ON SCHEMA app TO {QUOTED}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON app.alembic_version TO {QUOTED}",
            f"GRANT SELECT, INSERT, UPDATE ON app.modalembic_history TO {QUOTED}",
        )
        return owning

    @pytest.mark.parametrize("command", [WRITES, ["stamp", "heads"], ["downgrade", "core@-1"]])
    @pytest.mark.parametrize(
        "right",
        [
            "SELECT ON app.alembic_version",
            "INSERT ON app.alembic_version",
            "UPDATE ON app.alembic_version",
            "DELETE ON app.alembic_version",
            "SELECT ON app.modalembic_history",
            "INSERT ON app.modalembic_history",
            "UPDATE ON app.modalembic_history",
            "USAGE ON SCHEMA app",
        ],
    )
    def test_to_write_is_given_it_by_the_hint(
        self, project: ProjectFiles, granted: str, closed: str, right: str, command: list[str]
    ) -> None:
        before = fetch(closed, "SELECT * FROM app.alembic_version")
        execute(closed, f"REVOKE {right} FROM {QUOTED}")
        first = modalembic(project, *command, url=granted)
        assert first.code == 2
        assert fetch(closed, "SELECT * FROM app.alembic_version") == before
        hints = until_done(closed, lambda: modalembic(project, *command, url=granted))
        privilege, on, name = right.partition(" ON ")
        name = name.removeprefix("SCHEMA ")
        spelled = name.replace("app", '"app"').replace(".", '."') + ('"' if "." in name else "")
        schema = "SCHEMA " if "SCHEMA" in right else ""
        assert hints == [f"GRANT {privilege}{on}{schema}{spelled} TO {QUOTED};"]

    @pytest.mark.parametrize("right", ["SELECT ON app.alembic_version", "USAGE ON SCHEMA app"])
    @pytest.mark.parametrize(
        "command", [READS, ["plan"], ["modules"], ["history", "-i"], ["doctor"]], ids=" ".join
    )
    def test_to_read_is_given_it_by_the_hint(
        self, project: ProjectFiles, granted: str, closed: str, right: str, command: list[str]
    ) -> None:
        execute(closed, f"REVOKE {right} FROM {QUOTED}")
        assert len(until_done(closed, lambda: modalembic(project, *command, url=granted))) == 1

    @pytest.mark.parametrize(
        "command",
        [["doctor"], ["repair", "--dry-run"], ["prune", "--older-than", "0", "--dry-run"]],
        ids=" ".join,
    )
    def test_to_read_the_history_is_given_it_by_the_hint(
        self, project: ProjectFiles, granted: str, closed: str, command: list[str]
    ) -> None:
        """Or else nothing would be found, and that would look well."""
        execute(closed, f"REVOKE SELECT ON app.modalembic_history FROM {QUOTED}")
        (hint,) = until_done(closed, lambda: modalembic(project, *command, url=granted))
        assert hint == f'GRANT SELECT ON "app"."modalembic_history" TO {QUOTED};'

    def test_needs_no_history_to_tell_what_is_applied(
        self, project: ProjectFiles, granted: str, closed: str
    ) -> None:
        execute(closed, f"REVOKE ALL ON app.modalembic_history FROM {QUOTED}")
        for command in (["current"], ["plan"], ["modules"], ["upgrade", "--check"]):
            assert modalembic(project, *command, url=granted).code in (0, 1)

    def test_of_every_table_gets_all_grants_at_once(
        self, project: ProjectFiles, granted: str, closed: str
    ) -> None:
        execute(closed, f"REVOKE ALL ON ALL TABLES IN SCHEMA app FROM {QUOTED}")
        execute(closed, f"GRANT SELECT ON app.alembic_version TO {QUOTED}")
        (hint,) = until_done(closed, lambda: modalembic(project, "upgrade", url=granted))
        assert hint == (
            f'GRANT INSERT, UPDATE, DELETE ON "app"."alembic_version" TO {QUOTED}; '
            f'GRANT SELECT, INSERT, UPDATE ON "app"."modalembic_history" TO {QUOTED};'
        )

    @pytest.mark.parametrize("command", [["upgrade"], ["current"], ["install", "core"]])
    def test_on_the_table_of_modules_is_given_it_by_the_hint(
        self, project: ProjectFiles, granted: str, closed: str, command: list[str]
    ) -> None:
        execute(closed, f"GRANT CREATE ON SCHEMA app TO {QUOTED}")
        done(modalembic(project, "install", "core", url=granted))
        execute(closed, "ALTER TABLE app.modalembic_modules OWNER TO CURRENT_USER")
        hints = until_done(closed, lambda: modalembic(project, *command, url=granted))
        assert hints
        assert all('ON "app"."modalembic_modules" TO' in hint for hint in hints)

    def test_may_have_it_by_columns(self, project: ProjectFiles, granted: str, closed: str) -> None:
        execute(
            closed,
            f"REVOKE ALL ON app.alembic_version FROM {QUOTED}",
            f"GRANT SELECT (version_num), INSERT (version_num), UPDATE (version_num), DELETE "
            f"ON app.alembic_version TO {QUOTED}",
        )
        done(modalembic(project, "upgrade", url=granted))

    def test_is_told_whose_the_table_is(
        self, project: ProjectFiles, granted: str, closed: str
    ) -> None:
        execute(closed, f"REVOKE INSERT ON app.alembic_version FROM {QUOTED}")
        owner = DatabaseURL.parse(closed).user
        told = modalembic(project, "upgrade", url=granted).err
        assert f"may not write app.alembic_version (it belongs to {owner!r})" in told


class TestARoleThatMayNotMakeTheTables:
    @pytest.mark.parametrize("granted", ["", "USAGE", "CREATE"])
    def test_is_given_the_schema_by_the_hint(
        self, project: ProjectFiles, modest: str, closed: str, granted: str
    ) -> None:
        name = DatabaseURL.parse(closed).database
        execute(closed, "CREATE SCHEMA app", f'GRANT CONNECT ON DATABASE "{name}" TO {QUOTED}')
        if granted:
            execute(closed, f"GRANT {granted} ON SCHEMA app TO {QUOTED}")
        hints = until_done(closed, lambda: modalembic(project, "upgrade", url=modest))
        assert len(hints) == 1

    def test_is_not_led_to_another_schema_than_the_one_that_has_the_table(
        self, project: ProjectFiles, owning: str, closed: str
    ) -> None:
        """Everything would be run a second time there."""
        done(modalembic(project, "upgrade", "c1", url=owning))
        execute(
            closed,
            "ALTER SCHEMA app OWNER TO CURRENT_USER",
            f"GRANT USAGE, CREATE ON SCHEMA public TO {QUOTED}",
        )
        refused = modalembic(project, "upgrade", url=owning)
        assert refused.code == 2
        assert "may not use schema 'app', which is on its search path and has" in refused.err
        assert fetch(closed, "SELECT to_regclass('public.alembic_version')") == [(None,)]
        assert len(until_done(closed, lambda: modalembic(project, "upgrade", url=owning))) == 1

    def test_is_told_of_a_schema_that_nobody_has_made(
        self, project: ProjectFiles, owning: str, closed: str
    ) -> None:
        execute(closed, "DROP SCHEMA app CASCADE", "DROP SCHEMA public CASCADE")
        refused = modalembic(project, "upgrade", url=owning)
        assert "the search path of role" in refused.err
        assert "has no schema that exists" in refused.err

    def test_may_connect_after_the_hint(
        self, project: ProjectFiles, modest: str, closed: str
    ) -> None:
        execute(closed, f"CREATE SCHEMA app AUTHORIZATION {QUOTED}")
        (hint,) = until_done(closed, lambda: modalembic(project, "upgrade", url=modest))
        name = DatabaseURL.parse(closed).database
        assert hint == f'GRANT CONNECT ON DATABASE "{name}" TO {QUOTED};'


T = "CREATE TABLE public.t (id int PRIMARY KEY)"


class TestARevisionThatDoesWhatItsRoleMayNot:
    """The hint gives the right, and the revision runs."""

    @pytest.fixture
    def other(self, server: psycopg.Connection, closed: str) -> Iterator[str]:
        """Another role, which may own a table."""
        server.execute("CREATE ROLE modest_owner")
        yield "modest_owner"
        execute(closed, "DROP OWNED BY modest_owner CASCADE", "DROP ROLE modest_owner")

    @pytest.mark.parametrize(
        ("statement", "before"),
        [
            ("CREATE SCHEMA other", ()),
            ("CREATE EXTENSION citext", ()),
            ("CREATE TABLE other.t (id int)", ("CREATE SCHEMA other",)),
            ("SELECT * FROM other.t", ("CREATE SCHEMA other", "CREATE TABLE other.t (id int)")),
            ("INSERT INTO public.t VALUES (1)", (T,)),
            ("UPDATE public.t SET id = 2 WHERE id = 1", (T,)),
            ("DELETE FROM public.t WHERE id = 1", (T,)),
            ("TRUNCATE public.t", (T,)),
            ("ALTER TABLE public.t ADD COLUMN n int", (T,)),
            ("CREATE TABLE app.r (id int REFERENCES public.t)", (T,)),
            ("SELECT * FROM public.v", ("CREATE VIEW public.v AS SELECT 1",)),
            ("SELECT nextval('public.s')", ("CREATE SEQUENCE public.s",)),
            (
                "SELECT public.f(1)",
                (
                    "CREATE FUNCTION public.f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                    "REVOKE ALL ON FUNCTION public.f FROM PUBLIC",
                ),
            ),
            (
                "CREATE TABLE app.r (id public.d)",
                ("CREATE DOMAIN public.d AS int", "REVOKE ALL ON DOMAIN public.d FROM PUBLIC"),
            ),
            ('SELECT * FROM public."a b"', ('CREATE TABLE public."a b" (id int)',)),
            ("ALTER TABLE public.t ADD COLUMN n int", (T, "ALTER TABLE public.t OWNER TO {other}")),
        ],
        ids=lambda value: value if isinstance(value, str) else str(len(value)),
    )
    def test_gets_the_grant(
        self,
        project: ProjectFiles,
        owning: str,
        closed: str,
        other: str,
        before: tuple[str, ...],
        statement: str,
    ) -> None:
        execute(closed, f"GRANT USAGE ON SCHEMA public TO {QUOTED}")
        execute(closed, *(text.format(other=other) for text in before))
        project.module("core").revision("c3", down="c2", upgrade=sql(statement))
        hints = until_done(closed, lambda: modalembic(project, "upgrade", url=owning))
        assert hints

    def test_that_only_a_superuser_may_do_is_told_so(
        self, project: ProjectFiles, owning: str
    ) -> None:
        project.module("core").revision("c3", down="c2", upgrade=sql("CREATE EXTENSION dblink"))
        failed = modalembic(project, "upgrade", url=owning)
        assert failed.code == 2
        assert 'let a superuser run it in this database: CREATE EXTENSION "dblink";' in failed.err

    def test_that_has_no_grant_is_told_what_it_lacks(
        self, project: ProjectFiles, owning: str
    ) -> None:
        project.module("core").revision("c3", down="c2", upgrade=sql("CREATE ROLE another"))
        failed = modalembic(project, "upgrade", url=owning)
        assert "hint: the role lacks a privilege for that" in failed.err
