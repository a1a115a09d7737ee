"""What runs as it stands, and is a trap all the same."""

from __future__ import annotations

import pytest

from modalembic.errors import ProjectWarning
from modalembic.project import Project
from tests.projects import GLOB, ProjectFiles

COMPUTED = """
import os
revision = "b2"
down_revision = "b1"
branch_labels = {labels}
depends_on = {needs}
"""


def warnings(project: ProjectFiles, code: str) -> list[ProjectWarning]:
    return [warning for warning in project.load().warnings if warning.code == code]


class TestComputedHeader:
    def test_a_computed_dependency_is_told_with_what_it_is_here(
        self, project: ProjectFiles
    ) -> None:
        project.module("ape").revision("a1")
        billing = project.module("billing").revision("b1")
        needs = '("a1",) if os.name else ()'
        billing.raw("b2.py", COMPUTED.format(labels=None, needs=needs))
        for _ in "read", "from the cache":
            (warning,) = warnings(project, "computed-header")
            assert warning.message == (
                "b2 computes its depends_on, so another machine may order revisions differently; "
                "here it is a1"
            )
            assert warning.path == billing.revision_path("b2")
            assert warning.line == 6

    @pytest.mark.parametrize("needs", ["() or None", "tuple()"])
    def test_an_empty_one_too(self, project: ProjectFiles, needs: str) -> None:
        billing = project.module("billing").revision("b1")
        billing.raw("b2.py", COMPUTED.format(labels=None, needs=needs))
        (warning,) = warnings(project, "computed-header")
        assert warning.message.endswith("here it is empty")

    def test_a_computed_label_changes_no_order(self, project: ProjectFiles) -> None:
        billing = project.module("billing").revision("b1")
        billing.raw("b2.py", COMPUTED.format(labels='(os.name + "!",)', needs=None))
        assert not warnings(project, "computed-header")


class TestUnreadRevisions:
    def test_revision_files_further_down_are_told_once(self, project: ProjectFiles) -> None:
        billing = project.module("billing").revision("b1")
        for directory in "2024/spring", "2023", "tools", "__pycache__":
            text = "import os\n" if directory == "tools" else "revision = 'b2'\n"
            billing.file(f"migrations/versions/{directory}/b2.py", text)
        (warning,) = warnings(project, "unread-revisions")
        location = billing.path / "migrations" / "versions"
        assert warning.message == f"revision files in 2023 and 1 more below {location} are not read"
        assert warning.path == location / "2023"
        assert "recursive_version_locations = true in [tool.alembic]" in (warning.hint or "")

    def test_those_of_another_module_are_read(self, project: ProjectFiles) -> None:
        project.configure(
            f'{GLOB}\nlocations = {{ core = "alembic/versions", old = "alembic/versions/old" }}'
        )
        project.location("alembic/versions").revision("c1")
        project.location("alembic/versions/old", name="old").revision("o1")
        loaded: Project = project.load()
        assert set(loaded.graph.revisions) == {"c1", "o1"}
        assert not warnings(project, "unread-revisions")
