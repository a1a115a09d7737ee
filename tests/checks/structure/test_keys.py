"""Foreign keys between modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.structure.shop import found, model, only, shop
from tests.projects import ProjectFiles


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Core has people, in packages of their own name, so that tests share no import."""
    project = shop(tmp_path / "shop")
    project.module("core").file("models/__init__.py").file("models/a.py", model("Person", "people"))
    return project


KEY = 'person: Mapped[int] = mapped_column(ForeignKey("people.id"))'


def test_one_to_what_is_required_is_fine(project: ProjectFiles) -> None:
    billing = project.module("billing").file("models/__init__.py")
    billing.file("models/a.py", model("Invoice", "invoices", KEY))
    assert found(project) == []


def test_one_to_what_is_not_required_is_an_error(project: ProjectFiles) -> None:
    billing = project.module("billing", requires=[]).file("models/__init__.py")
    billing.file("models/a.py", model("Invoice", "invoices", KEY))
    finding = only(project)
    assert (finding.rule, finding.severity) == ("structure/undeclared-foreign-key", "error")
    assert (finding.module, finding.name, finding.part) == ("billing", "invoices", "person")
    assert (finding.path, finding.line) == (project.root / "app/modules/billing/models/a.py", 7)


def test_models_that_cannot_be_imported_are_named(project: ProjectFiles) -> None:
    billing = project.module("billing").file("models/__init__.py")
    billing.file("models/a.py", "import nowhere_to_be_found\n")
    finding = only(project)
    assert (finding.rule, finding.severity) == ("structure/import-failed", "error")
    assert (finding.module, finding.line) == ("billing", 1)
