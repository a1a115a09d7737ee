"""The process that starts an embedded server, outlives its users, and stops it after the last.

It is run as a script, in a process of its own, by `embedded.py`; it imports the standard library
only, and all of it at once, since it gives up root before it does anything. Users hold a shared
lock on the file `users`, which the kernel takes from them however they end; the keeper waits for
that lock alone. Starting and stopping happen under the lock on the file `door`.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

READY_LINE = 7  # of postmaster.pid, from 0: src/include/utils/pidfile.h
START_SECONDS = 60


def main(plan: dict[str, Any]) -> None:
    """`plan`: home, server (a command line that lacks the socket directory), socket_bases (where
    that may be made), uid and gid to become (or null), and adopt ([pid, socket directory] of a
    server that lost its keeper, or null).

    Writes one line of JSON to stdout: {"socket": directory}, or {"failed": "busy" (there is a
    keeper already), "socket" (no base will do) or "server" (its log says more)}.
    """
    _become(plan["uid"], plan["gid"])
    if os.fork():
        os._exit(0)  # the user's process must not have a child that it would have to reap
    os.setsid()
    os.chdir("/")
    os.umask(0o077)
    home = Path(plan["home"])
    mine = os.open(home / "keeper", os.O_RDWR)
    try:
        fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # Somebody was killed right after starting it, and has left the door open.
        _report({"failed": "busy"})
        return
    pid, socket = plan["adopt"] or (None, _socket_directory(plan["socket_bases"]))
    if socket is None:
        _report({"failed": "socket"})
        return
    command = [*plan["server"], "-c", f"unix_socket_directories={socket}"]
    _keep(Server(pid, command, home / "log"), socket, home, mine)


def _keep(server: Server, socket: str, home: Path, mine: int) -> None:
    # A terminal's Ctrl-C and hang-up are meant for the user, not for the server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    ready = server.wait_until_ready(home / "cluster" / "postmaster.pid")
    if ready:
        os.pwrite(mine, json.dumps({"socket": socket, "server": server.pid}).encode(), 0)
    _report({"socket": socket} if ready else {"failed": "server"})
    threading.Thread(target=_bury, args=(server, mine, socket), daemon=True).start()
    if ready:
        _wait_for_the_last_user(home)
        server.stop()
    threading.Event().wait()  # until _bury ends the process, and all its locks with it


class Server:
    """The running server: a child of this process, or one that lost the process it belonged to."""

    def __init__(self, pid: int | None, command: list[str], log: Path) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        if pid is not None:
            self.pid = pid
            return
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.pid = self._child.pid

    def wait_until_ready(self, pid_file: Path) -> bool:
        """True as soon as the server says so in its pid file, False when it ended instead."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.lives():
            try:
                lines = pid_file.read_text(errors="replace").splitlines()
            except OSError:
                lines = []
            if lines[:1] == [str(self.pid)] and "".join(lines[READY_LINE:]).strip() == "ready":
                return True
            time.sleep(0.003)
        self.stop()
        return False

    def lives(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        try:
            os.kill(self.pid, 0)
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Asks for a fast shutdown: whoever is still connected is rolled back."""
        if self.lives():
            os.kill(self.pid, signal.SIGINT)

    def wait(self) -> None:
        if self._child is not None:
            self._child.wait()
        while self.lives():
            time.sleep(0.05)


def _become(uid: int | None, gid: int | None) -> None:
    if uid is not None and gid is not None:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def _socket_directory(bases: list[str]) -> str | None:
    """A new directory with a random name, for this account only."""
    for base in bases:
        try:
            return tempfile.mkdtemp(prefix="modalembic-", dir=base)
        except OSError:
            continue
    return None


def _bury(server: Server, mine: int, socket: str) -> None:
    """Runs in a thread, since the main one may be waiting for a lock when the server dies."""
    server.wait()
    os.ftruncate(mine, 0)
    shutil.rmtree(socket, ignore_errors=True)
    os._exit(0)


def _report(value: dict[str, Any]) -> None:
    with suppress(BrokenPipeError):  # whoever asked may have been killed
        os.write(1, json.dumps(value).encode() + b"\n")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)  # or whoever reads our output waits for us


def _wait_for_the_last_user(home: Path) -> None:
    users = os.open(home / "users", os.O_RDWR)
    door = os.open(home / "door", os.O_RDWR)
    while True:
        fcntl.flock(users, fcntl.LOCK_EX)
        # Not while holding `users`: who enters takes the door first, too.
        fcntl.flock(users, fcntl.LOCK_UN)
        fcntl.flock(door, fcntl.LOCK_EX)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(door, fcntl.LOCK_UN)
        else:
            return


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
