from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.commandline import CommandLine, table
from tests.projects import ProjectFiles

if TYPE_CHECKING:
    import psycopg

    from tests.plugins.pgbouncer import MakePooler

# Holds the backend that the pooler would have given to the revision, as soon as the file is loaded,
# which is when the locks are taken.
TAKES_THE_BACKEND = """
import psycopg

taken = psycopg.connect({url!r})
taken.execute("SELECT 1")
"""


@pytest.mark.pgbouncer
def test_a_pooler_that_was_not_found_out_is_found_out_at_the_end_of_a_revision(
    make_pooler: MakePooler,
    project: ProjectFiles,
    database_url: str,
    database: psycopg.Connection[Any],
    cli: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("modalembic.runtime.connection.backend.unproven", lambda *_: "")
    url = make_pooler(pool_mode="transaction")(database_url)
    module = project.module("billing").revision("bill1", **table("invoices"))
    path = module.revision_path("bill1")
    path.write_text(path.read_text() + TAKES_THE_BACKEND.format(url=url))

    outcome = cli("upgrade", "--database", url)

    assert outcome.code == 2
    assert "error: the connection that migrates is on backend" in outcome.err
    assert "hint: the revision was rolled back" in outcome.err
    assert database.execute("SELECT to_regclass('invoices')").fetchone() == (None,)
    assert database.execute("SELECT count(*) FROM alembic_version").fetchone() == (0,)
