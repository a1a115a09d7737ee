"""Public histories of one branch, each a project's central history."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from tests.corpora.commands import Corpus, Look
from tests.corpora.environments import ASSETS, Environment, Environments

if TYPE_CHECKING:
    import psycopg

pytestmark = [pytest.mark.corpus]


@dataclass(frozen=True)
class History:
    name: str
    versions: str
    revisions: int
    head: str
    tables: int
    down_to: str | None = None  # the revision that cannot be undone on Postgres


QUETZ = History("quetz", "quetz/migrations/versions", 20, "3ba25f23fb7d", 14, "0653794b6252")
ARGILLA = History("argilla", "argilla_server/alembic/versions", 24, "580a6553186f", 14)
PLACEMENT = History(
    "placement", "placement/db/sqlalchemy/alembic/versions", 5, "a082b8bb98d0", 12, "a082b8bb98d0"
)
each = pytest.mark.parametrize("history", [QUETZ, ARGILLA, PLACEMENT], ids=lambda h: h.name)


@pytest.fixture(scope="session")
def packages(environments: Environments) -> Path:
    return environments.unpacked("linear")


@pytest.fixture
def project(history: History, packages: Path, tmp_path: Path) -> Corpus:
    versions = packages / history.versions
    root, stock = tmp_path / "project", tmp_path / "stock"
    root.mkdir()
    stock.mkdir()
    (root / "modalembic.toml").write_text(f'locations = {{ {history.name} = "{versions}" }}\n')
    shutil.copy(ASSETS / "env.py", stock)
    (stock / "pyproject.toml").write_text(
        f'[tool.alembic]\nscript_location = "%(here)s"\nversion_locations = ["{versions}"]\n'
    )
    return Corpus(Environment(Path(sys.executable), ()), root, stock)


@pytest.fixture(scope="session")
def server_url(icu_server_url: str) -> str:
    """Quetz asks for a collation of ICU."""
    return icu_server_url


@pytest.fixture(scope="session")
def server(server_url: str) -> Iterator[psycopg.Connection]:
    with connect(DatabaseURL.parse(server_url), application_name="tests") as connection:
        yield connection


@each
def test_modalembic_and_stock_alembic_leave_the_same_database(
    history: History, project: Corpus, make_database: Callable[[], str], look: Look
) -> None:
    heads = project.modalembic("heads", "--format", "json").document["heads"]
    assert [(head["module"], head["revision"]) for head in heads] == [(history.name, history.head)]
    steps = project.modalembic("plan", "--format", "json").document["steps"]
    assert len(steps) == history.revisions

    ours, stock = make_database(), make_database()
    project.modalembic("upgrade", "heads", database=ours)
    project.alembic(stock, "upgrade", "heads")
    assert look.schema(ours) == look.schema(stock)
    assert len(look.schema(ours)["tables"]) == history.tables
    assert look.rows(ours) == look.rows(stock) == [history.head]
    for database in ours, stock:
        project.modalembic("current", "--check", database=database)


@each
def test_a_downgrade_gets_as_far_as_under_stock_alembic(
    history: History, project: Corpus, make_database: Callable[[], str], look: Look
) -> None:
    ours, stock = make_database(), make_database()
    for database in ours, stock:
        project.alembic(database, "upgrade", "heads")
    fails = history.down_to is not None
    told = project.modalembic("downgrade", "base", database=ours, code=2 if fails else 0).err
    project.alembic(stock, "downgrade", "base", code=1 if fails else 0)
    assert look.schema(ours) == look.schema(stock)
    assert look.rows(ours) == look.rows(stock)
    if fails:
        assert f"/{history.down_to}_" in told
    else:
        assert look.rows(ours) == []
        assert look.tables(ours) == ["alembic_version", "modalembic_history"]
