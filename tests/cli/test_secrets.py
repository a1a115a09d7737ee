"""No password is told, stored or handed on in a list of processes, wherever it comes from."""

from __future__ import annotations

import itertools
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from modalembic.cli.scrub import passwords_in
from modalembic.postgres.url import DatabaseURL
from tests.checks.repository import repository
from tests.cli.commandline import CommandLine, Outcome, finish, start
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import execute, fetch

# Each has "hush" in every part that a text may be cut into.
PASSWORDS = [
    "hush-hush",
    "hush hush",
    "hush'hush",
    'hush"hush',
    "hush%41hush",
    "hush%(hush)s",
    "hush@hush:5432/hush?hush#hush",
    "hüshhush",
    "hush\\hush",
    "${hush}hush",
    "hush;DROP TABLE hush",
    "-hush",
]
RAW = ["hush sh", "hush@a@b", "hush:x/y", "hush'x", 'hush"x', "hush%zz"]
OPTIONS = [
    (),
    ("--debug",),
    ("--verbose",),
    ("--quiet",),
    ("--format", "json"),
    ("--format", "json", "--debug", "--verbose"),
    ("--log-format", "json"),
    ("--log-format", "json", "--debug"),
]
COMMANDS = [
    ["plan"],
    ["upgrade", "--dry-run"],
    ["upgrade", "core", "--sql"],
    ["upgrade", "core1"],
    ["upgrade"],
    ["current"],
    ["modules"],
    ["history", "-i"],
    ["doctor"],
    ["repair", "--dry-run"],
    ["stamp", "core"],
    ["downgrade", "core@-1"],
    ["schema", "dump"],
    ["diff", "live", "live"],
    ["check", "drift", "--against", "live"],
    ["upgrade", "nowhere"],
    ["downgrade", "core@-9"],
    ["upgrade", "--module", "nowhere"],
    ["upgrade", "--no-such-option"],
    ["diff", "live", "nowhere"],
    ["schema", "dump", "--schema", "nowhere"],
]
# An env.py that says what it should not, in every way that there is.
TALKING = """
import logging, sys
from alembic import context
from sqlalchemy import NullPool, create_engine

{url}
logging.basicConfig(level=logging.INFO, force=True)
print("connecting to", url)
print(repr(url), file=sys.stderr)
logging.getLogger("shop").warning("connecting to %s", url)
sys.stderr.writelines([url, "\\n"])
with create_engine(url, poolclass=NullPool).connect() as connection:
    context.configure(connection=connection, url=url)
    {then}
"""
RUN = "context.run_migrations()"
OFFERED = 'url = context.config.get_main_option("sqlalchemy.url")'


def with_password(url: str, password: str) -> str:
    """The URL with a password that the server does not ask for."""
    return replace(DatabaseURL.parse(url), password=password).conninfo


def assert_silent(text: str) -> None:
    place = text.lower().replace("ü", "u").find("hush")
    assert place < 0, text[max(place - 200, 0) : place + 200]


_options = itertools.cycle(OPTIONS)


@dataclass
class Speaker:
    """Runs commands, each with the next of the options, and listens."""

    cli: CommandLine

    def __call__(self, *arguments: str) -> Outcome:
        outcome = self.cli(*arguments, *next(_options))
        assert_silent(outcome.said)
        return outcome

    def in_every_way(self, *arguments: str) -> list[Outcome]:
        """With all of the options."""
        return [self(*arguments) for _ in OPTIONS]

    def in_some_ways(self, *arguments: str) -> list[Outcome]:
        """With two of the options; the next call goes on with the next two."""
        return [self(*arguments) for _ in range(2)]


@pytest.fixture(autouse=True)
def _own_app() -> Iterator[None]:
    with forgotten("app"):
        yield


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """What an env.py here sets up writes to the stderr of its own time."""
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def said(cli: CommandLine) -> Speaker:
    return Speaker(cli)


@pytest.fixture
def talking(project: ProjectFiles) -> Callable[..., ProjectFiles]:
    """Gives the project an env.py that tells its URL, then does something."""

    def make(url: str = OFFERED, then: str = RUN) -> ProjectFiles:
        return project.file("migrations/env.py", TALKING.format(url=url, then=then))

    return make


