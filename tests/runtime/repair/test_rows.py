"""`repair` and the rows of the version table."""

from __future__ import annotations

import shutil

import pytest

from tests.projects import ProjectFiles
from tests.runtime.support import (
    alembic_process,
    done,
    execute,
    fetch,
    history,
    modalembic,
    sql,
    table,
    versions,
)

STOCK = """
[tool.alembic]
script_location = "migrations"
version_locations = [
    "app/modules/billing/migrations/versions", "app/modules/orders/migrations/versions"
]
"""


@pytest.fixture
def shop(project: ProjectFiles) -> ProjectFiles:
    project.module("billing").revision("b1", **table("bills")).revision(
        "b2", down="b1", **table("payments")
    )
    project.module("orders").revision("o1", **table("orders"))
    text = (project.root / "pyproject.toml").read_text()
    return project.file("pyproject.toml", text + STOCK)


def _stock(shop: ProjectFiles, url: str, *arguments: str) -> tuple[int, str]:
    env = (shop.root / "migrations/env.py").read_text()
    given = url.replace("postgresql://", "postgresql+psycopg://")
    shop.file(
        "migrations/env.py",
        env.replace('url = context.config.get_main_option("sqlalchemy.url")', f"url = {given!r}"),
    )
    ended = alembic_process(shop, *arguments)
    return ended.code, ended.out + ended.err


def test_a_dependency_that_was_added_after_the_release(
    shop: ProjectFiles, database_url: str
) -> None:
    done(modalembic(shop, "upgrade", url=database_url))
    assert versions(database_url) == {"b2", "o1"}
    shop.module("orders").revision("o1", depends_on="b2", **table("orders")).revision(
        "o2", down="o1", **table("lines")
    )
    code, said = _stock(shop, database_url, "upgrade", "heads")
    assert code != 0
    assert "overlaps" in said
    found = modalembic(shop, "doctor", url=database_url)
    assert found.code == 1
    assert "alembic_version has both b2 and o1, which implies it" in found.out
    assert "fix: modalembic repair\n" in found.out

    told = done(modalembic(shop, "repair", url=database_url))

    assert "overlap: the row b2 of billing goes: o1 implies it" in told.out
    assert versions(database_url) == {"o1"}
    code, said = _stock(shop, database_url, "upgrade", "heads")
    assert code == 0, said
    assert versions(database_url) == {"o2"}
    assert "doctor/implied-row" not in modalembic(shop, "doctor", url=database_url).out
    done(modalembic(shop, "upgrade", url=database_url))


def test_the_next_upgrade_of_modalembic_works_after_it_too(
    shop: ProjectFiles, database_url: str
) -> None:
    done(modalembic(shop, "upgrade", url=database_url))
    execute(database_url, "INSERT INTO alembic_version VALUES ('b1')")

    done(modalembic(shop, "repair", url=database_url))

    assert versions(database_url) == {"b2", "o1"}
    assert history(database_url, "revision, direction, details->>'implied_by'")[-1] == (
        "b1",
        "repair",
        "b2",
    )
    shop.module("orders").revision("o2", down="o1")
    done(modalembic(shop, "upgrade", url=database_url))
    assert versions(database_url) == {"b2", "o2"}


def test_dry_run(shop: ProjectFiles, database_url: str) -> None:
    done(modalembic(shop, "upgrade", url=database_url))
    execute(database_url, "INSERT INTO alembic_version VALUES ('b1')")

    told = done(modalembic(shop, "repair", "--dry-run", "--format", "json", url=database_url))

    assert told.document["dry_run"] is True
    assert [action["revision"] for action in told.document["actions"]] == ["b1"]
    assert versions(database_url) == {"b1", "b2", "o1"}


@pytest.fixture
def without_orders(shop: ProjectFiles, database_url: str) -> ProjectFiles:
    """The module orders is gone, and what it was built on is implied by its row alone."""
    shop.module("orders").revision("o1", depends_on="b2", **table("orders"))
    done(modalembic(shop, "upgrade", url=database_url))
    assert versions(database_url) == {"o1"}
    shutil.rmtree(shop.root / "app/modules/orders")
    shop.module("billing").file(
        "models.py",
        "from sqlalchemy import *\nmetadata = MetaData()\n"
        "bills = Table('bills', metadata)\npayments = Table('payments', metadata)\n",
    )
    return shop


