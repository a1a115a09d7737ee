"""Where an embedded server's data and locks are, below the project or elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modalembic.errors import EmbeddedUnavailable
from modalembic.postgres.account import Account, account_for
from modalembic.postgres.filelock import held, is_free
from modalembic.postgres.settings import EmbeddedSettings

# /var/lib is the system's place for it; the others are for a root without a writable /var/lib.
ELSEWHERE = (Path("/var/lib/modalembic"), Path("/var/tmp/modalembic"))  # noqa: S108 -- checked
POINTER = "elsewhere.txt"


@dataclass(frozen=True)
class Home:
    """One server's directory, mode 700, owned by the account that runs the server."""

    path: Path
    account: Account

    @property
    def door(self) -> Path:
        """Locked while somebody starts or stops the server."""
        return self.path / "door"

    @property
    def users(self) -> Path:
        """Locked, shared, by everybody who uses the server."""
        return self.path / "users"

    @property
    def keeper(self) -> Path:
        """Locked by the server's keeper; holds what others have to know of the running server."""
        return self.path / "keeper"

    @property
    def cluster(self) -> Path:
        """Postgres's data directory."""
        return self.path / "cluster"

    @property
    def log(self) -> Path:
        """What the server wrote since it was started last."""
        return self.path / "log"

    def socket(self) -> Path | None:
        """The running server's socket directory; None if no keeper says that one is running."""
        try:
            return Path(json.loads(self.keeper.read_text())["socket"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def find_home(settings: EmbeddedSettings, on_event: Callable[[str], None]) -> Home:
    """The home for `settings`, made if it is not there.

    It is `settings.data` itself, unless the account that has to run the server (for root) cannot
    reach that: then it is a directory of the same project elsewhere, and `settings.data` holds a
    pointer to it. Without the pointer what is elsewhere is no longer this project's, so that
    removing `settings.data` removes the data in either case.
    """
    data = settings.data.resolve()
    with os_errors_explained(data):
        account = account_for(data)
        made = _make_parents(data, account)
        if account.reaches(data):
            return Home(_make(data, account), account)
        if made or not data.exists():
            data.mkdir(exist_ok=True)
        return _elsewhere(settings, data, account, on_event)


@contextmanager
def os_errors_explained(data: Path) -> Iterator[None]:
    """What the system refuses to do with the files in `data` becomes EmbeddedUnavailable."""
    try:
        yield
    except OSError as error:
        raise EmbeddedUnavailable(
            f"the embedded server's data cannot be kept in {data}: {error.strerror or error}",
            hint="make that directory your own and writable, or remove it, or use a server of"
            " your own (--database URL)",
        ) from error


def _make_parents(data: Path, account: Account) -> bool:
    """Makes what is missing above `data`, owned like what is there (root may run this)."""
    missing = [parent for parent in reversed(data.parents) if not parent.exists()]
    for parent in missing:
        parent.mkdir(exist_ok=True)
        if account.switch and parent.parent.stat().st_uid == account.uid:
            account.owns(parent)
    return bool(missing)


def _make(path: Path, account: Account) -> Path:
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not account.switch or path.stat().st_uid == account.uid:
            return path
    path.chmod(0o700)
    return account.owns(path)


def _elsewhere(
    settings: EmbeddedSettings, data: Path, account: Account, on_event: Callable[[str], None]
) -> Home:
    base = shared_base(settings)
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    slug = re.sub(r"[^A-Za-z0-9]+", "-", data.parent.parent.name).strip("-")[:24]
    home = Home(base / "-".join(part for part in (slug, digest) if part), account)
    pointer = data / POINTER
    if not pointer.exists():
        if home.path.exists():
            _forget(home)
        why = f"{account.name}, who runs Postgres instead of root, cannot enter {data}"
        on_event(f"the data is kept in {home.path}: {why}")
        pointer.write_text(f"{home.path}\n{why}\n", encoding="utf-8")
    _make(home.path, account)
    return home


def _forget(home: Home) -> None:
    """Removes the data of a project that was removed, unless somebody works on it right now."""
    with held(home.door, created=home.account.owns):
        if is_free(home.users) and is_free(home.keeper):
            shutil.rmtree(home.path)


def shared_base(settings: EmbeddedSettings) -> Path:
    """A directory that every account can enter and only root can write to; root makes it."""
    for base in [settings.elsewhere] if settings.elsewhere else ELSEWHERE:
        try:
            base.mkdir(mode=0o755, exist_ok=True, parents=True)
        except OSError:
            continue
        found = base.lstat()
        # In /var/tmp anybody may have made it before us, and could then replace what is in it.
        if found.st_uid == os.geteuid() and not found.st_mode & 0o022:
            return base
    raise EmbeddedUnavailable(
        "there is no directory where another account than root can keep the server's data",
        hint=f"make {ELSEWHERE[0]} writable for root, or move the project out of root's home",
    )
