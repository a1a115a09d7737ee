"""Files that do the same have one meaning."""

from __future__ import annotations

from hashlib import sha256

import pytest

from modalembic.history.meaning import meaning

SOURCE = b'''"""b1"""
revision = "b1"
down_revision: str | None = None


def upgrade() -> None:
    op.execute("SELECT 1")


def downgrade() -> None:
    pass
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"""b1"""', b'"""Another text."""'),
        (b'"""b1"""', b"# nothing"),
        (b'revision = "b1"', b"revision = 'c1'"),
        (b"down_revision: str | None = None", b"down_revision = ('a', 'b')"),
        (
            b'op.execute("SELECT 1")',
            b'"""Why."""\n    op.execute(  # so\n        "SELECT 1",\n    )',
        ),
        (b"    pass", b'    """Nothing."""'),
        (b"\n", b"\r\n"),
    ],
)
def test_is_the_same(old: bytes, new: bytes) -> None:
    assert old in SOURCE
    assert meaning(SOURCE.replace(old, new)) == meaning(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"SELECT 1", b"SELECT 2"),
        (b'"SELECT 1"', b'b"SELECT 1"'),
        (b"SELECT 1", b"SELECT  1"),
        (b"    pass", b"    op.execute('SELECT 1')"),
        (b"def upgrade", b"branch_labels = None\ndef up"),
        (b'op.execute("SELECT 1")', b"op.execute(None)"),
        (b'op.execute("SELECT 1")', b'if True:\n        op.execute("SELECT 1")'),
    ],
)
def test_differs(old: bytes, new: bytes) -> None:
    assert old in SOURCE
    assert meaning(SOURCE.replace(old, new)) != meaning(SOURCE)


def test_what_stays_in_the_text_is_for_the_caller_to_say() -> None:
    changed = SOURCE.replace(b'"b1"', b'"c1"')
    assert meaning(changed, without=frozenset()) != meaning(SOURCE, without=frozenset())


def test_of_what_does_not_parse_is_none() -> None:
    assert meaning(b"def upgrade(:") is None
    assert meaning(b"\0") is None


def test_of_a_number_that_has_no_decimal_digits_is_none() -> None:
    assert meaning(b"MASK = 0x" + b"f" * 5000) is None


def test_is_the_same_under_every_python() -> None:
    """Databases keep this hash. Where it changes, what every one of them has run looks edited."""
    text = meaning(SOURCE)
    assert text is not None
    assert sha256(text.encode()).hexdigest() == (
        "26b05a76296885d1f318b8b264e9f26db74fff9a29207b3d388a69d56197e1a6"
    )
