"""`check history` without a base: what is a trap in the revisions themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.checks.finding import Finding
from modalembic.checks.history import check_history
from modalembic.checks.report import find
from modalembic.checks.request import CheckRequest
from tests.projects import GLOB, ProjectFiles


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Billing has b1, b2, and orders o1, o2 after b2; every label is written."""
    project = ProjectFiles(tmp_path / "shop").configure()
    project.module("billing").revision("b1", labels="billing").revision("b2", down="b1")
    orders = project.module("orders").revision("o1", labels="orders", depends_on="b2")
    orders.revision("o2", down="o1")
    return project


def found(project: ProjectFiles, *checks: str) -> list[Finding]:
    return [*find(CheckRequest(project.load()), checks or ("history",)).findings]


def only(project: ProjectFiles) -> Finding:
    (finding,) = found(project)
    return finding


def test_a_history_without_traps_has_no_finding(project: ProjectFiles) -> None:
    assert found(project) == []


class TestSeveralHeads:
    def test_are_an_error(self, project: ProjectFiles) -> None:
        project.module("billing").revision("b3", down="b1")
        finding = only(project)
        assert (finding.rule, finding.severity) == ("history/multiple-heads", "error")
        assert finding.module == "billing"
        assert finding.fix is not None
        assert "alembic merge" in finding.fix

    def test_are_said_once_by_both_checks(self, project: ProjectFiles) -> None:
        project.module("billing").revision("b3", down="b1")
        assert len(found(project, "history", "structure")) == 1
        assert len(found(project, "structure")) == 1

    def test_may_be_meant(self, project: ProjectFiles) -> None:
        project.configure(f"{GLOB}\n[tool.modalembic.module.billing]\nmultiple_heads = true\n")
        project.module("billing").revision("b3", down="b1")
        assert found(project) == []


def test_a_label_of_two_modules_is_an_error(project: ProjectFiles) -> None:
    project.module("stock").revision("s1", labels="billing")
    finding = only(project)
    assert (finding.rule, finding.severity) == ("history/duplicate-label", "error")
    assert (finding.module, finding.line) == ("stock", 8)


def test_a_location_of_two_modules_is_an_error(project: ProjectFiles) -> None:
    project.configure(
        f'{GLOB}\n[tool.modalembic.module.stock]\nversions = "../orders/migrations/versions"\n'
    )
    project.module("stock")
    assert "history/duplicate-location" in {finding.rule for finding in found(project)}


def test_what_keeps_the_project_from_being_planned_is_said_by_every_check(
    project: ProjectFiles,
) -> None:
    project.module("orders").revision("o3", down="nowhere")
    rules = [finding.rule for finding in found(project)]
    assert "structure/missing-revision" in rules


class TestADependencyOnALabel:
    def test_that_orders_nothing_is_redundant(self, project: ProjectFiles) -> None:
        # The label means b1, which o1 needs already.
        project.module("orders").revision("o3", down="o2", depends_on="billing")
        assert only(project).rule == "history/redundant-dependency"

    def test_that_orders_something_is_a_warning_with_the_id(self, project: ProjectFiles) -> None:
        project.module("stock").revision("s1", labels="stock", depends_on="billing")
        finding = only(project)
        assert (finding.rule, finding.severity) == ("history/label-dependency", "warning")
        assert (finding.expected, finding.actual, finding.line) == ("b1", "billing", 9)
        assert finding.message.endswith("b1, not the last, b2")
        assert finding.fix == "modalembic check history --fix"

    def test_in_a_computed_header_is_mended_by_hand(self, project: ProjectFiles) -> None:
        stock = project.module("stock").revision("s1", labels="stock", depends_on="billing")
        path = stock.revision_path("s1")
        path.write_text(path.read_text().replace("'billing'", "'bill' + 'ing'.strip()"))
        assert only(project).fix == "write 'b1' for it"


