"""What needs a server of its own: one that goes away, a standby, one that lacks an extension."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from modalembic.postgres.connection import connect
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings
from tests.cli.commandline import CommandLine, finish, shop
from tests.cli.test_bad_projects import assert_error
from tests.locks.runs import NAP, Runs
from tests.projects import ProjectFiles

# The server listens nowhere but at its socket, and asks this role alone for a password.
ACCESS = "local all secretive scram-sha-256\nlocal all all trust\n"


@pytest.fixture
def embedded(project: ProjectFiles, server_directory: Path) -> EmbeddedSettings:
    """Where the project's embedded server keeps its data: root's server can reach it there."""
    data = server_directory / f"own-{uuid4().hex[:8]}" / "postgres"
    shop(
        project.root,
        f'database = "embedded"\n[tool.modalembic.embedded]\ndata = "{data}"\n',
    )
    return EmbeddedSettings(data)


def test_an_extension_that_the_embedded_server_lacks(
    cli: CommandLine, project: ProjectFiles, embedded: EmbeddedSettings
) -> None:
    project.module("crypto").revision(
        "cryp1", upgrade='op.execute("CREATE EXTENSION no_such_extension")'
    )
    project.module("hashes").revision("hash1", upgrade='op.execute("CREATE EXTENSION pgcrypto")')

    outcome = cli("upgrade", "crypto", "-q")

    assert_error(
        outcome,
        'extension "no_such_extension" is not available',
        "hint: the embedded Postgres has no no_such_extension; use the programs of a local",
        "--database container",
    )
    document = cli("upgrade", "crypto", "--format", "json").json
    assert document["error"]["hint"].startswith("the embedded Postgres has no")
    pgcrypto = cli("upgrade", "hashes", "-q")
    if pgcrypto.code:  # the wheel may learn it one day
        assert_error(pgcrypto, "the embedded Postgres has no pgcrypto (gen_random_uuid() needs no")


def test_the_embedded_server_is_announced_and_no_password_is_needed(
    cli: CommandLine, embedded: EmbeddedSettings
) -> None:
    outcome = cli("modules")

    assert outcome.code == 0
    assert outcome.err == f"setting up an embedded Postgres in {embedded.data}\n"
    assert cli("modules", "--quiet").err == ""


def test_a_wrong_password(cli: CommandLine, embedded: EmbeddedSettings) -> None:
    with open_embedded(embedded, lambda _: None) as url:
        with connect(url) as connection:
            connection.execute("CREATE ROLE secretive LOGIN PASSWORD 'correct horse'")
            (embedded.data / "cluster" / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
            connection.execute("SELECT pg_reload_conf()")
        wrong = replace(url, user="secretive", password="wrong horse")
        missing = replace(url, user="secretive", password=None)

        assert_error(
            cli("upgrade", "--quiet", "--database", wrong.conninfo),
            "the server refuses the login",
            'password authentication failed for user "secretive"',
            "check the user and the password in the URL",
        )
        assert_error(
            cli("upgrade", "--database", missing.conninfo),
            "no password supplied",
            "postgresql://USER:PASSWORD@...",
        )


def test_a_server_that_goes_away_in_the_middle(
    cli: CommandLine, project: ProjectFiles, embedded: EmbeddedSettings
) -> None:
    project.module("slow").revision("slow1", upgrade=NAP)
    with open_embedded(embedded, lambda _: None) as url, connect(url) as connection:
        runs = Runs(project, url.conninfo, connection)
        runs.let_revisions_sleep(60)
        process = runs.start()
        runs.sleeper()
        waiting = runs.start()
        runs.line(waiting, "waiting")
        pid = int((embedded.data / "cluster" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        working, waited = finish(process), finish(waiting)

    assert working.code == waited.code == 2
    assert "error: upgrade of slow1 (slow) failed: " in working.err
    assert "hint: the connection was lost; what was committed stays" in working.err
    assert "error: the connection to the database was lost: " in waited.err
    assert "Traceback" not in working.err + waited.err
    assert "(billing)" not in cli("downgrade", "base", "-q").err  # it starts again, and recovers


def test_a_standby_is_read_and_never_written(cli: CommandLine, embedded: EmbeddedSettings) -> None:
    assert cli("upgrade", "core").code == 0
    signal_file = embedded.data / "cluster" / "standby.signal"
    shutil.copy(embedded.data / "cluster" / "PG_VERSION", signal_file)
    owner = (embedded.data / "cluster").stat()
    os.chown(signal_file, owner.st_uid, owner.st_gid)

    with open_embedded(embedded, lambda _: None) as url, connect(url) as connection:
        assert connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        for arguments in (["upgrade"], ["stamp", "heads"], ["downgrade", "base"]):
            assert_error(
                cli(*arguments),
                "is a read-only standby",
                "hint: run it against the primary server",
            )
        for arguments in (["upgrade", "core"], ["current"], ["plan"], ["modules"]):
            assert cli(*arguments).code == 0, arguments
        assert cli("upgrade", "--check").code == 1
