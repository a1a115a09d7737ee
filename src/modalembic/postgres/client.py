"""Postgres's client programs, `pg_dump` and `pg_restore`: which of those that there are fits a
server, and running one so that no password is ever seen in a list of processes."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from modalembic.errors import BackupFailed
from modalembic.postgres.programs import WHEEL
from modalembic.postgres.redaction import redact
from modalembic.postgres.url import SECRETS, DatabaseURL

# From the root on, as Debian, Red Hat and Homebrew have them.
_PACKAGED = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
_SERVICE = "modalembic"
_ATTENDED_SECONDS = 0.5


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Clients:
    """A directory with `pg_dump` and `pg_restore` of one major version."""

    bin: Path
    major: int

    def run(
        self,
        name: str,
        *arguments: str,
        url: DatabaseURL | None = None,
        attend: Callable[[], None] = lambda: None,
    ) -> Ended:
        """Run one of the programs to its end; with `url`, on that database. Its passwords go by the
        environment, or by a file that only this user may read. `attend` is called now and then;
        what it raises ends the program. Raises BackupFailed where the program cannot be run."""
        with _connected(url) as (where, environment):
            try:
                process = subprocess.Popen(
                    [str(self.bin / name), *where, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    errors="replace",
                    env=environment,
                )
            except OSError as error:
                raise BackupFailed(
                    f"cannot run {self.bin / name}: {error.strerror}",
                    hint="is it a program of this machine?",
                ) from error
            out, err = _awaited(process, attend)
        return Ended(process.returncode, out, err if url is None else redact(err, url))


def _awaited(process: subprocess.Popen[str], attend: Callable[[], None]) -> tuple[str, str]:
    """What the process writes until it ends."""
    with process:
        try:
            while True:
                try:
                    return process.communicate(timeout=_ATTENDED_SECONDS)
                except subprocess.TimeoutExpired:
                    attend()
        except BaseException:
            process.kill()
            raise


def find_clients(major: int, programs: Path | None = None) -> Clients:
    """The client programs of version `major`, else of the next newer one: an older `pg_dump`
    refuses the server. `programs` is looked at first; then what is installed, and the embedded
    server's. Raises BackupFailed."""
    found = [
        Clients(directory, version)
        for directory in _directories(programs)
        if (version := _major(directory)) is not None
    ]
    fitting = [clients for clients in found if clients.major >= major]
    if fitting:
        return min(fitting, key=lambda clients: clients.major)
    there = ", ".join(f"{clients.bin} is {clients.major}" for clients in found)
    raise BackupFailed(
        f"the server is Postgres {major}, and there is no pg_dump of that version or newer here"
        + (f" ({there})" if there else ""),
        hint=f"install the client programs of Postgres {major} (postgresql-client-{major}), or "
        "name their directory: [tool.modalembic.embedded] programs",
    )


def _directories(programs: Path | None) -> Iterator[Path]:
    """Where the programs may be, each place once."""
    places: dict[Path, None] = {}
    if programs is not None:
        places[programs.expanduser().resolve()] = None
    for pattern in _PACKAGED:
        places |= dict.fromkeys(sorted(Path("/").glob(pattern)))
    on_path = shutil.which("pg_dump")
    if on_path is not None:
        places[Path(on_path).parent] = None
    spec = importlib.util.find_spec(WHEEL)
    if spec is not None and spec.submodule_search_locations:
        places[Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"] = None
    yield from (place for place in places if (place / "pg_dump").is_file())


def _major(directory: Path) -> int | None:
    """The major version of the programs in `directory`; None where they do not run."""
    try:
        said = subprocess.run(
            [str(directory / "pg_dump"), "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError:
        return None
    found = re.search(r"(\d+)", said.stdout)
    return int(found[1]) if found is not None and said.returncode == 0 else None


@contextmanager
def _connected(url: DatabaseURL | None) -> Iterator[tuple[Sequence[str], dict[str, str]]]:
    """The arguments and the environment that lead a program to `url`."""
    # In English, whatever the user's language: what it says is read, too.
    environment = {**os.environ, "LC_MESSAGES": "C"}
    environment.pop("LC_ALL", None)
    if url is None:
        yield (), environment
        return
    secret = [(key, value) for key, value in url.query if key in SECRETS and value]
    public = tuple((key, value) for key, value in url.query if key not in SECRETS)
    if url.password is not None:
        environment["PGPASSWORD"] = url.password
    with tempfile.TemporaryDirectory() as directory:
        if secret:
            service = Path(directory) / "service"
            service.touch(0o600)
            lines = [f"[{_SERVICE}]", *(f"{key}={value}" for key, value in secret)]
            service.write_text("\n".join(lines) + "\n", encoding="utf-8")
            environment["PGSERVICEFILE"] = str(service)
            public = (*public, ("service", _SERVICE))
        bare = replace(url, password=None, query=public)
        yield (f"--dbname={bare.conninfo}", "--no-password"), environment
