"""New revision files, made by Alembic with the project's settings."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.revisions import NewRevision, new_id, revision_changes
from modalembic.errors import RevisionTemplateError
from tests.projects import ProjectFiles
from tests.runtime.support import alembic_process, done


@pytest.fixture
def files(tmp_path: Path) -> ProjectFiles:
    shop = ProjectFiles(tmp_path / "shop").configure()
    shop.module("billing").revision("b1", labels="billing")
    shop.module("orders").revision("o1", labels="orders")
    return shop


def location(files: ProjectFiles, module: str) -> Path:
    return files.root.resolve() / f"app/modules/{module}/migrations/versions"


def made(files: ProjectFiles, *revisions: NewRevision) -> tuple[Change, ...]:
    return revision_changes(files.load(), revisions)


def test_a_later_one_may_name_an_earlier_one(files: ProjectFiles) -> None:
    changes = made(
        files,
        NewRevision("b2", "Add a due date", location(files, "billing"), ("b1",)),
        NewRevision("o2", "Use it", location(files, "orders"), ("o1",), depends_on=("b2",)),
    )
    assert not changes[0].path.exists()
    ChangeSet.of(files.root, changes).apply()
    project = files.load()
    project.require_sound()
    assert project.graph.parents["o2"] == ("o1", "b2")
    assert project.graph.heads == {"billing": ("b2",), "orders": ("o2",)}


def test_stock_alembic_makes_the_same_file_but_for_the_form(files: ProjectFiles) -> None:
    files.file("migrations/env.py", "")
    template = "# ${message}\nrevision = ${repr(up_revision)}\n"
    template += "down_revision = ${repr(down_revision)}\nbranch_labels = ${repr(branch_labels)}\n"
    template += "depends_on = ${repr(depends_on)}\ndef upgrade():\n    ${upgrades or 'pass'}\n"
    files.file("migrations/script.py.mako", template)
    files.file(
        "alembic.ini",
        "[alembic]\nscript_location = %(here)s/migrations\n"
        "file_template = %%(rev)s.%%(slug)s\ntruncate_slug_length = 12\n"
        "path_separator = newline\nversion_locations =\n"
        "    %(here)s/app/modules/billing/migrations/versions\n"
        "    %(here)s/app/modules/orders/migrations/versions\n",
    )
    (change,) = made(
        files, NewRevision("b2", "Add a due date", location(files, "billing"), ("b1",), ("o1",))
    )
    done(
        alembic_process(
            files,
            *("revision", "-m", "Add a due date", "--rev-id", "b2", "--head", "b1"),
            *("--depends-on", "o1"),
        )
    )
    assert change.after == change.path.read_text().replace("'", '"')


def test_operations_and_imports_are_written_into_it(files: ProjectFiles) -> None:
    files.file("kinds_of_this_test.py")
    (change,) = made(
        files,
        NewRevision(
            "b2",
            "Drop it",
            location(files, "billing"),
            ("b1",),
            upgrades='op.drop_table("a")\n    op.drop_table("b")',
            imports="import kinds_of_this_test",
        ),
    )
    assert change.after is not None
    assert '    op.drop_table("a")\n    op.drop_table("b")\n' in change.after
    assert "import kinds_of_this_test\n\nrevision" in change.after


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("${nothing.at_all}", "rendering failed"),
        ("revision = '${up_revision}'\ndown_revision = None\n", "branch_labels"),
        ("x = (\n", "never closed"),
        ("raise ValueError('no')\n", "no"),
    ],
)
def test_a_template_that_does_not_do_is_refused(
    files: ProjectFiles, template: str, why: str
) -> None:
    files.file("migrations/env.py", "").file("migrations/script.py.mako", template)
    before = list(sys.path)
    with pytest.raises(RevisionTemplateError, match=why):
        made(files, NewRevision("x1", "x", location(files, "billing"), branch_labels=("x",)))
    assert sys.path == before


def test_a_time_zone_that_is_not_there_is_refused(files: ProjectFiles) -> None:
    files.file("alembic.ini", "[alembic]\ntimezone = Mars\n")
    with pytest.raises(RevisionTemplateError, match="Mars"):
        made(files, NewRevision("x1", "x", location(files, "billing")))


def test_what_alembic_prepends_to_the_path_is_taken_back(files: ProjectFiles) -> None:
    files.configure(
        'modules = ["app/modules/*"]\n[tool.alembic]\nprepend_sys_path = ["%(here)s/lib"]\n'
    )
    before = list(sys.path)
    made(files, NewRevision("x1", "x", location(files, "billing")))
    assert sys.path == before


def test_ids_fit_into_the_version_column() -> None:
    ids = {new_id() for _ in range(50)}
    assert len(ids) == 50
    assert {len(id_) for id_ in ids} == {12}
