"""Every rule of `check drift` is in the table, and leads to a section with an example."""

from __future__ import annotations

import pytest

from modalembic.checks.drift_rules import PAGE, RULES, page_of
from tests.docs.pages import first_cells, page

REFERENCE = page("reference/rules-drift.md")


def test_every_rule_is_in_the_table_and_nothing_else() -> None:
    assert {rule for cell in first_cells(REFERENCE.text) for rule in cell} == set(RULES)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_leads_to_its_section(rule: str) -> None:
    address, _, anchor = page_of(rule).partition("#")
    assert address == PAGE
    assert anchor in REFERENCE.anchors


@pytest.mark.parametrize("heading", REFERENCE.headings(2))
def test_a_section_has_an_example_and_a_way_out(heading: str) -> None:
    section = REFERENCE.section(heading)
    assert "[drift/" in section
    assert section.rpartition("```")[2].strip()
