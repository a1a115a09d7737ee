"""Setting up and starting one embedded server's data; the caller holds the door."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from modalembic.errors import EmbeddedFailed, EmbeddedUnavailable, EmbeddedVersion, ModalembicError
from modalembic.postgres import keeper
from modalembic.postgres.home import Home
from modalembic.postgres.programs import Programs, environment
from modalembic.postgres.settings import PORT

# Postgres has a collation and character classes of its own, the same everywhere, since 17.
BUILTIN_LOCALE_SINCE = 17
LAST_LOCALE = ("--locale=C",)
# fsync: what a crash of the operating system can destroy here is data that migrations make again;
# a crash of the server or of any program loses nothing without it, and everything that creates
# or drops databases is three to eight times as fast.
CONFIGURATION = """
# modalembic: a developer's server, on a Unix socket, for data that can be made again
fsync = off
full_page_writes = off
timezone = 'UTC'
log_timezone = 'UTC'
"""
# 103 bytes on macOS and 107 on Linux, less "/modalembic-xxxxxxxx/.s.PGSQL.5432".
LONGEST_SOCKET_BASE = 60


def initialise(home: Home, programs: Programs, on_event: Callable[[str], None]) -> None:
    """Makes the data directory, whole or not at all: a killed run leaves only scratch behind."""
    on_event(f"setting up an embedded Postgres in {home.path}")
    scratch = home.path / f"cluster.new-{os.getpid()}"
    common = ("-D", str(scratch), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    for locale in _locales(programs.major()):
        done = programs.run("initdb", *common, *locale)
        if done.returncode == 0:
            break
        if "locale" not in done.stderr or locale == LAST_LOCALE:
            raise _initdb_failed(home, done.stderr)
    with (scratch / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION)
    scratch.rename(home.cluster)


def remove_leftovers(home: Home) -> None:
    """Removes what runs left that were killed while they set up the data."""
    for leftover in home.path.glob("cluster.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _locales(major: int) -> tuple[tuple[str, ...], ...]:
    if major >= BUILTIN_LOCALE_SINCE:
        return (("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),)
    # Not every system's C library has C.UTF-8.
    return (("--locale=C.UTF-8",), LAST_LOCALE)


def _initdb_failed(home: Home, output: str) -> EmbeddedFailed:
    lines = [line for line in output.splitlines() if "error" in line.lower()] or [output.strip()]
    return EmbeddedFailed(
        f"the embedded server's data could not be set up in {home.path}: {lines[0]}",
        hint="is there space on the disk? Or use a server of your own (--database URL)",
    )


def start(home: Home, programs: Programs) -> Path | None:
    """Starts the server with a keeper of its own and returns its socket directory; None if there
    is a keeper after all. Raises EmbeddedVersion, EmbeddedFailed or EmbeddedUnavailable.
    """
    # Fixed options are on the command line, where the user's postgresql.conf cannot undo them.
    server = [str(programs.bin / "postgres"), "-D", str(home.cluster), "-p", PORT]
    server += ["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"]
    # Part of the socket's name; without it PGPORT would be.
    server += ["-c", f"port={PORT}"]
    answer = _run_keeper(
        {
            "home": str(home.path),
            "server": server,
            "socket_bases": _socket_bases(),
            "uid": home.account.uid if home.account.switch else None,
            "gid": home.account.gid if home.account.switch else None,
            "adopt": _lost_server(home),
        }
    )
    match answer:
        case {"socket": str(socket)}:
            return Path(socket)
        case {"failed": "busy"}:
            return None
        case {"failed": "socket"}:
            raise EmbeddedUnavailable(
                "there is no temporary directory with a short path for the server's socket",
                hint="point TMPDIR to a directory with a short path that every user can write to",
            )
    raise _not_started(home, programs)


def _run_keeper(plan: dict[str, object]) -> object:
    command = [sys.executable or "python3", "-I", "-S", str(Path(keeper.__file__))]
    done = subprocess.run(
        [*command, json.dumps(plan)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
        env=environment(),
    )
    return json.loads(done.stdout or b"null")


def _socket_bases() -> list[str]:
    """Directories whose paths leave room for the socket's, and that need no quoting anywhere."""
    bases = dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp"))  # noqa: S108 -- mkdtemp
    return [
        base
        for base in bases
        if len(base) <= LONGEST_SOCKET_BASE and base.isascii() and not set(base) & set(" ,'\"%@")
    ]


def _lost_server(home: Home) -> tuple[int, str] | None:
    """Pid and socket directory of a server whose keeper was killed. A pid file that is left from
    a server that is gone is removed: Postgres takes any live process with that pid for its own."""
    pid_file = home.cluster / "postmaster.pid"
    try:
        lines = pid_file.read_text(errors="replace").splitlines()
        pid, socket = int(lines[0]), lines[4]
    except (OSError, ValueError, IndexError):
        return None
    if _is_the_server(pid, home.cluster):
        return pid, socket
    pid_file.unlink(missing_ok=True)
    return None


def _is_the_server(pid: int, cluster: Path) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:  # gone, or another account's
        return False
    command = Path(f"/proc/{pid}/cmdline")
    if command.exists():
        return os.fsencode(cluster) in command.read_bytes()
    try:
        found = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
        )
    except FileNotFoundError:
        return True  # a bare chroot: nothing to ask, and Postgres would believe the file too
    return os.fsencode(cluster) in found.stdout


def _not_started(home: Home, programs: Programs) -> ModalembicError:
    made_by = (home.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_by != str(programs.major()):
        return EmbeddedVersion(
            f"the data in {home.path} was made by Postgres {made_by}; these programs"
            f" ({programs.bin}) are Postgres {programs.major()}",
            hint=f"remove {home.path} to begin anew, or name the programs of Postgres {made_by}: "
            "[tool.modalembic.embedded] programs",
        )
    log = []
    if home.log.exists():
        log = home.log.read_text(encoding="utf-8", errors="replace").splitlines()
    fatal = [line for line in log if "FATAL" in line or "PANIC" in line] or log[-1:]
    reason = fatal[0].partition("FATAL:")[2].strip() or fatal[0] if fatal else "no reason given"
    return EmbeddedFailed(
        f"the embedded server did not start: {reason}",
        hint=f"see {home.log}; or remove {home.path} to begin anew",
        path=home.log,
    )
