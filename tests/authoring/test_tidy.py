"""A revision as Alembic writes it, and as formatters leave it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from modalembic.authoring.tidy import tidied, without_unused_imports

GENERIC = dedent(
    '''\
    """Start the billing branch

    Revision ID: abc
    Revises:\x20
    Create Date: 2026-01-01 00:00:00

    """
    from typing import Sequence, Union

    from alembic import op
    import sqlalchemy as sa


    # revision identifiers, used by Alembic.
    revision: str = 'abc'
    down_revision: Union[str, Sequence[str], None] = None
    branch_labels: Union[str, Sequence[str], None] = ('billing',)
    depends_on: Union[str, Sequence[str], None] = ['0123456789ab', '123456789abc']


    def upgrade() -> None:
        """Upgrade schema."""
        op.execute("SELECT 'a  ';   ")
        op.execute(\'\'\'
            SELECT 1  \x20
        \'\'\')


    def downgrade() -> None:
        """Downgrade schema."""
        pass


    '''
)


def ruff_format(source: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_headers_are_as_a_formatter_leaves_them() -> None:
    source = tidied(GENERIC)
    assert 'revision: str = "abc"\n' in source
    assert "Revises:\n" in source
    assert '= ("billing",)\n' in source
    begin = 'depends_on: Union[str, Sequence[str], None] = ("0123456789ab", "123456789abc")\n'
    assert begin in source
    assert source.endswith("    pass\n")


def test_what_is_written_into_functions_stays(tmp_path: Path) -> None:
    source = tidied(GENERIC)
    assert """op.execute("SELECT 'a  ';   ")""" in source
    assert "SELECT 1  \x20\n" in source


def test_a_long_list_has_a_line_for_each_element() -> None:
    ids = [f"{number:012x}" for number in range(6)]
    source = tidied(f'"""x"""\n\nrevision = \'a\'\ndepends_on = {ids!r}\n')
    assert source == ruff_format(source)
    assert f'depends_on = (\n    "{ids[0]}",\n' in source
    scope: dict[str, object] = {}
    exec(source, scope)  # noqa: S102 - its own source
    assert scope["depends_on"] == tuple(ids)


@pytest.mark.parametrize("source", ["x = (\n", "x = '\n", "\0", "x = 'ü' \\\n"])
def test_what_does_not_parse_stays_as_it_is(source: str) -> None:
    assert tidied(source) == source


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1\n",
        '"""x"""\n',
        "#!/usr/bin/env python\nx = 'a\\'b'\n",
        "depends_on = ('ü', 'x')\n",
    ],
)
def test_tidying_twice_changes_nothing_more(source: str) -> None:
    assert tidied(tidied(source)) == tidied(source)


def test_unused_imports_go_and_used_ones_stay() -> None:
    source = without_unused_imports(tidied(GENERIC))
    assert "import sqlalchemy" not in source
    assert "from alembic import op\n" in source
    assert "from typing import Sequence, Union\n" in source


def test_a_future_import_stays() -> None:
    source = "from __future__ import annotations\n\nimport os\n\nrevision = 'x'\n"
    assert "from __future__" in without_unused_imports(source)
    assert "os" not in without_unused_imports(source)
