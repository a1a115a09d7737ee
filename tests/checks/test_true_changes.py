"""`check drift --against`: each true change of the marketplace's database is named, and nothing
else is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.checks.drift_rules import RULES
from tests.checks.findings import expected_of, identifiers
from tests.checks.market import MARKETPLACE, perform
from tests.checks.true_changes import CHANGES, TrueChange

if TYPE_CHECKING:
    from tests.checks.conftest import Market

pytestmark = pytest.mark.slow

_WORD = re.compile(r"\w+")


@pytest.fixture(scope="module")
def said(request: pytest.FixtureRequest, market: Market) -> dict[str, dict[str, Any]]:
    """What the check says of each change that is tested in this run and that the server knows."""
    tested = {item.name for item in request.session.items}
    chosen = [
        change
        for change in CHANGES
        if change.since <= market.major and any(f"[{change}]" in name for name in tested)
    ]
    scripts = [change.sql for change in chosen]
    results = perform(
        {"action": "against", "template": market.url, "items": scripts}, cache=market.cache
    )
    return dict(zip(map(str, chosen), results, strict=True))


def test_there_is_a_change_of_each_kind() -> None:
    assert len({str(change) for change in CHANGES}) == len(CHANGES) >= 80
    assert len({change.sql for change in CHANGES}) == len(CHANGES)


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_change_is_named(
    said: dict[str, dict[str, Any]], market: Market, change: TrueChange
) -> None:
    if change.since > market.major:
        # There is nothing to change there; newer servers are tested beside it.
        return
    outcome = said[str(change)]
    findings = outcome["out"]["findings"]

    expected = {each for each in change.found if each.since <= market.major}
    assert {expected_of(finding) for finding in findings} == expected
    assert outcome["code"] == int(any(each.severity == "error" for each in expected))
    for finding in findings:
        assert finding["rule"] in RULES
        assert finding["expected"] != finding["actual"]
        assert_leads_there(finding)


def assert_leads_there(finding: dict[str, Any]) -> None:
    """The line speaks of the object, or of what it is in; a model's is where its class begins."""
    if finding["path"] is None:
        return
    lines = (MARKETPLACE / finding["path"]).read_text(encoding="utf-8").splitlines()
    line = lines[finding["line"] - 1]
    # An identity's sequence begins with the name of its table.
    told = [
        w
        for w in _WORD.findall(line)
        if any(f"{name}_".startswith(f"{w}_") for name in identifiers(finding))
    ]
    assert told or line.startswith(("class ", "product_categories = Table("))
