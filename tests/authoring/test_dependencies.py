"""`check history --fix`: names in one assignment change, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.dependencies import with_dependencies, write_dependencies
from modalembic.checks.history import check_history
from tests.projects import ProjectFiles
from tests.runtime.support import done, modalembic

HEAD = "# é\nrevision = 'r1'\ndown_revision = None\n"
TAIL = "  # why\nbranch_labels = None\n"


def mended(value: str, **names: str | None) -> str | None:
    source = f"{HEAD}depends_on = {value}{TAIL}".encode()
    after = with_dependencies(source, "r1.py", names)
    if after is None:
        return None
    text = after.decode()
    assert text.startswith(f"{HEAD}depends_on = ")
    assert text.endswith(TAIL)
    return text.removeprefix(f"{HEAD}depends_on = ").removesuffix(TAIL)


@pytest.mark.parametrize(
    ("value", "names", "expected"),
    [
        ("'users'", {"users": "u1"}, "'u1'"),
        ('"users"', {"users": "u1"}, '"u1"'),
        ("'u1'", {"u1": None}, "None"),
        ("('u1',)", {"u1": None}, "None"),
        ("('users', \"o1\")", {"users": "u1", "o1": "o1"}, "('u1', \"o1\")"),
        ("('u1', 'o1')", {"u1": None, "o1": "o1"}, "('o1',)"),
        ("('u1', 'o1')", {"u1": "u1", "o1": None}, "('u1',)"),
        ("('u1', 'o1',)", {"u1": "u1", "o1": None}, "('u1',)"),
        ("['u1', 'o1', 'b1']", {"u1": None, "o1": None, "b1": "b1"}, "['b1']"),
        ("['u1', 'o1', 'b1']", {"u1": "u1", "o1": None, "b1": None}, "['u1']"),
        ("['u1', 'o1', 'b1']", {"u1": "u1", "o1": None, "b1": "b1"}, "['u1', 'b1']"),
        ("{'u1', 'bills'}", {"u1": "u1", "bills": "b1"}, "{'u1', 'b1'}"),
        ("'u1', 'o1'", {"u1": None, "o1": "o1"}, "'o1',"),
        (
            "(\n    'u1',  # people\n    'o1',  # ours\n)",
            {"u1": None, "o1": "o1"},
            "(\n    'o1',  # ours\n)",
        ),
    ],
)
def test_names_are_written_and_taken_out(
    value: str, names: dict[str, str | None], expected: str
) -> None:
    assert mended(value, **names) == expected


@pytest.mark.parametrize("value", ["'u' + '1'", "(('u1'), 'o1')", "'u1'; depends_on = 'u1'"])
def test_what_cannot_be_done_exactly_is_not_done(value: str) -> None:
    assert mended(value, u1=None, o1="o1") is None


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_stay(newline: str) -> None:
    source = "revision = 'r1'\ndown_revision = None\ndepends_on = 'users'\n".replace("\n", newline)
    after = with_dependencies(source.encode(), "r1.py", {"users": "u1"})
    assert after == source.replace("users", "u1").encode()


def test_a_byte_order_mark_stays() -> None:
    source = "\ufeffdepends_on = 'users'\nrevision = 'r1'\ndown_revision = None\n".encode()
    after = with_dependencies(source, "r1.py", {"users": "u1"})
    assert after == source.replace(b"users", b"u1")


def test_a_file_in_another_encoding_is_left_alone() -> None:
    source = (
        b"# coding: latin-1\n# \xe9\nrevision = 'r1'\ndown_revision = None\ndepends_on = 'users'\n"
    )
    assert with_dependencies(source, "r1.py", {"users": "u1"}) is None


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = ProjectFiles(tmp_path / "shop").configure()
    project.module("users").revision("u1", labels="users").revision("u2", down="u1")
    project.module("orders").revision("o1", labels="orders", depends_on="users")
    project.module("billing").revision("b1", labels="billing", depends_on=["u1", "u2", "o1"])
    return project


def test_a_project_has_no_such_findings_afterwards(project: ProjectFiles) -> None:
    before = project.load()
    assert len(list(check_history(before))) == 2
    written = write_dependencies(before)
    assert {path.name for path in written} == {"o1.py", "b1.py"}
    after = project.load()
    assert list(check_history(after)) == []
    assert after.graph.revisions["o1"].depends_on == ("u1",)
    assert after.graph.revisions["b1"].depends_on == ("u2", "o1")
    assert write_dependencies(after) == ()


def test_the_order_stays_what_it_was(project: ProjectFiles) -> None:
    before = project.load().graph
    write_dependencies(project.load())
    after = project.load().graph
    for id_ in before.revisions:
        assert before.ancestors([id_]) == after.ancestors([id_])


def test_a_computed_header_is_left_alone(project: ProjectFiles) -> None:
    path = project.module("orders").revision_path("o1")
    path.write_text(path.read_text().replace("'users'", "'users'.strip()"))
    before = path.read_bytes()
    write_dependencies(project.load())
    assert path.read_bytes() == before


def test_the_command_says_what_it_wrote(project: ProjectFiles) -> None:
    result = done(modalembic(project, "check", "history", "--fix"))
    assert result.err.count("wrote depends_on in ") == 2
    assert result.out == "no findings (history)\n"