class TestWhereItComesFrom:
    @pytest.mark.parametrize("password", PASSWORDS, ids=range(len(PASSWORDS)))
    def test_the_option(
        self, said: Speaker, talking: Callable[..., ProjectFiles], database_url: str, password: str
    ) -> None:
        talking()
        url = with_password(database_url, password)
        assert said("upgrade", "core1", "--database", url).code == 0
        talking(then='raise RuntimeError("no way to " + url)')
        assert {outcome.code for outcome in said.in_some_ways("upgrade", "--database", url)} == {2}

    @pytest.mark.parametrize("where", ["option", "environment", "configuration", "query"])
    def test_every_command(  # noqa: PLR0917 - fixtures
        self,
        said: Speaker,
        project: ProjectFiles,
        talking: Callable[..., ProjectFiles],
        database_url: str,
        server_url: str,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        where: str,
    ) -> None:
        talking()
        password = PASSWORDS[6]
        url = with_password(database_url, password)
        if where == "query":
            url = f"{database_url}&password={quote(password, safe='')}"
        elif where == "configuration":
            monkeypatch.setenv("SHOP_DATABASE", url)
            project.configure('modules = ["app/modules/*"]\ndatabase = "${SHOP_DATABASE}"')
        if where in ("environment", "query"):
            monkeypatch.setenv("MODALEMBIC_DATABASE_URL", url)
        monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", with_password(server_url, password))
        given = ["--database", url] if where == "option" else []
        for arguments in COMMANDS:
            said(*arguments, *given)
        assert_silent(str(fetch(database_url, "SELECT h::text FROM modalembic_history h")))
        for file in tmp_path.rglob("*"):
            if file.is_file() and "cache" in file.as_posix():
                assert_silent(file.read_text(encoding="utf-8", errors="replace"))

    @pytest.mark.parametrize("password", PASSWORDS[:8], ids=range(8))
    def test_the_ini_file_of_alembic(
        self,
        said: Speaker,
        project: ProjectFiles,
        talking: Callable[..., ProjectFiles],
        database_url: str,
        password: str,
    ) -> None:
        talking()
        url = DatabaseURL.parse(with_password(database_url, password)).sqlalchemy
        project.file(
            "alembic.ini",
            f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url.replace('%', '%%')}\n",
        )
        assert said("upgrade", "core1").code == 0
        talking(then='raise RuntimeError("no way to " + url)')
        said.in_some_ways("upgrade")

    @pytest.mark.parametrize("password", PASSWORDS[:8], ids=range(8))
    def test_the_source_of_env_py(
        self,
        said: Speaker,
        talking: Callable[..., ProjectFiles],
        database_url: str,
        password: str,
    ) -> None:
        url = DatabaseURL.parse(with_password(database_url, password)).sqlalchemy
        talking(f"url = {url!r}")
        assert said("current").code == 0
        talking(f"url = {url!r}", "raise RuntimeError('no way to ' + url)")
        said.in_some_ways("upgrade")
        nowhere = url.replace("?host=", "?host=/nowhere")
        talking(f"url = {nowhere!r}")
        assert {outcome.code for outcome in said.in_some_ways("upgrade")} == {2}

    @pytest.mark.parametrize("name", ["PGPASSWORD", "SHOP_DB_PASSWORD"])
    @pytest.mark.parametrize("password", PASSWORDS[2:6], ids=range(4))
    def test_the_environment(
        self,
        said: Speaker,
        talking: Callable[..., ProjectFiles],
        database_url: str,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        password: str,
    ) -> None:
        monkeypatch.setenv(name, password)
        told = f"import os; url = {DatabaseURL.parse(database_url).sqlalchemy!r}"
        talking(told, f"print('as', os.environ[{name!r}]); {RUN}")
        assert said("current").code == 0
        talking(told, f"raise RuntimeError('no way as ' + os.environ[{name!r}])")
        said.in_some_ways("upgrade")

    def test_another_url_on_the_command_line(
        self, said: Speaker, database_url: str, make_database: Callable[[], str]
    ) -> None:
        other = with_password(make_database(), PASSWORDS[6])
        said("upgrade", "--database", database_url)
        for arguments in (
            ["diff", "live", other],
            ["diff", other, "live"],
            ["check", "drift", "--against", other],
            ["upgrade", "-x", f"url={other}"],
        ):
            said.in_some_ways(*arguments, "--database", database_url)


