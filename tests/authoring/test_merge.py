"""`merge`: one module's several heads into one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modalembic.authoring.merge import plan_merge, write_merge
from modalembic.errors import MissingRevision, NothingToMerge
from tests.projects import ProjectFiles
from tests.runtime.support import ENV


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Billing has two heads, b2 and b3."""
    project = ProjectFiles(tmp_path / "shop").configure().file("migrations/env.py", ENV)
    billing = project.module("billing").revision("b1", labels="billing")
    billing.revision("b2", down="b1").revision("b3", down="b1")
    return project


def test_a_revision_follows_all_heads(project: ProjectFiles) -> None:
    loaded = project.load()
    merge = plan_merge(loaded, "billing", message="Both")
    write_merge(loaded, merge)
    after = project.load()
    assert after.problems == ()
    assert after.graph.heads["billing"] == (merge.revision,)
    assert after.graph.down[merge.revision] == ("b2", "b3")
    assert after.graph.revisions[merge.revision].doc.startswith("Both")
    head = project.root / "app/modules/billing/migrations/versions/HEAD"
    assert head.read_text() == f"{merge.revision}\n"


def test_the_file_is_in_form(project: ProjectFiles) -> None:
    loaded = project.load()
    (revision, _) = write_merge(loaded, plan_merge(loaded, "billing"))
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--check", revision], check=False
    )
    assert done.returncode == 0


def test_a_module_with_one_head_has_nothing_to_merge(project: ProjectFiles) -> None:
    project.module("orders").revision("o1")
    with pytest.raises(NothingToMerge, match="orders has one head, o1"):
        plan_merge(project.load(), "orders")


def test_what_else_is_wrong_comes_first(project: ProjectFiles) -> None:
    project.module("orders").revision("o1", down="nowhere")
    with pytest.raises(MissingRevision):
        plan_merge(project.load(), "billing")
