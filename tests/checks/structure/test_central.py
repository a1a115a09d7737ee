"""What is left in the old central places, and re-exports."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.checks.structure.shims import MARK
from tests.checks.structure.shop import found, model, only, shop
from tests.projects import ProjectFiles

MARKED = f"""\
_MOVED = {{  {MARK}
    "f": "app.modules.billing.services.pay:f",
}}


def __getattr__(name: str) -> object: ...
"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Billing re-exports the model Invoice, which is left in `app/models`."""
    project = shop(tmp_path / "shop").file("app/models/__init__.py")
    project.file("app/models/invoice.py", model("Invoice", "invoices"))
    billing = project.module("billing")
    billing.file("models/__init__.py", "from app.models.invoice import Invoice as Invoice\n")
    return project


def test_a_model_that_has_not_moved_is_a_warning(project: ProjectFiles) -> None:
    finding = only(project)
    assert (finding.rule, finding.severity) == ("structure/left-behind", "warning")
    assert (finding.module, finding.name, finding.line) == ("billing", "app.models.invoice", 7)
    assert finding.fix == "modalembic move app.models.invoice billing"


@pytest.mark.parametrize("place", ["app/services", "app/tasks", "services"])
def test_a_service_that_has_not_moved_is_a_warning(project: ProjectFiles, place: str) -> None:
    project.file(f"{place}/__init__.py").file(f"{place}/x.py", "A = 1\n\n\ndef pay(): ...\n")
    names = {each.name: each.line for each in found(project)}
    assert names[f"{place.replace('/', '.')}.x"] == 4


def test_helpers_and_constants_may_stay(project: ProjectFiles) -> None:
    project.file("app/services/__init__.py").file("app/services/x.py", "A = 1\ndef _f(): ...\n")
    project.file("app/models/base.py", "class Mixin: ...\n")
    assert {each.name for each in found(project)} == {"app.models.invoice"}


def test_central_places_may_be_configured(tmp_path: Path) -> None:
    configuration = '[tool.modalembic.structure]\ncentral = ["app.legacy"]\n'
    project = shop(tmp_path / "shop", configuration)
    project.file("app/legacy/__init__.py").file("app/legacy/x.py", "def pay(): ...\n")
    project.file("app/services/__init__.py").file("app/services/x.py", "def pay(): ...\n")
    assert only(project).name == "app.legacy.x"


class TestAReExport:
    @pytest.fixture
    def moved(self, tmp_path: Path) -> ProjectFiles:
        """`app.services.pay` hands on what billing has."""
        project = shop(tmp_path / "shop").file("app/services/__init__.py")
        project.module("billing").file("services/__init__.py").file(
            "services/pay.py", "def f(): ...\n"
        )
        text = "from app.modules.billing.services.pay import f\n\n__all__ = ['f']\n"
        return project.file("app/services/pay.py", text)

    def test_that_nobody_uses_is_a_warning(self, moved: ProjectFiles) -> None:
        finding = only(moved)
        assert (finding.rule, finding.severity) == ("structure/unused-re-export", "warning")
        assert (finding.name, finding.fix) == ("app.services.pay", "delete the file")

    @pytest.mark.parametrize(
        ("file", "text"),
        [
            ("app/main.py", "from app.services.pay import f\n"),
            ("app/main.py", "from app.services import pay\n"),
            ("app/main.py", "import app.services.pay as p\n"),
            ("app/main.py", "def g():\n    from app.services.pay import f\n"),
            ("app/main.py", "from .services.pay import f\n"),
            ("app/services/other.py", "from .pay import f\n"),
            ("app/services/__init__.py", "from . import pay\n"),
            ("tests/test_pay.py", "from app.services.pay import f\n"),
            (
                "app/modules/core/migrations/versions/c1.py",
                "from app.services.pay import f\nrevision = 'c1'\ndown_revision = None\n",
            ),
        ],
    )
    def test_that_is_used_is_told_with_its_users(
        self, moved: ProjectFiles, file: str, text: str
    ) -> None:
        moved.file(file, text)
        finding = only(moved)
        assert (finding.rule, finding.severity) == ("structure/re-export", "info")
        assert f"{file}:{2 if text.startswith('def') else 1}" in finding.message

    @pytest.mark.parametrize("path", ["app/services/pay.py", "app/pay.py"])
    def test_that_is_marked_may_lie_anywhere_and_do_more_than_import(
        self, moved: ProjectFiles, path: str
    ) -> None:
        moved.file("app/services/pay.py", "A = 1\n")
        moved.file(path, MARKED)
        finding = only(moved)
        assert finding.rule == "structure/unused-re-export"
        name = path.removesuffix(".py").replace("/", ".")
        assert finding.fix == f"modalembic move --remove-shims {name}"

    @pytest.mark.parametrize(
        ("text", "used"),
        [
            ("run = 'app.services.pay:f'\n", True),
            ("include = ['app.services.pay']\n", True),
            ("import app\n\napp.services.pay.f()\n", True),
            ("said = 'app.services.pay is old'\n", False),
            ("@task(name='app.services.pay.f')\ndef g(): ...\n", False),
        ],
    )
    def test_that_a_string_or_an_attribute_names_is_used(
        self, moved: ProjectFiles, text: str, used: bool
    ) -> None:
        moved.file("app/services/pay.py", MARKED).file("app/main.py", text)
        rule = "structure/re-export" if used else "structure/unused-re-export"
        assert only(moved).rule == rule

    def test_of_a_package_is_unused_though_the_package_is_imported(
        self, moved: ProjectFiles
    ) -> None:
        moved.file("app/services/pay.py", "").file("app/services/__init__.py", MARKED)
        moved.file("app/main.py", "import app.services\n")
        assert only(moved).rule == "structure/unused-re-export"
        moved.file("app/main.py", "import app.services\n\napp.services.f()\n")
        assert only(moved).rule == "structure/re-export"


class TestAnIgnore:
    def test_lets_a_rule_pass_for_a_module(self, project: ProjectFiles) -> None:
        project.configure(
            'modules = ["app/modules/*"]\n[[tool.modalembic.structure.ignore]]\n'
            'rule = "structure/left-behind"\nmodule = "billing"\nreason = "later"\n'
        )
        assert found(project) == []

    def test_that_matches_nothing_is_a_warning(self, project: ProjectFiles) -> None:
        project.configure(
            'modules = ["app/modules/*"]\n[[tool.modalembic.structure.ignore]]\n'
            'rule = "structure/left-behind"\nmodule = "core"\nreason = "later"\n'
        )
        rules = [each.rule for each in found(project)]
        assert rules == ["structure/left-behind", "structure/unused-ignore"]
