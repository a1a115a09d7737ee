"""`uninstall` on the command line: what it shows, and whom it asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.postgres.client import find_clients
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from tests.cli.terminal import on_terminal
from tests.projects import ProjectFiles
from tests.runtime.support import done, execute, fetch, modalembic, new_project, table, tables

# Stands before the real pg_dump: notes what it was called with, and whether rows can be written.
SCRIPT = """#!/bin/sh
[ "$1" = --version ] && exec {real}/pg_dump --version
echo "$@" >> {notes}/arguments
tr '\\\\0' ' ' < /proc/$$/cmdline >> {notes}/arguments
echo "$PGPASSWORD" >> {notes}/password
{psql} "{url}" -c "SET lock_timeout = 200" -c "INSERT INTO cards VALUES (3)" \\
    > {notes}/written 2>&1
{psql} "{url}" -c "SELECT * FROM cards" > {notes}/read 2>&1
exec {real}/pg_dump "$@"
"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = new_project(tmp_path)
    project.module("core", tier="core").revision("c1", **table("people"))
    project.module("loyalty", requires=["core"]).revision("l1", depends_on="c1", **table("cards"))
    return project


@pytest.fixture
def url(project: ProjectFiles, database_url: str) -> str:
    done(modalembic(project, "upgrade", url=database_url))
    execute(database_url, "INSERT INTO cards VALUES (1), (2)")
    return database_url


class TestOnATerminal:
    def run(self, project: ProjectFiles, url: str, typed: str, *more: str) -> tuple[int, str]:
        command = ["uninstall", "loyalty", "--database", url, *more]
        shown = on_terminal(command, cwd=project.root, typed=typed)
        return shown.code, shown.text

    def test_the_name_is_asked_for(self, project: ProjectFiles, url: str) -> None:
        code, text = self.run(project, url, "loyalty\n")
        assert code == 0, text
        assert "public.cards" in text
        assert "Type loyalty to uninstall it" in text
        assert tables(url) == {"people"}
        (saved,) = project.root.glob("loyalty-*Z.dump")
        assert saved.name in text.replace("\n", "")

    @pytest.mark.parametrize("word", ["", "y", "yes", "LOYALTY", "core"])
    def test_another_word_does_nothing(self, project: ProjectFiles, url: str, word: str) -> None:
        code, text = self.run(project, url, f"{word}\n")
        assert code == 2
        assert "the word was another one" in text
        assert tables(url) == {"people", "cards"}
        assert not list(project.root.glob("*.dump"))

    def test_nobody_is_asked_with_yes(self, project: ProjectFiles, url: str) -> None:
        code, text = self.run(project, url, "", "--yes", "--no-backup")
        assert code == 0, text
        assert "Type" not in text


class TestDryRun:
    def test_is_a_document(self, project: ProjectFiles, url: str) -> None:
        result = modalembic(
            project, "uninstall", "loyalty", "--dry-run", "--format", "json", url=url
        )
        document = done(result).document
        assert document["tables"] == [
            {"schema": "public", "name": "cards", "rows": 2, "estimated": False, "stays": None}
        ]
        assert document["dependents"] == []
        assert [step["revision"] for step in document["steps"]] == ["l1"]
        assert tables(url) == {"people", "cards"}

    def test_shows_what_stands_in_the_way(self, project: ProjectFiles, url: str) -> None:
        execute(url, "CREATE VIEW shown AS SELECT id FROM cards")
        result = modalembic(project, "uninstall", "loyalty", "--dry-run", url=url)
        assert result.code == 2
        assert "view public.shown depends on them: STANDS IN THE WAY" in result.out
        assert "cannot be uninstalled" in result.err


class TestTheBackup:
    def test_is_of_all_rows_and_shows_no_password(
        self, project: ProjectFiles, url: str, tmp_path: Path
    ) -> None:
        notes = tmp_path / "notes"
        notes.mkdir()
        major = int(fetch(url, "SHOW server_version_num")[0][0]) // 10000
        real = find_clients(major).bin
        programs = tmp_path / "programs"
        programs.mkdir()
        script = programs / "pg_dump"
        script.write_text(SCRIPT.format(real=real, notes=notes, psql=real / "psql", url=url))
        script.chmod(0o755)
        (programs / "pg_restore").symlink_to(real / "pg_restore")
        embedded = f'[tool.modalembic.embedded]\nprograms = "{programs}"'
        project.configure(f'modules = ["app/modules/*"]\n{embedded}')
        secret = "very secret, 100%"
        with_password = url.replace("postgres@", "postgres:very%20secret%2C%20100%25@")
        file = tmp_path / "saved.dump"
        result = modalembic(
            project, "uninstall", "loyalty", "--yes", "--backup", str(file), url=with_password
        )
        done(result)
        assert "lock timeout" in (notes / "written").read_text()
        assert "(2 rows)" in (notes / "read").read_text()
        assert (notes / "password").read_text().strip() == secret
        for text in ((notes / "arguments").read_text(), result.out, result.err):
            assert "secret" not in text
        assert '--table="public"."cards"' in (notes / "arguments").read_text()

    def test_where_nothing_can_be_written_is_refused(
        self, project: ProjectFiles, url: str, tmp_path: Path
    ) -> None:
        file = tmp_path / "nowhere" / "x.dump"
        result = modalembic(
            project, "uninstall", "loyalty", "--yes", "--backup", str(file), url=url
        )
        assert (result.code, "no directory that can be written to" in result.err) == (2, True)
        assert tables(url) == {"people", "cards"}

    def test_is_not_begun_while_somebody_writes(self, project: ProjectFiles, url: str) -> None:
        with connect(DatabaseURL.parse(url), autocommit=False) as other:
            other.execute("INSERT INTO cards VALUES (9)")
            limits = ("--lock-timeout", "50ms", "--retries", "1")
            result = modalembic(project, "uninstall", "loyalty", "--yes", *limits, url=url)
            assert (result.code, "are in use" in result.err) == (2, True)
            other.rollback()
        assert tables(url) == {"people", "cards"}
        assert not list(Path.cwd().glob("loyalty-*.dump"))

    def test_and_no_backup_do_not_go_together(self, project: ProjectFiles, url: str) -> None:
        result = modalembic(
            project, "uninstall", "loyalty", "--backup", "x", "--no-backup", url=url
        )
        assert (result.code, "do not go together" in result.err) == (2, True)
