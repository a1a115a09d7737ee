"""The page of what Alembic's comparison finds of the true changes says what it does find.

`scripts/alembic_page.py` writes it anew.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.checks.alembic_page import Row, replaced, tables
from tests.checks.alembic_sees import PAGE, alembic_version
from tests.checks.conftest import Market
from tests.checks.findings import words_of
from tests.checks.market import MARKETPLACE, perform
from tests.checks.model_changes import EDITS
from tests.checks.true_changes import CHANGES

pytestmark = pytest.mark.slow

WRITE = "MODALEMBIC_WRITE_PAGES"


@pytest.fixture
def writing(given_environment: dict[str, str], market: Market) -> bool:
    """Whether the page is to be written. It is about one version of Alembic and of Postgres."""
    if WRITE in given_environment:
        return True
    about = f"Alembic {alembic_version()}, PostgreSQL {market.major}."
    if about not in PAGE.read_text(encoding="utf-8"):
        pytest.skip(f"the page is not about {about} scripts/alembic_page.py writes it anew")
    return False


def test_the_page_says_what_alembic_finds(market: Market, tmp_path: Path, writing: bool) -> None:
    untouched, *database = perform(
        {
            "action": "sees",
            "template": market.url,
            "items": [{"sql": "SELECT 1", "words": []}]
            + [{"sql": c.sql, "words": words_of(c.sql, c.found)} for c in CHANGES],
        },
        cache=market.cache,
    )
    models = seen_of_edits(market, tmp_path)

    made = tables(
        [Row(c.about, c.sql, c.found, seen) for c, seen in zip(CHANGES, database, strict=True)],
        [Row(e.about, e.path, e.found, seen) for e, seen in zip(EDITS, models, strict=True)],
        untouched,
        alembic_version(),
        market.major,
    )
    page = PAGE.read_text(encoding="utf-8")
    if writing:
        PAGE.write_text(replaced(page, made), encoding="utf-8")
        return
    assert made in page, "scripts/alembic_page.py writes it anew"


def seen_of_edits(market: Market, directory: Path) -> list[Any]:
    """What Alembic finds on the database with each edit of the models."""
    ignored = shutil.ignore_patterns("__pycache__", ".modalembic")
    copy = Path(shutil.copytree(MARKETPLACE, directory / "marketplace", ignore=ignored))
    items = [{"path": e.path, "edits": e.edits, "words": words_of("", e.found)} for e in EDITS]
    job = {"action": "edited", "template": market.url, "items": items}
    return perform(job, cache=market.cache, directory=copy)
