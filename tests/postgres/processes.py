"""Programs that use an embedded server beside the test, and what is left of the server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import modalembic

PROGRAM = Path(__file__).with_name("user.py")


@dataclass(frozen=True)
class User:
    """A running `user.py`."""

    process: subprocess.Popen[str]

    def answer(self) -> dict[str, Any]:
        """What it says once it is connected: url and started, or error and message."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.communicate()
        assert line, "the user ended without an answer"
        return dict(json.loads(line))

    def leave(self) -> dict[str, Any]:
        """Lets it end as a program ends. Its answer, if nobody has read that yet."""
        output, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0
        return dict(json.loads(output or "{}"))

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=60)


def start_user(
    data: Path, python: str = sys.executable, packages: Path | None = None, **options: Any
) -> User:
    """Starts a user of the embedded server in `data`, in a process group of its own.

    `packages`: a directory with everything that it imports, and with the program itself.
    """
    program, paths = PROGRAM, [str(Path(next(iter(modalembic.__path__))).parent)]
    paths += [path for path in sys.path if path.endswith("site-packages")]
    if packages is not None:
        program, paths = packages / PROGRAM.name, [str(packages)]
    return User(
        subprocess.Popen(
            [python, str(program), str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd="/",
            env={"PYTHONPATH": os.pathsep.join(paths), "PATH": os.environ["PATH"]},
            **options,
        )
    )


def server_pid(data: Path) -> int | None:
    """The pid of the server that runs on `data`, None if there is none."""
    try:
        pid = int((data / "cluster" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    return pid
