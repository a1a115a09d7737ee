"""Models that cannot be created: the finding says which model, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.drift_shop import BILLING, drift_of, drift_shop
from tests.projects import ProjectFiles


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    return drift_shop(tmp_path / "shop", server_url)


@pytest.mark.parametrize(
    ("before", "after", "said", "hint"),
    [
        (
            "year = mapped_column(Integer,",
            'year = mapped_column(Integer, server_default=text("no_such_year()"),',
            "function no_such_year() does not exist",
            "has to come from the migrations",
        ),
        (
            'UniqueConstraint("number", "year", name="uq_invoices_number"),',
            'Index("ix_year", text("no_such_function(year)")),',
            "function no_such_function(integer) does not exist",
            "has to come from the migrations",
        ),
        (
            'ForeignKey("people.id"',
            'ForeignKey("persons.id"',
            "could not find table 'persons'",
            "import the model of that table in the models of a module",
        ),
    ],
)
def test_the_model_is_named(
    shop: ProjectFiles, before: str, after: str, said: str, hint: str
) -> None:
    assert before in BILLING
    shop.file("app/modules/billing/models.py", BILLING.replace(before, after))

    (finding,) = drift_of(shop)

    assert (finding.rule, finding.module) == ("drift/models-not-created", "billing")
    assert said in finding.message
    assert hint in (finding.fix or "")
    path = shop.root / "app/modules/billing/models.py"
    assert finding.path == path
    assert path.read_text(encoding="utf-8").splitlines()[(finding.line or 0) - 1] == (
        "class Invoice(Base):"
    )