class TestWhatFails:
    @pytest.mark.parametrize("password", PASSWORDS[::4], ids=range(3))
    @pytest.mark.parametrize(
        "parts",
        [{"database": "nothing"}, {"user": "nobody at all"}, {"host": "/nowhere"}, {"port": "1"}],
        ids=str,
    )
    def test_the_way_to_the_server(
        self, said: Speaker, database_url: str, password: str, parts: dict[str, str]
    ) -> None:
        url = DatabaseURL.parse(database_url)
        hosts = tuple(
            replace(host, name=parts.get("host", host.name), port=parts.get("port", host.port))
            for host in url.hosts
        )
        wrong = replace(
            url,
            password=password,
            hosts=hosts,
            database=parts.get("database", url.database),
            user=parts.get("user", url.user),
        ).conninfo
        assert said("upgrade", "--database", wrong).code == 2

    @pytest.mark.parametrize("raw", RAW, ids=range(len(RAW)))
    def test_a_url_that_is_none(self, said: Speaker, raw: str) -> None:
        for url in (f"postgresql://u:{raw}@localhost:x/d", f"mysql://u:{raw}@localhost/d"):
            for arguments in (["upgrade", "--database", url], ["upgrade", url], [url], ["-x", url]):
                assert said(*arguments).code == 2
        assert said("upgrade", "--database", f"host=localhost password='{raw}'").code == 2

    @pytest.mark.parametrize("password", PASSWORDS, ids=range(len(PASSWORDS)))
    def test_a_revision(
        self, said: Speaker, project: ProjectFiles, database_url: str, password: str
    ) -> None:
        """Its SQL has a password of its own, and that of the URL."""
        own = "CREATE ROLE r PASSWORD '" + password.replace("'", "''") + "' SYNTAX ERROR"
        body = f"from sqlalchemy import text\nop.get_bind().exec_driver_sql({own!r})"
        if "%" not in password:
            project.module("core", tier="core").revision("core3", down="core2", upgrade=body)
            said.in_some_ways("upgrade", "core", "--database", database_url)
        statement = f"SELECT 1/0 -- {password}".replace("\n", " ")
        # Alembic takes a colon for the beginning of a parameter.
        body = f"op.execute({statement!r})".replace(":", r"\\:")
        project.module("core", tier="core").revision("core3", down="core2", upgrade=body)
        url = with_password(database_url, password)
        failures = said.in_some_ways("upgrade", "core", "--database", url)
        assert all("division by zero" in failed.said for failed in failures)

    def test_a_revision_in_a_check(
        self,
        cli: CommandLine,
        project: ProjectFiles,
        server_url: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", with_password(server_url, "hush hush"))
        broken = "op.execute(\"CREATE ROLE r PASSWORD 'hush' SYNTAX ERROR\")"
        project.module("core", tier="core").revision("core3", down="core2", upgrade=broken)
        project.module("core", tier="core").file(
            "models.py",
            "from sqlalchemy import Column, Integer, MetaData, Table\n"
            "Table('people', MetaData(), Column('id', Integer, primary_key=True))\n",
        )
        for name in ("text", "json", "sarif", "junit", "github", "markdown"):
            outcome = cli("check", "drift", "--format", name)
            assert_silent(outcome.said)
            if outcome.code == 1:
                assert "CREATE ROLE r PASSWORD" in outcome.out

    def test_what_is_noted_of_a_revision_that_was_interrupted(
        self, said: Speaker, project: ProjectFiles, database_url: str
    ) -> None:
        (name,) = fetch(database_url, "SELECT current_database()")[0]
        steps = f"""
        op.execute("CREATE ROLE \\"of {name}\\" PASSWORD 'hush'")
        with op.get_context().autocommit_block():
            op.execute("ALTER ROLE \\"of {name}\\" PASSWORD 'hush'")
            op.execute("SELECT 1/0")
        """
        project.module("core", tier="core").revision("core3", down="core2", upgrade=steps)
        try:
            assert said("upgrade", "core", "--database", database_url).code == 2
            rows = fetch(database_url, "SELECT h::text FROM modalembic_history h")
            assert_silent(str(rows))
            assert "PASSWORD" in str(rows)
        finally:
            execute(database_url, f'DROP ROLE IF EXISTS "of {name}"')


class TestTheWarning:
    """A password in an argument is in the list of processes before modalembic runs."""

    def warned(self, outcome: Outcome) -> bool:
        return "a password on the command line" in outcome.err

    def test_names_the_other_ways(self, cli: CommandLine, database_url: str) -> None:
        url = with_password(database_url, "hush")
        told = cli("current", "--database", url).err
        assert told.startswith(
            "warning: a password on the command line is in the list of processes and in the "
            "shell's history\n"
        )
        for way in ("MODALEMBIC_DATABASE_URL", "PGPASSWORD", "~/.pgpass", "a service file"):
            assert way in told

    def test_is_told_once_wherever_the_password_stands(
        self, cli: CommandLine, database_url: str
    ) -> None:
        url = with_password(database_url, "hush")
        query = f"{database_url}&password=hush"
        for arguments in (
            ["--database", url, "current"],
            ["current", "--database", query],
            ["diff", url, query],
            ["check", "drift", "--against", url, "--database", url],
            ["upgrade", "--dry-run", "-x", f"url={url}", "--database", database_url],
        ):
            assert cli(*arguments).err.count("a password on the command line") == 1

    def test_is_silent_without_one(
        self, cli: CommandLine, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert not self.warned(cli("current", "--database", database_url))
        monkeypatch.setenv("MODALEMBIC_DATABASE_URL", with_password(database_url, "hush"))
        assert not self.warned(cli("current"))
        for url in ("postgresql://h:1/d?user=a%40b", "postgresql://u@h:1/d", "embedded"):
            assert not any(passwords_in(url))

    def test_is_not_told_to_who_wants_quiet(self, cli: CommandLine, database_url: str) -> None:
        url = with_password(database_url, "hush")
        assert not self.warned(cli("current", "--quiet", "--database", url))

    def test_is_an_object_of_the_log(self, cli: CommandLine, database_url: str) -> None:
        url = with_password(database_url, "hush")
        lines = cli("current", "--log-format", "json", "--database", url).err.splitlines()
        (told,) = [line for line in map(json.loads, lines) if line["event"] == "warning"]
        assert told["code"] == "password-argument"


# Notes the command line of everything that any Python process starts.
SPY = """
import json, os, sys

def note(event, arguments):
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
        with open(os.environ["SPY_FILE"], "a") as file:
            said = [repr(argument) for argument in arguments[:-1]]
            whole = arguments[-1] if event != "subprocess.Popen" else arguments[3]
            server = "initdb" in said[0] or "/postgres" in said[0] or "keeper" in said[1]
            file.write(json.dumps([event, said, repr(whole) if server else ""]) + "\\n")

sys.addaudithook(note)
"""


class TestProcesses:
    @pytest.fixture
    def spied(self, tmp_path: Path) -> dict[str, str]:
        """An environment in which every process tells what it starts."""
        (tmp_path / "spy").mkdir()
        (tmp_path / "spy/sitecustomize.py").write_text(SPY)
        return {"PYTHONPATH": str(tmp_path / "spy"), "SPY_FILE": str(tmp_path / "started")}

    @pytest.mark.parametrize(
        ("arguments", "starts"),
        [
            (["check", "moves", "--base", "HEAD"], "modalembic.runtime.earlier.child"),
            (["diff", "git:HEAD", "migrations"], "git"),
            (["check", "drift"], None),
            (["uninstall", "shipping", "--yes", "--backup", "{tmp}/backup"], "pg_dump"),
            (["upgrade", "--database", "embedded"], "initdb"),
        ],
        ids=lambda value: value[0] if isinstance(value, list) else None,
    )
    def test_that_are_started_have_no_password_in_their_command_line(
        self,
        project: ProjectFiles,
        database_url: str,
        server_url: str,
        tmp_path: Path,
        spied: dict[str, str],
        arguments: list[str],
        starts: str | None,
    ) -> None:
        repository(project.root, project)
        password = "hush hush"
        environ = {
            **spied,
            "MODALEMBIC_DATABASE_URL": with_password(database_url, password),
            "MODALEMBIC_SCRATCH_URL": with_password(server_url, password),
            "PGPASSWORD": password,
            "MODALEMBIC_CACHE_DIR": str(tmp_path / "cache"),
        }
        if arguments[0] == "uninstall":
            upgraded = finish(start(["upgrade"], cwd=project.root, environ=environ))
            assert upgraded.code == 0, upgraded.err
        given = [argument.format(tmp=tmp_path) for argument in arguments]
        outcome = finish(start(given, cwd=project.root, environ=environ))
        assert_silent(outcome.said)
        started = (tmp_path / "started").read_text() if (tmp_path / "started").exists() else ""
        assert_silent(started)
        assert starts is None or starts in started, outcome.err


def test_the_servers_that_modalembic_starts_do_not_inherit_passwords() -> None:
    """They run on, and under another account where root starts them."""
    from modalembic.postgres.programs import environment

    os.environ["PGPASSWORD"] = "hush"
    try:
        assert "hush" not in str(environment())
    finally:
        del os.environ["PGPASSWORD"]


def test_the_spy_sees_what_a_process_starts(tmp_path: Path) -> None:
    """Or else nothing that it has not seen would mean anything."""
    import subprocess

    (tmp_path / "sitecustomize.py").write_text(SPY)
    environ = {"PYTHONPATH": str(tmp_path), "SPY_FILE": str(tmp_path / "started")}
    code = "import subprocess; subprocess.run(['/bin/echo', 'hush'])"
    subprocess.run([sys.executable, "-c", code], env=environ, check=True, capture_output=True)
    assert "hush" in (tmp_path / "started").read_text()
