"""Which client programs are found, and how a backup that fails leaves things."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.errors import BackupFailed
from modalembic.postgres.backup import BackupTable, back_up
from modalembic.postgres.client import find_clients
from modalembic.postgres.url import DatabaseURL


def program(directory: Path, version: str) -> Path:
    """A `pg_dump` that knows its version alone."""
    directory.mkdir()
    script = directory / "pg_dump"
    script.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
    script.chmod(0o755)
    return directory


class TestClients:
    def test_of_the_servers_version_go_before_newer_ones(self, tmp_path: Path) -> None:
        found = find_clients(14, program(tmp_path / "of 14", "14.2"))
        assert (found.bin, found.major) == (tmp_path / "of 14", 14)

    def test_that_are_older_do_not_count(self, tmp_path: Path) -> None:
        assert find_clients(14, program(tmp_path / "of 13", "13.9")).major >= 14

    def test_that_do_not_run_do_not_count(self, tmp_path: Path) -> None:
        broken = program(tmp_path / "broken", "14.2")
        (broken / "pg_dump").write_text("no program")
        assert find_clients(14, broken).bin != broken

    def test_that_nobody_has_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(BackupFailed, match="the server is Postgres 99") as raised:
            find_clients(99, program(tmp_path / "of 14", "14.2"))
        assert "postgresql-client-99" in (raised.value.hint or "")
        assert f"{tmp_path / 'of 14'} is 14" in raised.value.message


class TestABackupThatFails:
    def test_leaves_no_file(self, database_url: str, tmp_path: Path) -> None:
        url = DatabaseURL.parse(database_url)
        file = tmp_path / "x.dump"
        with pytest.raises(BackupFailed, match=r"pg_dump failed: .*no matching tables"):
            back_up(find_clients(18), url, [BackupTable("public", "gone")], file, lock_timeout=1)
        assert not list(tmp_path.iterdir())