def test_a_module_that_is_gone(without_orders: ProjectFiles, database_url: str) -> None:
    found = modalembic(without_orders, "doctor", url=database_url)
    assert found.code == 1
    assert "the row o1 belongs to orders, a module that is not discovered here (run by" in found.out
    assert "from app/modules/orders/migrations/versions/o1.py" in found.out
    assert "modalembic repair --retire orders" in found.out
    assert "nothing to repair" in done(modalembic(without_orders, "repair", url=database_url)).out

    told = done(modalembic(without_orders, "repair", "--retire", "orders", url=database_url))

    assert "the row o1 of orders goes; tables stay that belong to no module here: " in told.out
    assert "public.orders\n" in told.out
    # What its row implied has a row of its own again.
    assert versions(database_url) == {"b2"}
    assert fetch(database_url, "SELECT to_regclass('orders') IS NOT NULL") == [(True,)]
    assert history(database_url, "revision, direction, details->'tables'")[-1] == (
        "o1",
        "repair",
        ["public.orders"],
    )
    assert "nothing to do" in done(modalembic(without_orders, "upgrade", url=database_url)).out


def test_of_two_modules_that_are_gone_one_may_stay(shop: ProjectFiles, database_url: str) -> None:
    shop.module("orders").revision("o1", depends_on="b2", **table("orders"))
    shop.module("reports").revision("r1", depends_on="b2", **table("reports"))
    done(modalembic(shop, "upgrade", url=database_url))
    for name in ("orders", "reports"):
        shutil.rmtree(shop.root / "app/modules" / name)

    done(modalembic(shop, "repair", "--retire", "orders", url=database_url))
    # The other one implies what both were built on.
    assert versions(database_url) == {"r1"}
    done(modalembic(shop, "repair", "--retire", "reports", url=database_url))

    assert versions(database_url) == {"b2"}
    assert "nothing to do" in done(modalembic(shop, "upgrade", url=database_url)).out


def test_a_row_of_nobody(shop: ProjectFiles, database_url: str) -> None:
    done(modalembic(shop, "upgrade", url=database_url))
    execute(database_url, "INSERT INTO alembic_version VALUES ('feedbeef')")
    found = modalembic(shop, "doctor", url=database_url)
    assert found.code == 1
    assert "the row feedbeef names a revision that neither this code nor" in found.out
    assert "modalembic repair --retire feedbeef" in found.out

    done(modalembic(shop, "repair", "--retire", "feedbeef", url=database_url))

    assert versions(database_url) == {"b2", "o1"}
    done(modalembic(shop, "upgrade", url=database_url))


def test_code_that_is_older_than_the_database(shop: ProjectFiles, database_url: str) -> None:
    done(modalembic(shop, "upgrade", url=database_url))
    shop.module("billing").revision_path("b2").unlink()

    found = modalembic(shop, "doctor", url=database_url)

    assert found.code == 1
    assert "the database is at b2 of billing, which this code does not have (run by" in found.out
    assert "no fix: the code is older than the database" in found.out


def test_what_cannot_be_retired(without_orders: ProjectFiles, database_url: str) -> None:
    before = versions(database_url), history(database_url)
    for name, said in (
        ("billing", "the module is discovered here"),
        ("b1", "that is a revision of this code"),
        ("nobody", "no version row belongs to it"),
        ("", "no version row belongs to it"),
    ):
        refused = modalembic(without_orders, "repair", "--retire", name, url=database_url)

        assert refused.code == 2
        assert said in refused.err
    assert (versions(database_url), history(database_url)) == before


def test_a_project_that_cannot_be_planned_is_said_by_doctor_and_not_repaired(
    shop: ProjectFiles, database_url: str
) -> None:
    done(modalembic(shop, "upgrade", url=database_url))
    shop.module("orders").revision("o3", down="missing", upgrade=sql("SELECT 1"))

    found = modalembic(shop, "doctor", url=database_url)

    assert found.code == 1
    assert "[structure/missing-revision]" in found.out
    assert modalembic(shop, "repair", url=database_url).code == 2
