"""Every rule has its section, with an example, and every section its rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modalembic import checks
from modalembic.checks.registry import CHECKS
from modalembic.checks.rules import PAGE, RULES, page_of
from tests.docs.pages import page

REFERENCE = page("reference/rules.md")
OF_AN_ERROR = "structure/CODE"
_RULE = re.compile(r'(?:rule=|RULE = )"([a-z]+/[a-z-]+)"')


def test_every_rule_has_a_section_and_every_section_a_rule() -> None:
    assert set(REFERENCE.headings(2)) == {*RULES, OF_AN_ERROR}


def test_every_rule_in_the_source_is_known() -> None:
    sources = sorted(Path(checks.__path__[0]).rglob("*.py"))
    used = {rule for path in sources for rule in _RULE.findall(path.read_text(encoding="utf-8"))}
    assert used >= {"history/empty-downgrade", "structure/version-locations"}
    elsewhere = ("doctor/", "drift/", "moves/")
    assert {rule for rule in used if not rule.startswith(elsewhere)} <= RULES.keys()


def test_rules_that_need_a_base_are_known() -> None:
    assert {rule for check in CHECKS.values() for rule in check.with_base} <= RULES.keys()


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_section_has_an_example_a_severity_and_a_way_out(rule: str) -> None:
    section = REFERENCE.section(rule)
    severity = re.match(r"\s*\*(Error|Warning|Info)", section)
    assert severity is not None
    assert f"  {severity[1].lower()}: " in section
    assert f"[{rule}]\n" in section
    assert section.rpartition("```")[2].strip()


@pytest.mark.parametrize("rule", [*sorted(RULES), "structure/missing-revision"])
def test_the_address_of_a_rule_is_that_of_its_section(rule: str) -> None:
    address, _, anchor = page_of(rule).partition("#")
    assert address == PAGE
    assert anchor in REFERENCE.anchors
