"""Where there is no fix, the reason is true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.catalog.fixing.reasons import REASONS
from tests.postgres.catalog.fixing.facts import FACTS, NO_STATEMENT, Fact

if TYPE_CHECKING:
    import psycopg

PAGE = Path(__file__).parents[4] / "docs" / "guide" / "fixes.md"


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_postgres_refuses_what_one_would_try(
    workbench: psycopg.Connection[Any], fact: Fact
) -> None:
    import psycopg

    if not fact.since <= workbench.info.server_version // 10000 <= fact.until:
        return
    with workbench.transaction(force_rollback=True):
        workbench.execute(fact.schema.encode())
        with pytest.raises(psycopg.Error) as refused, workbench.transaction():
            workbench.execute(fact.statement.encode())
        assert fact.refusal in str(refused.value)


def test_every_reason_has_its_fact_or_is_no_matter_of_a_statement() -> None:
    assert {fact.code for fact in FACTS} | NO_STATEMENT == REASONS.keys()
    assert not {fact.code for fact in FACTS} & NO_STATEMENT


def row(code: str) -> str:
    """A reason's row in the table of the page."""
    text = REASONS[code]
    for name in ("old", "new", "table", "column", "holders", "holder", "needed", "type", "name"):
        text = text.replace(f"{{{name}}}", f"*{name}*")
    text = text.replace("{version}", "*version*")
    tried = next((f"`{fact.statement}`" for fact in FACTS if fact.code == code), "")
    return f"| {text} | {tried} |"


def test_the_page_has_every_reason() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]

    assert rows[2:] == [row(code) for code in sorted(REASONS)]
