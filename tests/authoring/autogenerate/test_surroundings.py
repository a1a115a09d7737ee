"""`revision --autogenerate` where `env.py` is asynchronous, where alembic_utils has entities, and
where nothing can be written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from alembic_utils.replaceable_entity import registry

from modalembic.errors import HookFailed, RevisionTemplateError, WriteRefused
from tests.authoring.autogenerate.shops import Shop, bodies, shop
from tests.projects import GLOB, read_only

TABLE = 'Table("t", M, Column("id", Integer))'
ASYNC = """
import asyncio

from alembic import context
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine


def run(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(
        context.config.get_main_option("sqlalchemy.url"), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(main())
else:
    run(given)
"""
TEMPLATE = Path(__file__).parents[3] / "env_templates/modular-async/env.py"
"""What `init --template modular-async` lays down."""
BREAKING = "-c 'import sys; open(sys.argv[1], chr(119)).write(chr(40))' REVISION_SCRIPT_FILENAME"
ENTITIES = """
from alembic import context
from alembic_utils.pg_view import PGView
from alembic_utils.replaceable_entity import register_entities

register_entities([PGView("public", "few", "SELECT id FROM t WHERE id < 9")])
context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""


@pytest.fixture
def alone(tmp_path: Path, server_url: str) -> Shop:
    return shop(tmp_path / "shop", server_url, "core").models(core=TABLE)


@pytest.mark.parametrize("env", [ASYNC, TEMPLATE.read_text(encoding="utf-8")], ids=["own", "ours"])
def test_an_asynchronous_environment_serves_as_well(alone: Shop, env: str) -> None:
    alone.files.file("migrations/env.py", env)
    planned = alone.generated()
    assert 'op.create_table("t"' in bodies(planned)["core"]
    assert alone.drift() == []
    assert alone.planned().revisions == ()


@pytest.fixture
def registered() -> Iterator[None]:
    """alembic_utils keeps what is registered for the whole process."""
    known = cast("Any", registry)
    known.clear()
    yield
    known.clear()


@pytest.mark.usefixtures("registered")
def test_what_is_registered_with_alembic_utils_is_written_too(alone: Shop) -> None:
    """A view of a table that is new as well: the library's own comparison would fail for it."""
    alone.files.file("migrations/env.py", ENTITIES)
    planned = alone.generated()
    body = bodies(planned)["core"]
    assert body.index('op.create_table("t"') < body.index("CREATE VIEW public.few")
    assert body.index("DROP VIEW public.few") < body.index('op.drop_table("t")')
    assert planned.left == ()
    assert len(registry.entities()) == 1
    assert alone.drift() == []
    assert alone.planned().revisions == ()


def test_a_read_only_tree_stops_it(alone: Shop) -> None:
    before = sorted(alone.files.root.rglob("app/**/*.py"))
    with read_only(alone.files.root), pytest.raises(WriteRefused):
        alone.generated()
    assert sorted(alone.files.root.rglob("app/**/*.py")) == before


@pytest.mark.parametrize(
    "hook",
    [
        f'executable = "{sys.executable}"\noptions = "{BREAKING}"\n',
        'executable = "/nowhere/ruff"\n',
    ],
)
def test_a_hook_that_fails_leaves_nothing(alone: Shop, server_url: str, hook: str) -> None:
    hooks = f'[[tool.alembic.post_write_hooks]]\nname = "it"\ntype = "exec"\n{hook}'
    alone.files.configure(f'{GLOB}\nscratch = "{server_url}"\n[tool.alembic]\n{hooks}')
    before = sorted(alone.files.root.rglob("app/**/*"))
    with pytest.raises((HookFailed, RevisionTemplateError)):
        alone.generated()
    assert sorted(alone.files.root.rglob("app/**/*")) == before
