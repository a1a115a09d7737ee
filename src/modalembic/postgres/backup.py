"""A backup of some tables: written, read again, and only then there under its name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from modalembic.errors import BackupFailed
from modalembic.postgres.client import Clients
from modalembic.postgres.url import DatabaseURL

_TABLE_DATA = re.compile(r"^\d+; \d+ \d+ TABLE DATA ", re.MULTILINE)


@dataclass(frozen=True)
class BackupTable:
    """A table to back up; `holds_rows` is false for one whose rows are elsewhere (partitions, a
    foreign server)."""

    schema: str
    name: str
    holds_rows: bool = True


def require_free(file: Path) -> None:
    """Raise BackupFailed where `file` could not be written anew."""
    if file.exists() or file.is_symlink():
        raise BackupFailed(
            f"{file} is there already, and a backup does not overwrite a file",
            hint="name another one: --backup FILE",
        )
    if not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        raise BackupFailed(
            f"{file.parent} is no directory that can be written to",
            hint="name a file in another one: --backup FILE",
        )


def back_up(
    clients: Clients,
    url: DatabaseURL,
    tables: Sequence[BackupTable],
    file: Path,
    *,
    lock_timeout: float,
    attend: Callable[[], None] = lambda: None,
) -> None:
    """Write `tables`, schema and rows, to `file` in pg_dump's custom format, and read its contents
    again. Whoever has locked the tables has to let them be read.

    The file can be read by its owner alone, and is under its name only once it is whole. `attend`
    is called now and then; what it raises ends the backup. Raises BackupFailed.
    """
    require_free(file)
    patterns = [f"--table={_pattern(table)}" for table in tables]
    limit = [f"--lock-wait-timeout={round(lock_timeout * 1000)}"] if lock_timeout else []
    with _unfinished(file) as partial:
        options = ("--format=custom", "--strict-names", *limit, f"--file={partial}")
        ended = clients.run("pg_dump", *options, *patterns, url=url, attend=attend)
        if ended.code:
            raise _failed("pg_dump", ended.err)
        _require_readable(clients, partial, sum(table.holds_rows for table in tables))


def _require_readable(clients: Clients, partial: Path, expected: int) -> None:
    listed = clients.run("pg_restore", "--list", str(partial))
    if listed.code:
        raise _failed("pg_restore --list", listed.err)
    found = len(_TABLE_DATA.findall(listed.out))
    if found != expected:
        raise BackupFailed(
            f"the backup has the rows of {found} tables, and there are {expected} to save",
            hint="may the role read all of them?",
        )


@contextmanager
def _unfinished(file: Path) -> Iterator[Path]:
    """Another name for `file` until the block has ended well."""
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise BackupFailed(
            f"{file} cannot be written: {error.strerror}",
            hint="name another file: --backup FILE",
        ) from error
    try:
        yield partial
        require_free(file)
        partial.rename(file)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def _pattern(table: BackupTable) -> str:
    """A table for pg_dump, whose names are patterns but in quotes."""
    quoted = [name.replace('"', '""') for name in (table.schema, table.name)]
    return f'"{quoted[0]}"."{quoted[1]}"'


def _failed(program: str, said: str) -> BackupFailed:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = next((line for line in lines if "error" in line.lower()), lines[0] if lines else "")
    return BackupFailed(
        f"{program} failed: {told or 'it said nothing'}",
        hint="nothing was undone. May the role read the tables? --no-backup goes on without one",
    )