class TestARedundantDependency:
    @pytest.mark.parametrize("name", ["b1", "b2"])
    def test_is_a_warning(self, project: ProjectFiles, name: str) -> None:
        project.module("orders").revision("o3", down="o2", depends_on=name)
        finding = only(project)
        assert (finding.rule, finding.severity) == ("history/redundant-dependency", "warning")
        assert (finding.name, finding.part, finding.actual) == ("o3", "depends_on", name)

    def test_is_the_lower_of_two_in_one_line(self, project: ProjectFiles) -> None:
        project.module("stock").revision("s1", labels="stock", depends_on=["b1", "o1", "b2"])
        assert [finding.actual for finding in found(project)] == ["b1", "b2"]

    def test_is_one_of_two_that_are_the_same(self, project: ProjectFiles) -> None:
        project.module("stock").revision("s1", labels="stock", depends_on=["billing", "b1"])
        finding = only(project)
        assert (finding.rule, finding.actual) == ("history/redundant-dependency", "billing")

    def test_is_not_what_orders_something(self, project: ProjectFiles) -> None:
        project.module("billing").revision("b3", down="b2")
        project.module("orders").revision("o3", down="o2", depends_on="b3")
        assert found(project) == []

    def test_is_not_looked_for_in_a_circle(self, project: ProjectFiles) -> None:
        project.module("billing").revision("b1", labels="billing", depends_on="o2")
        assert [finding.rule for finding in found(project)] == ["structure/revision-circle"]


def test_a_merge_across_modules_is_a_warning(project: ProjectFiles) -> None:
    project.module("orders").revision("o3", down=["o2", "b2"])
    finding = only(project)
    assert (finding.rule, finding.severity) == ("history/cross-module-merge", "warning")
    assert (finding.actual, finding.line) == ("o2 of orders and b2 of billing", 7)


def test_a_merge_within_a_module_is_none(project: ProjectFiles) -> None:
    billing = project.module("billing").revision("b3", down="b1")
    billing.revision("b4", down=["b2", "b3"])
    assert found(project) == []


def test_a_parent_in_another_module_is_told(project: ProjectFiles) -> None:
    project.module("stock").revision("s1", labels="stock", down="b2")
    finding = only(project)
    assert (finding.rule, finding.severity) == ("history/cross-module-parent", "info")
    assert finding.actual == "b2 of billing"


def test_an_implied_label_is_told(project: ProjectFiles) -> None:
    project.module("stock").revision("s1")
    finding = only(project)
    assert (finding.rule, finding.severity) == ("history/implied-label", "info")
    assert finding.fix == 'branch_labels = ("stock",)'


class TestAnEmptyDowngrade:
    @pytest.mark.parametrize("body", ["pass", '"""Nothing."""', "...", "return", "return None"])
    def test_is_a_warning(self, project: ProjectFiles, body: str) -> None:
        project.module("orders").revision(
            "o3", down="o2", upgrade='op.drop_table("x")', downgrade=body
        )
        finding = only(project)
        assert (finding.rule, finding.severity) == ("history/empty-downgrade", "warning")
        assert (finding.name, finding.line) == ("o3", 16)

    @pytest.mark.parametrize(
        "body",
        [
            "# first\n\nop.create_table('x')",
            'raise NotImplementedError("rows are gone")',
            "helper()",
            "if True:\n    pass",
        ],
    )
    def test_is_not_one_that_does_something(self, project: ProjectFiles, body: str) -> None:
        project.module("orders").revision(
            "o3", down="o2", upgrade='op.drop_table("x")', downgrade=body
        )
        assert found(project) == []

    def test_is_not_one_beside_an_empty_upgrade(self, project: ProjectFiles) -> None:
        project.module("orders").revision(
            "o3", down="o2", upgrade='"""A transfer."""', downgrade="pass"
        )
        assert found(project) == []


class TestAVersionLocationThatIsListedTwice:
    ENTRIES = (
        '"app/modules/billing/migrations/versions"',
        '"%(here)s/app/modules/orders/migrations/versions"',
        '"%(here)s/app/modules/billing/migrations/versions"',
    )

    def test_is_a_warning(self, project: ProjectFiles) -> None:
        project.configure(
            f"{GLOB}\n[tool.alembic]\nversion_locations = [{', '.join(self.ENTRIES)}]\n"
        )
        finding = only(project)
        assert (finding.rule, finding.severity) == ("history/version-location-twice", "warning")
        assert finding.name == "app/modules/billing/migrations/versions"
        assert finding.line == 4
        assert finding.fix == "modalembic check structure --fix"


def test_findings_have_an_order_of_their_own(project: ProjectFiles) -> None:
    project.module("stock").revision("s1", depends_on="billing")
    project.module("billing").revision("b3", down="b1")
    findings = found(project)
    assert findings == sorted(findings, key=lambda f: (f.module or "", f.rule))
    assert set(check_history(project.load())) <= set(findings)
