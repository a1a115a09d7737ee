from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from modalembic.errors import RevisionFileError
from modalembic.history.header import ComputedHeader, line_of, read_header
from modalembic.history.revision import Header


def read(source: str, path: str = "x/a1.py") -> Header:
    return read_header(dedent(source).encode(), path)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("None", ()),
        ("''", ()),
        ("()", ()),
        ("'a0'", ("a0",)),
        ("('a0')", ("a0",)),
        ("'a' '0'", ("a0",)),
        ("('a0', 'b0')", ("a0", "b0")),
        ("['a0', 'b0']", ("a0", "b0")),
        ("{'b0', 'a0'}", ("a0", "b0")),
        ("('a0', 'a0', None)", ("a0",)),
        ("(\n    'a0',  # first\n    'b0',\n)", ("a0", "b0")),
        ("\\\n    'a0'", ("a0",)),
    ],
)
@pytest.mark.parametrize("name", ["down_revision", "depends_on", "branch_labels"])
@pytest.mark.parametrize("annotation", ["", ": str | Sequence[str] | None"])
def test_a_literal_is_read(
    written: str, read_as: tuple[str, ...], name: str, annotation: str
) -> None:
    header = read(f"revision = 'a1'\ndown_revision = None\n{name}{annotation} = {written}\n")
    field = {"down_revision": "down_revisions"}.get(name, name)
    assert getattr(header, field) == read_as


def test_the_first_paragraph_of_the_docstring_and_the_line_of_the_id() -> None:
    header = read('''
        """Add a table
        for invoices.

        Revision ID: a1
        revision = "b1"
        """

        revision: str = "a1"
        down_revision = None
    ''')
    assert header == Header("a1", (), (), (), "Add a table\nfor invoices.", 9)


def test_the_last_of_two_assignments_counts() -> None:
    assert read("revision = 'a1'\nrevision = down_revision = 'a2'\n").revision == "a2"


def test_a_bare_annotation_assigns_nothing() -> None:
    assert read("revision = 'a1'\ndown_revision = None\ndepends_on: str\n").depends_on == ()


def test_code_below_the_header_does_not_matter() -> None:
    header = read("""
        import os
        from alembic import op
        revision = "a1"
        down_revision = None
        if os.environ.get("X"):
            other = 1
        PATTERN = "\\d"
        def upgrade():
            revision = 5
            [depends_on for depends_on in ()]
        class Table:
            branch_labels = None
    """)
    assert header.revision == "a1"


@pytest.mark.parametrize(
    "computed",
    [
        "depends_on = find()",
        "depends_on = 'a' + SUFFIX",
        "depends_on = f'{x}'",
        "depends_on += ('b1',)",
        "if True:\n    depends_on = 'b1'",
        "try:\n    import other\n    depends_on = 'b1'\nexcept ImportError:\n    depends_on = None",
        "for depends_on in (): pass",
        "with x as depends_on: pass",
        "import depends_on",
        "from header import depends_on",
        "from header import x as depends_on",
        "from header import *",
        "if True:\n    from header import *",
        "print(depends_on := 'b1')",
        "x = (depends_on := 'b1')",
        "depends_on, x = 'b1', 1",
        "[depends_on] = ['b1']",
        "del depends_on",
        "def set_it():\n    global depends_on\n    depends_on = 1\nset_it()",
        "match 1:\n    case depends_on: pass",
        "try: pass\nexcept ValueError as depends_on: pass",
    ],
)
def test_a_header_that_is_not_literal_is_computed(computed: str) -> None:
    with pytest.raises(ComputedHeader):
        read(f"revision = 'a1'\ndown_revision = None\ndepends_on = None\n{computed}\n")


@pytest.mark.parametrize(
    ("source", "message", "hint", "line"),
    [
        ("revision = 'a1'\ndef (:\n", "does not parse: invalid syntax", "correct it", 2),
        ("x = '\0'", "does not parse: ", "correct it", None),
        ("x = " + "(" * 300 + ")" * 300, "does not parse: too many nested", "correct it", 1),
        ("x = " + "-" * 200_000 + "1", "does not parse: ", "correct it", None),
        ("down_revision = None", "has no `revision`", "move the file out", 1),
        ("\n\nrevision = 'a1'", "has no `down_revision`", "write `down_revision = None`", 3),
        ("revision = 7\ndown_revision = None", "revision is 7, not an id", "write a string", 1),
        ("revision = ''\ndown_revision = None", "revision is '', not an id", "write a string", 1),
    ],
)
def test_a_header_that_is_wrong_is_refused_with_its_line(
    source: str, message: str, hint: str, line: int | None
) -> None:
    with pytest.raises(RevisionFileError) as caught:
        read(source, "versions/no_id.py")
    assert caught.value.code == "revision-file"
    assert message in caught.value.message
    assert caught.value.hint is not None
    assert hint in caught.value.hint
    assert str(caught.value.path) == "versions/no_id.py"
    if line is not None:
        assert caught.value.line == line


def test_a_value_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(RevisionFileError) as caught:
        read("revision = 'a1'\ndown_revision = ('a0', 3)\n")
    assert caught.value.message == "down_revision is ('a0', 3), not a name or a tuple of names"
    assert caught.value.hint == "write a string, a tuple of strings, or None"


def test_a_file_of_alembics_early_days_has_its_id_in_its_name() -> None:
    assert read("down_revision = None\n", "versions/1a2b3c.py").revision == "1a2b3c"


def test_the_line_of_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a1.py"
    path.write_text('"""x"""\n\nrevision = "a1"\n\ndepends_on: str = (\n  "b",\n)\n')
    assert line_of(str(path), "depends_on") == 5
    assert line_of(str(path), "down_revision") is None
    assert line_of(str(tmp_path / "none.py"), "revision") is None
