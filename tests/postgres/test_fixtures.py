from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg


def test_each_database_is_empty_and_a_different_one(
    make_database: Callable[[], str], connect_to: Callable[[str], psycopg.Connection[Any]]
) -> None:
    urls = [make_database() for _ in range(3)]
    assert len(set(urls)) == 3
    for url in urls:
        tables = connect_to(url).execute("SELECT 1 FROM pg_class WHERE oid >= 16384").fetchall()
        assert tables == []


def test_the_environment_is_scrubbed() -> None:
    assert not [name for name in os.environ if name.startswith(("MODALEMBIC_", "PG"))]
