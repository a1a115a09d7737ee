from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, text

from modalembic.errors import EmbeddedFailed, EmbeddedUnavailable, EmbeddedVersion
from modalembic.postgres import programs
from modalembic.postgres.connection import connect
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.filelock import is_free, poll
from modalembic.postgres.settings import EmbeddedSettings
from tests.postgres.processes import server_pid, start_user

if TYPE_CHECKING:
    from modalembic.postgres.url import DatabaseURL


def started(url: DatabaseURL) -> object:
    with connect(url) as connection:
        return connection.execute("SELECT pg_postmaster_start_time()").fetchone()


def silent(_message: str) -> None:
    pass


def test_the_server_is_gone_when_the_last_user_has_left(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent) as url:
        pid = server_pid(data) or 0
        assert pid
        socket = Path(url.hosts[0].name)
        assert socket.stat().st_mode & 0o777 == 0o700
    assert not (data / "cluster" / "postmaster.pid").exists()
    assert not socket.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_data_is_kept_and_the_second_start_is_quick(data: Path) -> None:
    begin = time.monotonic()
    with open_embedded(EmbeddedSettings(data), silent) as url, connect(url) as connection:
        first = time.monotonic() - begin
        connection.execute("CREATE TABLE kept (a int)")
    begin = time.monotonic()
    with open_embedded(EmbeddedSettings(data), silent) as url, connect(url) as connection:
        second = time.monotonic() - begin
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert second < first < 10
    assert second < 2


def test_events_tell_of_the_first_start_only(data: Path) -> None:
    events: list[str] = []
    for _ in range(2):
        with open_embedded(EmbeddedSettings(data), events.append):
            pass
    assert events == [f"setting up an embedded Postgres in {data}"]


def test_two_uses_at_once_in_one_process_share_a_server(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent) as url:
        with open_embedded(EmbeddedSettings(data), silent) as again:
            assert started(url) == started(again)
        assert started(url) == started(again)


def test_utf8_everywhere_and_no_network(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent) as url, connect(url) as connection:
        query = "SELECT current_setting('server_encoding'), upper('é'), 'a' < 'B', \
            current_setting('listen_addresses'), current_setting('TimeZone'), current_database()"
        assert connection.execute(query).fetchone() == ("UTF8", "É", False, "", "UTC", "app")


def test_a_database_of_another_name_is_made_on_demand(data: Path) -> None:
    for name in ("app", "Two words", "app"):
        with open_embedded(EmbeddedSettings(data, database=name), silent) as url:
            assert url.database == name
            with connect(url) as connection:
                assert connection.execute("SELECT current_database()").fetchone() == (name,)


@pytest.mark.parametrize("name", ["with a space", 'žluťoučký 馬, "x" %41\'', "long-" * 30])
def test_any_project_path_will_do(server_directory: Path, name: str) -> None:
    data = server_directory / name / "a" / ".modalembic" / "postgres"
    with open_embedded(EmbeddedSettings(data), silent) as url:
        assert started(url)
    assert (data / "cluster").is_dir()


def test_several_processes_share_one_server_until_the_last_ends(data: Path) -> None:
    users = [start_user(data) for _ in range(4)]
    assert len({user.answer()["started"] for user in users}) == 1
    for user in users[:-1]:
        user.leave()
        assert server_pid(data)
    users[-1].leave()
    assert server_pid(data) is None


def test_a_killed_user_does_not_keep_the_server_alive(data: Path) -> None:
    user = start_user(data)
    user.answer()
    user.kill()
    assert poll(lambda: server_pid(data) is None, 10)


def test_a_killed_user_does_not_take_the_server_from_the_others(data: Path) -> None:
    first, second = start_user(data), start_user(data)
    first.answer()
    begun = second.answer()["started"]
    first.kill()
    third = start_user(data)
    assert third.answer()["started"] == begun
    second.leave()
    third.leave()
    assert server_pid(data) is None


def test_users_killed_at_any_moment_of_the_first_start_do_no_harm(data: Path) -> None:
    for delay in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7):
        user = start_user(data)
        time.sleep(delay)
        user.kill()
    assert start_user(data).leave()["started"]
    assert poll(lambda: server_pid(data) is None, 10)
    assert not list(data.glob("cluster.new-*"))


def test_a_keeper_that_was_killed_is_replaced_under_its_running_server(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent) as url:
        begun = started(url)
        keeper = _parent(server_pid(data))
        os.kill(keeper, signal.SIGKILL)
        assert poll(lambda: is_free(data / "keeper"), 5)
        with open_embedded(EmbeddedSettings(data), silent) as again:
            assert started(again) == begun
    assert poll(lambda: server_pid(data) is None, 10)


def _parent(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("no /proc on this system")
    lines = status.read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("PPid:")))


def test_a_server_that_crashed_is_started_again_with_its_data(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent) as url:
        with connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
        os.kill(server_pid(data) or 0, signal.SIGQUIT)
        assert poll(lambda: not Path(url.hosts[0].name).exists(), 10)
    with open_embedded(EmbeddedSettings(data), silent) as url, connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_pid_file_whose_pid_is_another_program_now_does_no_harm(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent):
        content = (data / "cluster" / "postmaster.pid").read_text(encoding="utf-8")
    lines = [str(os.getpid()), *content.splitlines()[1:]]
    stale = data / "cluster" / "postmaster.pid"
    stale.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with open_embedded(EmbeddedSettings(data), silent) as url:
        assert started(url)


