"""What the driver has found once, each by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.proxy import Moment, Point
from tests.crash.trials import FAILED, Subject, Trial, Workshop, interrupted
from tests.projects import ProjectFiles
from tests.runtime.support import fetch

BLOCK = """
with op.get_context().autocommit_block():
    op.execute("ALTER TYPE mood ADD VALUE 'glad'")
    op.execute("CREATE INDEX CONCURRENTLY people_name ON people (name)")
"""
LABEL = "ALTER TYPE mood ADD VALUE 'glad'"
EVIDENCE = "SELECT n.nspname, c.relname, i.indisvalid"


@pytest.fixture
def blocks(tmp_path: Path) -> Subject:
    """A project with a revision that leaves its transaction."""
    files = ProjectFiles(tmp_path / "shop").configure()
    module = files.module("core")
    module.revision(
        "core1",
        upgrade="op.execute(\"CREATE TYPE mood AS ENUM ('calm')\")\n"
        'op.execute("CREATE TABLE people (name text)")',
    )
    module.revision("core2", down="core1", upgrade=BLOCK)
    return Subject(files.root, files.environ)


def cut(workshop: Workshop, subject: Subject, beginning: str, moment: Moment) -> Trial:
    """The migrating connection is lost at the first message that begins so."""
    messages, _ = workshop.undisturbed(subject)
    first = next(message for message in messages if message.text.strip().startswith(beginning))
    return Trial(Point(2, first.key, 1, moment), "cut", first.text)


def test_a_connection_lost_in_an_autocommit_block_is_told_as_that(
    blocks: Subject, workshop: Workshop
) -> None:
    """Leaving the block failed as well, and what it said of that was told instead."""
    trial = cut(workshop, blocks, LABEL, Moment.FORWARDED)
    with workshop.database("template0") as url, workshop.zygote() as zygote:
        outcome, struck = interrupted(blocks, zygote, url, trial)

    assert struck
    assert outcome.code == FAILED
    assert "upgrade of core2 (core) failed: " in outcome.err
    assert "PendingRollbackError" not in outcome.err
    assert "hint: the connection was lost, and the revision had left" in outcome.err


def test_a_statement_at_work_when_its_connection_was_lost_is_not_forgotten(
    blocks: Subject, workshop: Workshop
) -> None:
    """It was noted as rolled back; the label was there, and the next run failed."""
    trial = cut(workshop, blocks, LABEL, Moment.FORWARDED)
    with workshop.database("template0") as url, workshop.zygote() as zygote:
        interrupted(blocks, zygote, url, trial)
        assert "hint: modalembic repair\n" in blocks.run(zygote, url).err
        assert blocks.run(zygote, url, "repair").code == 0

        assert blocks.run(zygote, url).code == 0
        assert fetch(url, "SELECT enum_range(NULL::mood)::text") == [("{calm,glad}",)]


def test_a_statement_of_which_nothing_could_be_asked_any_more_was_not_sent(
    blocks: Subject, workshop: Workshop
) -> None:
    """It was noted as sent, with nothing known of what was there before it."""
    trial = cut(workshop, blocks, EVIDENCE, Moment.BEFORE)
    with workshop.database("template0") as url, workshop.zygote() as zygote:
        _, struck = interrupted(blocks, zygote, url, trial)
        assert struck
        assert "hint: modalembic repair\n" in blocks.run(zygote, url).err
        assert blocks.run(zygote, url, "repair").code == 0

        assert blocks.run(zygote, url).code == 0
        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'people_name'::regclass"
        assert fetch(url, valid) == [(True,)]
