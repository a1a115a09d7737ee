from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modalembic.errors import HeaderImportError, RevisionFileError
from modalembic.history.index import build_index
from modalembic.modules import Module, Origin
from tests.projects import ProjectFiles, SitePackages

COMPUTED = """
revision = "b2"
down_revision = "b1"
try:
    import {name}
    depends_on = "a1"
except ImportError:
    depends_on = None
"""


def test_revisions_come_by_module_in_order_and_by_file_name(project: ProjectFiles) -> None:
    project.module("zoo", tier="core").revision("z2", down="z1").revision("z1")
    project.module("ape").revision("a1")
    revisions = project.load().index.revisions
    assert [(r.id, r.module) for r in revisions] == [("z1", "zoo"), ("z2", "zoo"), ("a1", "ape")]
    assert revisions[0].line == 6
    assert revisions[0].doc == "z1 of zoo"


def test_what_alembic_would_not_load_is_no_revision(project: ProjectFiles) -> None:
    billing = project.module("billing").revision("b1")
    for name in ("__init__.py", ".#b1.py", "README", "b1.pyc", "script.py.mako"):
        billing.raw(name, "not a revision")
    billing.file("migrations/versions/old/b0.py", "revision = 'b0'\ndown_revision = None\n")
    assert [r.id for r in project.load().index.revisions] == ["b1"]


def test_with_recursive_version_locations_directories_below_count(project: ProjectFiles) -> None:
    project.configure(
        'modules = ["app/modules/*"]\n[tool.alembic]\nrecursive_version_locations = true'
    )
    billing = project.module("billing").revision("b1")
    billing.file("migrations/versions/2024/b2.py", "revision = 'b2'\ndown_revision = 'b1'\n")
    billing.file("migrations/versions/__pycache__/b3.py", "revision = 'b3'\ndown_revision = 'b1'\n")
    assert sorted(r.id for r in project.load().index.revisions) == ["b1", "b2"]


def test_a_base_without_a_label_gets_its_modules_name(project: ProjectFiles) -> None:
    billing = project.module("billing").revision("b1")
    project.module("cms").revision("c1", labels="pages")
    source = billing.revision_path("b1").read_text()
    found = {r.id: (r.branch_labels, r.label_implied) for r in project.load().index.revisions}
    assert found == {"b1": (("billing",), True), "c1": (("pages",), False)}
    assert billing.revision_path("b1").read_text() == source


@pytest.mark.parametrize("taken", [{"labels": "billing"}, {}])
def test_no_label_is_implied_that_is_taken(project: ProjectFiles, taken: dict[str, str]) -> None:
    project.module("billing").revision("b1")
    project.module("cms").revision("c1" if taken else "billing", **taken)
    implied = [r.id for r in project.load().index.revisions if r.label_implied]
    assert implied == ([] if taken else ["billing"])


def test_no_label_is_implied_where_a_module_has_two_bases(project: ProjectFiles) -> None:
    project.module("billing").revision("b1").revision("b2")
    assert [r.branch_labels for r in project.load().index.revisions] == [(), ()]


def test_labels_are_renamed_as_the_configuration_says(project: ProjectFiles) -> None:
    project.configure("""
        modules = ["app/modules/*"]
        [tool.modalembic.module.cms]
        labels = { main = "cms_main" }
    """)
    project.module("billing").revision("b1", labels="main")
    project.module("cms").revision("c1", labels=("main", "other"))
    assert project.load().graph.labels == {"main": "b1", "cms_main": "c1", "other": "c1"}
    assert not project.load().problems


def test_a_computed_header_is_imported_and_no_other_file_is(project: ProjectFiles) -> None:
    project.module("billing").revision("b1").raw("b2.py", COMPUTED.format(name="helper_of_shop"))
    project.module("core").revision("a1")
    project.file("helper_of_shop.py")
    found = {r.id: r.depends_on for r in project.load().index.revisions}
    assert found["b2"] == ("a1",)
    assert "helper_of_shop" in sys.modules
    assert not [name for name in sys.modules if name.endswith(("a1", "b1", "_modalembic_header"))]
    del sys.modules["helper_of_shop"]


def test_a_computed_header_is_read_again_when_the_installed_distributions_change(
    project: ProjectFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = SitePackages(tmp_path / "site").distribution("something")
    monkeypatch.syspath_prepend(site.path)
    project.module("billing").revision("b1").raw("b2.py", COMPUTED.format(name="extra_pay"))
    project.module("core").revision("a1")

    def needed() -> tuple[str, ...]:
        return project.load().graph.revisions["b2"].depends_on

    assert needed() == ()
    site.package("extra_pay")
    assert needed() == ()  # nobody says that anything was installed
    site.distribution("extra-pay")
    assert needed() == ("a1",)
    monkeypatch.delitem(sys.modules, "extra_pay")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import no_such_package_anywhere", "ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_computed_header_that_cannot_be_imported_names_the_line(
    project: ProjectFiles, source: str, message: str
) -> None:
    billing = project.module("billing").raw(
        "b1.py", f"revision = 'b1'\ndown_revision = str(None)\n\n{source}\n"
    )
    (problem,) = project.load().problems
    assert isinstance(problem, HeaderImportError)
    assert problem.code == "header-import"
    assert problem.message.startswith("the revision's header is computed, and importing the file")
    assert message in problem.message
    assert problem.hint == "make what it imports importable, or write the header as literals"
    assert (problem.path, problem.line) == (billing.revision_path("b1"), 4)


def test_the_search_path_is_as_before_after_an_import(project: ProjectFiles) -> None:
    project.module("billing").raw("b1.py", "revision = str('b1')\ndown_revision = None\n")
    before = list(sys.path)
    project.load()
    assert sys.path == before


def test_a_file_that_may_not_be_read_is_named(
    project: ProjectFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    billing = project.module("billing").revision("b1")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (problem,) = project.load().problems
    assert isinstance(problem, RevisionFileError)
    assert problem.message == "cannot be read: Permission denied"
    assert (problem.path, problem.hint) == (billing.revision_path("b1"), "may this user read it?")


def test_a_dangling_link_is_named(project: ProjectFiles) -> None:
    billing = project.module("billing").revision("b1")
    (billing.path / "migrations/versions/b2.py").symlink_to("nowhere.py")
    (problem,) = project.load().problems
    assert isinstance(problem, RevisionFileError)
    assert problem.message == (
        "it is reached by a symbolic link that leads nowhere: No such file or directory"
    )
    assert problem.path == billing.revision_path("b2")


def test_a_location_that_vanished_since_it_was_found_is_named(tmp_path: Path) -> None:
    gone = Module("billing", Origin("directory", tmp_path), location=tmp_path / "gone")
    (problem,) = build_index([gone], project=tmp_path, cache_directory=tmp_path / "c").problems
    assert problem.path == tmp_path / "gone"
