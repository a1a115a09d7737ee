"""The marketplace without its modules that nobody needs, and with them again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.catalog import Connection, read_catalog
from tests.examples.shops import MARKETPLACE

if TYPE_CHECKING:
    import psycopg

MODULES = ("messaging", "monitoring", "dev_tools", "inventory", "billing", "cms", "analytics")
OWN = ("alembic_version", "modalembic_history", "modalembic_modules")


@pytest.mark.slow
def test_what_is_uninstalled_and_installed_again_is_the_same(
    database_url: str, connect_to: Callable[..., psycopg.Connection[Any]], tmp_path: Path
) -> None:
    def run(*arguments: str) -> str:
        return MARKETPLACE.python(database_url, "-m", "modalembic", *arguments)

    database = connect_to(database_url)
    run("upgrade", "heads")
    whole = read_catalog(Connection(database), ignore_tables=OWN)
    for module in MODULES:
        run("uninstall", module, "--yes", "--backup", str(tmp_path / f"{module}.dump"))
    less = read_catalog(Connection(database), ignore_tables=OWN)
    assert {table.name for table in whole.tables} - {table.name for table in less.tables} == {
        "conversations",
        "feature_flag_overrides",
        "feature_flags",
        "health_check_results",
        "messages",
        "notifications",
        "request_samples",
        "request_samples_2025",
        "request_samples_rest",
        "stock_moves",
        "stock_reservations",
    }
    run("upgrade", "--check")
    run("current", "--check")

    run("install", *MODULES)

    assert read_catalog(Connection(database), ignore_tables=OWN) == whole
