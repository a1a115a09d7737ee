"""What is read from an `env.py`, and the one edit that it may need."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from modalembic.authoring.adopt.connection import with_given_connection
from modalembic.authoring.adopt.environment import Environment, read_environment
from modalembic.errors import AdoptRefused
from tests.authoring.adopt.layouts import ASYNC, GENERIC, STUBBORN

GUARDED = 'if not config.get_main_option("sqlalchemy.url"):\n'
CONFIGURE = "context.configure(connection=None, target_metadata=target_metadata)\n"


def read(root: Path, text: str) -> Environment:
    for name in ("app/__init__.py", "app/db.py", "app/models/__init__.py", "app/models/user.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    path = root / "env.py"
    path.write_text(dedent(text))
    return read_environment(path, (root,), root)


@pytest.mark.parametrize(
    ("text", "metadata"),
    [
        ("from app.db import Base\ntarget_metadata = Base.metadata\n", "app.db:Base"),
        ("from app.db import metadata as m\ntarget_metadata = m\n", "app.db:metadata"),
        ("import app.db\ntarget_metadata = app.db.Base.metadata\n", "app.db:Base"),
        ("from app import db\ntarget_metadata = db.Base.metadata\n", "app.db:Base"),
        ("import app.db as d\ntarget_metadata: object = d.metadata\n", None),
        ("target_metadata = None\n", None),
        ("from app.db import Base, more\ntarget_metadata = [Base.metadata, more]\n", None),
    ],
)
def test_metadata_is_named_by_where_it_is_imported_from(
    tmp_path: Path, text: str, metadata: str | None
) -> None:
    expected = metadata or ("app.db:metadata" if " as d" in text else None)
    assert read(tmp_path, text + CONFIGURE).metadata == expected


def test_metadata_that_is_computed_is_unread_and_none_is_none(tmp_path: Path) -> None:
    unread = read(tmp_path, "target_metadata = found()\n" + CONFIGURE).unread
    assert unread is not None
    assert (unread.line, unread.source) == (1, "found()")
    assert read(tmp_path, "target_metadata = None\n" + CONFIGURE).unread is None


def test_imports_that_nothing_uses_are_those_of_models(tmp_path: Path) -> None:
    text = """
    import os
    from alembic import context
    from app.db import Base
    from app.models import *
    from app.models import user
    context.configure(target_metadata=Base.metadata)
    """
    assert read(tmp_path, text).models == ("app.models", "app.models.user")
    text = "from app.db import Base\ncontext.configure(target_metadata=Base.metadata)\n"
    assert read(tmp_path, text).models == ("app.db",)


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        (GENERIC, True),
        (STUBBORN, False),
        ('config.attributes.get("connection", None)', True),
        ('config.attributes["connection"]', True),
        ('config.get_main_option("sqlalchemy.url") or os.environ["X"]', True),
        (f'config.set_main_option("sqlalchemy.url", url)\n{GENERIC}', False),
        (f'{GUARDED}    config.set_main_option("sqlalchemy.url", url)\n{GENERIC}', True),
        (f'section["sqlalchemy.url"] = url\n{GENERIC}', False),
        ('engine_from_config({"sqlalchemy.url": url})', False),
        ("engine_from_config(section, url=url)", False),
        ("from modalembic import env\nenv.run()", True),
    ],
)
def test_whether_it_connects_to_what_it_is_given(tmp_path: Path, text: str, takes: bool) -> None:
    assert read(tmp_path, text).takes_given is takes


@pytest.mark.parametrize(
    "loop",
    [
        "for name, engine in engines.items():\n    context.run_migrations(engine_name=name)\n",
        "while more():\n    with context.begin_transaction():\n        context.run_migrations()\n",
    ],
)
def test_migrations_in_a_loop_are_refused_with_the_line(tmp_path: Path, loop: str) -> None:
    with pytest.raises(AdoptRefused, match="in a loop") as caught:
        read(tmp_path, loop)
    assert caught.value.line == loop.count("\n")


def edited(text: str) -> str:
    return with_given_connection(dedent(text).encode(), Path("env.py")).decode()


HEAD = "from alembic import context\n"


def test_only_the_place_that_connects_changes() -> None:
    text = HEAD + "config = context.config\nwith  engine.connect()  as  c:  # ours\n    pass\n"
    assert edited(text) == text.replace(
        "engine.connect()", 'config.attributes.get("connection") or engine.connect()'
    )


def test_a_connection_in_the_midst_of_an_expression_gets_brackets() -> None:
    text = HEAD + "context.configure(connection=engine().connect())\n"
    given = '(context.config.attributes.get("connection") or engine().connect())'
    assert edited(text) == HEAD + f"context.configure(connection={given})\n"


def test_line_ends_and_what_is_no_ascii_stay() -> None:
    text = HEAD.replace("\n", "\r\n") + "ä = 'ö'\r\nwith ä.connect() as c:\r\n    pass\r\n"
    assert edited(text).replace('context.config.attributes.get("connection") or ', "") == text
    given = with_given_connection(ASYNC.replace("\n", "\r\n").encode(), Path("env.py"))
    assert given.count(b"\n") == given.count(b"\r\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("with engine.connect() as c:\n    pass\n", "does not import context"),
        (HEAD + "with engine.begin() as c:\n    pass\n", "opens its transaction before"),
        (HEAD + "context.configure()\n", "connects nowhere"),
        (
            HEAD + "with a.connect() as c:\n    pass\nwith b.connect() as c:\n    pass\n",
            r"several places \(lines 2, 4\)",
        ),
    ],
)
def test_a_place_that_is_not_clear_is_refused(text: str, why: str) -> None:
    with pytest.raises(AdoptRefused, match=why) as caught:
        edited(text)
    assert caught.value.hint is not None
    assert 'attributes.get("connection")' in caught.value.hint
