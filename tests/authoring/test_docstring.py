"""A paragraph below the message of a new revision."""

from __future__ import annotations

import ast

import pytest

from modalembic.authoring.docstring import with_paragraph

CASES = {
    "as in Alembic's template": (
        '"""Take over\n\nRevision ID: a\n"""\n\nx = 1\n',
        '"""Take over\n\n- t\n- u\n\nRevision ID: a\n"""\n\nx = 1\n',
    ),
    "with a full stop behind it": (
        '"""Take over.\n\nRevision ID: a\n"""\n',
        '"""Take over.\n\n- t\n- u\n\nRevision ID: a\n"""\n',
    ),
    "on one line": ('"""Take over."""\nx = 1\n', '"""Take over.\n\n- t\n- u\n"""\nx = 1\n'),
    "below the opening": (
        '"""\nTake over\n"""\nx = 1\n',
        '"""\nTake over\n\n- t\n- u\n"""\nx = 1\n',
    ),
    "below a comment": (
        "# ours\n'''Take over'''\nx = 1\n",
        "# ours\n'''Take over\n\n- t\n- u\n'''\nx = 1\n",
    ),
    "without a docstring": ("x = 1\n", "# - t\n# - u\nx = 1\n"),
    "with another docstring": ('"""A revision"""\n', '# - t\n# - u\n"""A revision"""\n'),
}


@pytest.mark.parametrize("case", CASES)
def test_a_paragraph_stands_below_the_message(case: str) -> None:
    before, after = CASES[case]
    assert with_paragraph(before, "Take over", "- t\n- u") == after
    ast.parse(after)
