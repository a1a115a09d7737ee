"""`uninstall` that ends when its transaction is, or may be, committed: the backup stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.options import Observer
from modalembic.runtime.uninstall.command import uninstall
from tests.crash.proxy import Message, Moment, Proxy, cut
from tests.projects import ProjectFiles
from tests.runtime.support import done, modalembic, new_project, table, tables, versions

RECORDS = 'INSERT INTO "public"."modalembic_modules"'


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = new_project(tmp_path)
    project.module("loyalty").revision("l1", **table("cards"))
    return project


@pytest.fixture
def url(project: ProjectFiles, database_url: str) -> str:
    """A database with the module."""
    done(modalembic(project, "upgrade", url=database_url))
    return database_url


class CutOnCommit(Proxy):
    """Cuts the connection at the COMMIT of the transaction that records the fact."""

    def __init__(self, url: str, moment: Moment) -> None:
        super().__init__(DatabaseURL.parse(url), harm=cut)
        self._moment = moment
        self._recorded = False

    def saw(self, message: Message) -> Moment | None:
        super().saw(message)
        self._recorded = self._recorded or RECORDS in message.text
        ends = self._recorded and message.text.strip() == "COMMIT"
        return self._moment if ends and not self.struck.is_set() else None


@pytest.mark.parametrize("moment", list(Moment))
def test_a_connection_lost_on_commit_leaves_the_backup_of_what_may_be_gone(
    project: ProjectFiles, url: str, moment: Moment
) -> None:
    file = project.root.parent / "loyalty.dump"
    arguments = ("uninstall", "loyalty", "--yes", "--backup", str(file))

    with CutOnCommit(url, moment) as proxy:
        result = modalembic(project, *arguments, url=proxy.url)
        assert proxy.struck.is_set()

    assert result.code != 0
    said = " ".join(result.err.split())
    assert (
        f"may be uninstalled already, which `modalembic modules` shows; the backup is {file}"
        in said
    )
    assert file.exists()
    assert moment is not Moment.ANSWERED or tables(url) == versions(url) == set()
    assert moment is not Moment.BEFORE or tables(url) == {"cards"}


def test_what_fails_after_the_commit_leaves_the_backup(project: ProjectFiles, url: str) -> None:
    class Breaks(Observer):
        def finished(self, done: Any) -> None:  # noqa: ARG002
            raise BrokenPipeError

    file = project.root.parent / "loyalty.dump"

    with pytest.raises(BrokenPipeError):
        uninstall(project.load(), "loyalty", backup=file, database=url, observer=Breaks())

    assert tables(url) == set()
    assert file.exists()