def test_removing_the_data_begins_anew(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent) as url, connect(url) as connection:
        connection.execute("CREATE TABLE gone (a int)")
    shutil.rmtree(data)
    with open_embedded(EmbeddedSettings(data), silent) as url, connect(url) as connection:
        assert connection.execute("SELECT to_regclass('gone')").fetchone() == (None,)


def test_local_programs_run_the_server(data: Path, local_programs: Path) -> None:
    with (
        open_embedded(EmbeddedSettings(data, local_programs), silent) as url,
        connect(url) as connection,
    ):
        assert str(connection.info.server_version // 10000) in str(local_programs)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_data_of_another_major_version_is_refused_with_what_to_do(
    data: Path, local_programs: Path
) -> None:
    with open_embedded(EmbeddedSettings(data, local_programs), silent):
        pass
    version = (data / "cluster" / "PG_VERSION").read_text(encoding="ascii").strip()
    with (
        pytest.raises(EmbeddedVersion, match=f"made by Postgres {version}") as caught,
        open_embedded(EmbeddedSettings(data), silent),
    ):
        pass
    assert f"remove {data}" in (caught.value.hint or "")
    with open_embedded(EmbeddedSettings(data, local_programs), silent) as url:
        assert started(url)


def test_programs_that_are_not_there_are_named(data: Path) -> None:
    settings = EmbeddedSettings(data, programs=data / "bin")
    with (
        pytest.raises(EmbeddedUnavailable, match="no initdb and no postgres") as caught,
        open_embedded(settings, silent),
    ):
        pass
    assert "bin directory" in (caught.value.hint or "")


def test_without_the_wheel_the_extra_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "WHEEL", "no_such_package_here")
    with (
        pytest.raises(EmbeddedUnavailable) as caught,
        open_embedded(EmbeddedSettings(data), silent),
    ):
        pass
    assert 'pip install "modalembic[embedded]"' in (caught.value.hint or "")


def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent):
        pass
    with (data / "cluster" / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("no_such_setting = 1\n")
    with (
        pytest.raises(EmbeddedFailed, match=r"postgresql\.conf") as caught,
        open_embedded(EmbeddedSettings(data), silent),
    ):
        pass
    assert caught.value.path == data / "log"


def test_the_servers_environment_holds_no_secret(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "hush")
    monkeypatch.setenv("SOME_TOKEN", "hush")
    with open_embedded(EmbeddedSettings(data), silent):
        pid = server_pid(data)
        environment = Path(f"/proc/{pid}/environ")
        if not environment.exists():
            pytest.skip("no /proc on this system")
        assert b"hush" not in environment.read_bytes()


def test_connections_that_are_open_at_the_end_do_not_hold_the_server(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent) as url:
        connection = connect(url)
        connection.execute("BEGIN")
    assert server_pid(data) is None
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()


def test_a_relative_path_and_a_symbolic_link_mean_the_same_server(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.mkdir(parents=True)
    link = data.parent / "link"
    link.symlink_to(data)
    monkeypatch.chdir(data.parent)
    with open_embedded(EmbeddedSettings(data), silent) as url:
        for other in (Path("postgres"), link):
            with open_embedded(EmbeddedSettings(other), silent) as again:
                assert again == url


def test_ctrl_c_in_the_users_terminal_leaves_the_server_to_the_others(data: Path) -> None:
    first, second = start_user(data), start_user(data)
    first.answer()
    second.answer()
    os.killpg(first.process.pid, signal.SIGINT)
    first.process.communicate(timeout=30)
    assert server_pid(data)
    second.leave()
    assert server_pid(data) is None


@pytest.fixture
def server_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that is set up for a server at an address where none answers."""
    for name, value in {"PGHOSTADDR": "192.0.2.1", "PGPORT": "55991"}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("server_elsewhere")
def test_the_address_and_port_of_another_server_in_the_environment_are_not_its_own(
    data: Path,
) -> None:
    for database in ("app", "made on demand"):
        with open_embedded(EmbeddedSettings(data, database=database), silent) as url:
            assert started(url)
            assert url.hosts[0].port == "5432"
            with open_embedded(EmbeddedSettings(data, database=database), silent) as again:
                assert started(again) == started(url)


@pytest.mark.usefixtures("server_elsewhere")
def test_an_engine_finds_it_whatever_the_environment_says(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent) as url:
        engine = create_engine(url.sqlalchemy, poolclass=NullPool)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT current_database()")).scalar_one() == "app"
        engine.dispose()


def test_one_that_was_started_under_another_environment_is_found(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_embedded(EmbeddedSettings(data), silent) as url:
        begun = started(url)
        monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
        monkeypatch.setenv("PGPORT", "55991")
        with open_embedded(EmbeddedSettings(data), silent) as again:
            assert started(again) == begun
