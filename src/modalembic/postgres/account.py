"""The system account that runs an embedded server: the caller's own, and for root another one.

Postgres refuses to run as root. No account is created and no permission of an existing directory
is changed for it (both of which the wheels' own managers do); what is there is used.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.errors import EmbeddedUnavailable

# The first is made by distributions' Postgres packages for just this, the second is everywhere.
CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user to run programs as. `switch` is true if that takes leaving root."""

    name: str
    uid: int
    gid: int
    switch: bool

    @property
    def popen_options(self) -> dict[str, Any]:
        """For `subprocess`: become this account, without the groups that root has."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def owns(self, path: Path) -> Path:
        """Hands `path`, made by this process, to the account. Returns it."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        return path

    def reaches(self, path: Path) -> bool:
        """Whether the account may enter every directory above `path` that exists."""
        return all(
            self._may(parent, stat.S_IXOTH) for parent in path.resolve().parents if parent.exists()
        )

    def may_run(self, program: Path) -> bool:
        """Whether the account can reach and execute `program`."""
        return self.reaches(program) and self._may(program, stat.S_IXOTH | stat.S_IROTH)

    def _may(self, path: Path, others: int) -> bool:
        if not self.switch:
            return True
        found = path.stat()
        wanted = others
        if found.st_uid == self.uid:
            wanted = others << 6
        elif found.st_gid == self.gid:
            wanted = others << 3
        return found.st_mode & wanted == wanted


def account_for(data: Path) -> Account:
    """The account for a server whose data is kept in `data` (which may not exist yet).

    Not root: the caller. Root: whoever owns the data or the project around it, so that the same
    data serves `sudo modalembic` and `modalembic`; where that is root too, the first of
    CANDIDATES. Raises EmbeddedUnavailable where there is none.
    """
    import pwd

    uid = os.geteuid()
    if uid != 0:
        return Account(str(uid), uid, os.getegid(), switch=False)
    owner = _nearest(data).stat().st_uid
    entries = [*_entries(owner), *(entry for name in CANDIDATES for entry in _entries(name))]
    if not entries:
        raise EmbeddedUnavailable(
            "Postgres does not run as root, and there is no other account to run it with",
            hint="make one (useradd --system postgres), or run as another user",
        )
    entry: pwd.struct_passwd = entries[0]
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def _entries(who: int | str) -> list[Any]:
    """The account's entry; none for root, and none where the system does not know it.

    initdb looks its user up by name, so a bare uid will not do.
    """
    import pwd

    try:
        entry = pwd.getpwnam(who) if isinstance(who, str) else pwd.getpwuid(who)
    except KeyError:
        return []
    return [] if entry.pw_uid == 0 else [entry]


def _nearest(path: Path) -> Path:
    path = path.resolve()
    return next(parent for parent in (path, *path.parents) if parent.exists())
