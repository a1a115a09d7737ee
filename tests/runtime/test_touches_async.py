"""Touches are seen through an asynchronous `env.py` too."""

from __future__ import annotations

from pathlib import Path

from modalembic.runtime.environment.templates import template_directory
from tests.runtime.recordings import line_of, recorded, shown
from tests.runtime.support import body, sql


def test_an_asynchronous_environment_is_watched(tmp_path: Path, database_url: str) -> None:
    env = (template_directory("modular-async") / "env.py").read_text(encoding="utf-8")
    block = body("""
        op.execute("UPDATE a SET id = 1")
        with op.get_context().autocommit_block():
            op.execute("CREATE INDEX CONCURRENTLY a_id ON a (id)")
            op.execute("DELETE FROM b")
    """)
    project = line_of(
        tmp_path, sql("CREATE TABLE a (id int)", "CREATE TABLE b (id int)"), block, env=env
    )
    touches = recorded(project, database_url)
    assert shown(touches, "r1") == {("public.a", "alter rows"), ("public.b", "rows")}
