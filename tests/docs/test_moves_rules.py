"""Every rule of `check moves` is in the table, and leads to a section with an example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modalembic.checks import moves
from modalembic.checks.moves_rules import ERRORS, PAGE, RULES, page_of
from tests.docs.pages import first_cells, page

REFERENCE = page("reference/rules-moves.md")
_RULE = re.compile(r'"(moves/[a-z-]+)"')


def test_every_rule_is_in_the_table_and_nothing_else() -> None:
    assert {rule for cell in first_cells(REFERENCE.text) for rule in cell} == set(RULES)


def test_every_rule_in_the_source_is_known() -> None:
    sources = sorted(Path(moves.__path__[0]).rglob("*.py"))
    used = {rule for path in sources for rule in _RULE.findall(path.read_text(encoding="utf-8"))}
    assert used == RULES.keys() - {f"moves/{code}" for code in ERRORS}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_leads_to_its_section(rule: str) -> None:
    address, _, anchor = page_of(rule).partition("#")
    assert address == PAGE
    assert anchor in REFERENCE.anchors


@pytest.mark.parametrize("heading", REFERENCE.headings(2))
def test_a_section_has_an_example_and_a_way_out(heading: str) -> None:
    section = REFERENCE.section(heading)
    assert "[moves/" in section
    assert section.rpartition("```")[2].strip()
