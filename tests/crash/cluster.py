"""A cluster of a test's own, which may be stopped in the middle of things."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modalembic.postgres.account import account_for
from modalembic.postgres.hosts import Host
from modalembic.postgres.programs import Programs, find_programs
from modalembic.postgres.settings import EmbeddedSettings
from modalembic.postgres.url import DatabaseURL

# No fsync: a server that is killed loses nothing by that, only a machine would.
SETTINGS = "listen_addresses = ''\nfsync = off\nmax_connections = 30\n"


@dataclass(frozen=True)
class Cluster:
    """A server in `directory`, with its socket there too."""

    directory: Path
    programs: Programs

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def url(self) -> DatabaseURL:
        """Its database for administration."""
        host = Host(str(self.directory), "5432")
        return DatabaseURL(user="postgres", hosts=(host,), database="postgres")

    def start(self) -> None:
        """Start it and wait until it has recovered."""
        log = str(self.directory / "log")
        # What pg_ctl leaves running would keep a pipe open.
        subprocess.run(
            [self.programs.bin / "pg_ctl", "start", "-w", "-D", self.data, "-l", log],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            cwd="/",
            **self.programs.account.popen_options,
        )

    def stop(self, mode: str = "fast") -> None:
        """`pg_ctl stop -m MODE`; nothing where it has stopped already."""
        stopped = self.programs.run("pg_ctl", "stop", "-w", "-m", mode, "-D", str(self.data))
        assert stopped.returncode == 0 or "PID file" in stopped.stderr, stopped.stderr


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A cluster that runs; its directory has a short path, for the socket's sake."""
    with tempfile.TemporaryDirectory(prefix="crash-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        settings = EmbeddedSettings(directory / "unused")
        account = account_for(directory)
        programs = find_programs(settings, account)
        account.owns(directory)
        cluster = Cluster(directory, programs)
        options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        made = programs.run("initdb", "-D", str(cluster.data), *options)
        assert made.returncode == 0, made.stderr
        with (cluster.data / "postgresql.conf").open("a") as file:
            file.write(f"{SETTINGS}unix_socket_directories = '{directory}'\n")
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
