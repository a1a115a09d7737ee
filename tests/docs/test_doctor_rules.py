"""Every rule of `doctor` has its section, with its severity, and every section its rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modalembic.checks import doctor
from modalembic.checks.doctor_rules import PAGE, RULES, page_of
from tests.docs.pages import page

REFERENCE = page("reference/rules-doctor.md")
_RULE = re.compile(r'"(doctor/[a-z-]+)"')


def test_every_rule_has_a_section_and_every_section_a_rule() -> None:
    assert set(REFERENCE.headings(2)) == set(RULES)


def test_every_rule_in_the_source_is_known() -> None:
    sources = sorted(Path(doctor.__path__[0]).rglob("*.py"))
    used = {rule for path in sources for rule in _RULE.findall(path.read_text(encoding="utf-8"))}
    assert used == set(RULES)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_section_says_how_bad_it_is_and_is_where_the_rule_leads(rule: str) -> None:
    assert re.match(r"\s*\*(Error|Warning|Info)\.\*", REFERENCE.section(rule)) is not None
    address, _, anchor = page_of(rule).partition("#")
    assert address == PAGE
    assert anchor in REFERENCE.anchors
