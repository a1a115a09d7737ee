"""`check drift`: each true change of the marketplace's models is named, with the line of the model,
and nothing else is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from modalembic.checks.drift_rules import RULES
from tests.checks.conftest import Market
from tests.checks.findings import expected_of, identifiers
from tests.checks.market import MARKETPLACE, edited, perform
from tests.checks.model_changes import EDITS, Edit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The marketplace's files, to be edited."""
    directory = tmp_path_factory.mktemp("edited") / "marketplace"
    ignored = shutil.ignore_patterns("__pycache__", ".modalembic")
    return Path(shutil.copytree(MARKETPLACE, directory, ignore=ignored))


@pytest.fixture(scope="module")
def said(request: pytest.FixtureRequest, market: Market, copy: Path) -> dict[str, dict[str, Any]]:
    """What the check says of each edit that is tested in this run, and of the models untouched."""
    tested = {item.name for item in request.session.items}
    chosen = [each for each in EDITS if any(f"[{each}]" in name for name in tested)]
    items: list[dict[str, Any]] = [{"path": "app/db.py", "edits": []}]
    items += [{"path": each.path, "edits": each.edits} for each in chosen]
    job = {"action": "edited", "template": market.url, "items": items}
    results = perform(job, cache=market.cache, directory=copy)
    return dict(zip(["", *map(str, chosen)], results, strict=True))


def test_there_are_edits_enough() -> None:
    assert len({str(edit) for edit in EDITS}) == len(EDITS) >= 40


def test_untouched_models_differ_in_the_order_of_columns_alone(
    said: dict[str, dict[str, Any]],
) -> None:
    assert said[""]["code"] == 0
    findings = said[""]["out"]["findings"]
    assert {(each["severity"], each["part"]) for each in findings} == {("info", "column-order")}


@pytest.mark.parametrize("edit", EDITS, ids=str)
def test_an_edit_of_a_model_is_named(said: dict[str, dict[str, Any]], edit: Edit) -> None:
    outcome = said[str(edit)]
    known = {expected_of(each) for each in said[""]["out"]["findings"]}
    findings = [each for each in outcome["out"]["findings"] if expected_of(each) not in known]

    assert {expected_of(finding) for finding in findings} == set(edit.found)
    assert outcome["code"] == int(any(each.severity == "error" for each in edit.found))
    for finding in findings:
        assert finding["rule"] in RULES
        assert_leads_there(finding, edit)


def assert_leads_there(finding: dict[str, Any], edit: Edit) -> None:
    """The place is in the file that was edited, in the class or table that it is about; what only
    migrations have now is where they make it."""
    if not finding["path"].endswith(edit.path):
        assert "/migrations/" in finding["path"]
        return
    text = edited((MARKETPLACE / edit.path).read_text(encoding="utf-8"), edit.edits)
    lines = text.splitlines()
    tops = [n for n, line in enumerate(lines) if line[:1] not in {"", " ", ")", "]", "}"}]
    begin = max(n for n in tops if n < finding["line"])
    end = min((n for n in tops if n >= finding["line"]), default=len(lines))
    definition = "\n".join(lines[begin:end])
    gone = finding["part"] is None and finding["expected"] is None
    words = set(re.findall(r"\w+", definition.lower()))
    assert gone or words & identifiers(finding), definition
