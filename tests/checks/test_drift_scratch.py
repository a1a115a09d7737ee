"""What `check drift` says where the scratch server is at fault, and how revisions run there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.drift_shop import drift_of, drift_shop, executed
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import modalembic

NOWHERE = "postgresql://nobody@localhost:1/nothing"


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    return drift_shop(tmp_path / "shop", server_url)


def test_a_server_that_is_not_there_is_said_to_be_the_scratch_server(
    shop: ProjectFiles,
) -> None:
    shop.configure(f'modules = ["app/modules/*"]\nscratch = "{NOWHERE}"')
    with forgotten("app"):
        outcome = modalembic(shop, "check", "drift")

    assert outcome.code == 2
    first, place, hint = outcome.err.splitlines()[-3:]
    assert first.startswith(f"error: the scratch server: no Postgres server answers at {NOWHERE}")
    assert place.endswith("pyproject.toml:3")
    assert hint == (
        '  hint: start it, or correct host and port; without a server: scratch = "embedded"'
    )


def test_it_says_that_the_environment_names_it(
    shop: ProjectFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", NOWHERE)
    with forgotten("app"):
        outcome = modalembic(shop, "check", "drift")

    assert outcome.code == 2
    first, hint = outcome.err.splitlines()[-2:]
    assert first.startswith(
        f"error: the scratch server that MODALEMBIC_SCRATCH_URL names: no Postgres server answers "
        f"at {NOWHERE}"
    )
    assert hint.endswith("without a server: MODALEMBIC_SCRATCH_URL=embedded")


POSTGIS = (
    "the scratch server has no postgis; name an image that has it (image = "
    '"postgis/postgis:17-3.5" in [tool.modalembic.container] with scratch = "container"), or a '
    'server: scratch = "postgresql://..."'
)


def test_an_extension_that_revisions_miss_names_an_image(shop: ProjectFiles) -> None:
    shop.module("maps").revision("m1", upgrade=executed("CREATE EXTENSION postgis"))

    (finding,) = drift_of(shop)

    assert (finding.rule, finding.module) == ("drift/migration-failed", "maps")
    assert finding.fix == POSTGIS


def test_an_extension_that_models_miss_names_an_image(shop: ProjectFiles) -> None:
    shop.module("maps").file(
        "models.py",
        """
        from sqlalchemy import DDL, event
        from app.base import Base
        event.listen(Base.metadata, "before_create", DDL("CREATE EXTENSION postgis"))
        """,
    )
    (finding,) = drift_of(shop)

    assert finding.rule == "drift/models-not-created"
    assert finding.message.endswith("statement: CREATE EXTENSION postgis")
    assert finding.fix == POSTGIS


MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table
people = Table("people", MetaData(), Column("id", Integer, primary_key=True))
"""
DRIVER = """
op.create_table("people", sa.Column("id", sa.Integer, primary_key=True))
op.create_table(f"driven_by_{op.get_bind().dialect.driver}")
"""


@pytest.mark.parametrize("named", ["scratch", "database", "nothing"])
def test_revisions_run_with_the_driver_that_is_named(
    tmp_path: Path, server_url: str, named: str
) -> None:
    with_driver = server_url.replace("postgresql://", "postgresql+asyncpg://")
    scratch = with_driver if named == "scratch" else server_url
    database = 'database = "postgresql+asyncpg://app@db/shop"' if named == "database" else ""
    project = ProjectFiles(tmp_path / "shop").configure(
        f'modules = ["app/modules/*"]\nscratch = "{scratch}"\n{database}'
    )
    template = Path(__file__).parents[2] / "env_templates" / "modular-async" / "env.py"
    project.file("migrations/env.py", template.read_text(encoding="utf-8"))
    project.module("core").file("models.py", MODELS).revision("c1", upgrade=DRIVER)

    driver = "psycopg" if named == "nothing" else "asyncpg"
    assert [each.name for each in drift_of(project)] == [f"public.driven_by_{driver}"]
