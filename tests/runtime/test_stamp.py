"""`stamp`: the maximal rows of a target and all that it is built on, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

import modalembic as api
from modalembic.errors import AmbiguousTarget, CrossesModules, RevisionIdError, UnknownTarget
from modalembic.postgres.url import DatabaseURL
from tests.projects import ProjectFiles
from tests.runtime.support import (
    column,
    done,
    execute,
    fetch,
    modalembic,
    new_project,
    tables,
    versions,
)

CONFIGURATION = """
modules = ["app/modules/*"]
[tool.alembic]
script_location = "%(here)s/migrations"
version_locations = [
    "%(here)s/app/modules/billing/migrations/versions",
    "%(here)s/app/modules/cms/migrations/versions",
    "%(here)s/app/modules/orders/migrations/versions",
]
"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Orders depend on billing; cms stands alone."""
    project = new_project(tmp_path, CONFIGURATION)
    project.module("billing").revision("b1", labels="billing").revision("b2", down="b1")
    project.module("cms").revision("m1", labels="cms").revision("m2", down="m1")
    project.module("orders").revision("o1", labels="orders", depends_on="b1").revision(
        "o2", down="o1", depends_on="b2"
    )
    return project


CASES = [
    # before, targets, after
    ((), ("heads",), {"o2", "m2"}),
    ((), ("base",), set()),
    (("heads",), ("base",), set()),
    ((), ("b1",), {"b1"}),
    ((), ("o1",), {"o1"}),
    ((), ("o1", "m1"), {"o1", "m1"}),
    ((), ("orders@head",), {"o2"}),
    (("b2",), ("b1",), {"b1"}),
    (("b2",), ("cms@head",), {"b2", "m2"}),
    (("heads",), ("cms@m1",), {"o2", "m1"}),
    (("heads",), ("orders@base",), {"b2", "m2"}),
    (("heads",), ("billing@base",), {"m2"}),
    (("o2",), ("b1",), {"b1"}),
    (("heads",), ("o1",), {"o1", "b2", "m2"}),
]


@pytest.mark.parametrize(("before", "targets", "after"), CASES)
def test_what_is_stamped(
    project: ProjectFiles,
    database_url: str,
    before: tuple[str, ...],
    targets: tuple[str, ...],
    after: set[str],
) -> None:
    loaded = project.load()
    if before:
        api.stamp(loaded, before, database=database_url)
    stamped = api.stamp(loaded, targets, database=database_url)
    assert versions(database_url) == set(stamped.after) == after
    assert tables(database_url) == set()


@pytest.mark.parametrize("targets", [("heads",), ("base",), ("b1",), ("o1", "m1"), ("b2", "m2")])
def test_on_an_empty_database_it_is_what_stock_alembic_stamps(
    project: ProjectFiles, make_database: Callable[[], str], targets: tuple[str, ...]
) -> None:
    ours, stock = make_database(), make_database()
    api.stamp(project.load(), targets, database=ours)
    config = Config(toml_file=str(project.root / "pyproject.toml"))
    config.set_main_option("sqlalchemy.url", DatabaseURL.parse(stock).sqlalchemy)
    command.stamp(config, list(targets))
    if targets == ("heads",):
        # Stock stamps b2 as well, which o2 implies; from then on it stops at "overlaps".
        assert versions(stock) - versions(ours) <= {"b2"}
    else:
        assert versions(ours) == versions(stock)


def test_it_purges_rows_that_nobody_knows(project: ProjectFiles, database_url: str) -> None:
    api.stamp(project.load(), ["b1"], database=database_url)
    execute(database_url, "INSERT INTO alembic_version VALUES ('gone')")
    api.stamp(project.load(), ["m1"], database=database_url)
    assert versions(database_url) == {"b1", "m1", "gone"}
    result = done(modalembic(project, "stamp", "m1", "--purge", url=database_url))
    assert versions(database_url) == {"m1"}
    assert "b1, gone, m1" in result.out


@pytest.mark.parametrize(
    ("target", "contradicted", "after"),
    [
        ("b1", "b2", {"b1"}),
        ("billing@base", "b1, b2", set()),
        ("base", "b1, b2", set()),
    ],
)
def test_it_does_not_go_below_what_a_module_that_is_gone_is_built_on(
    project: ProjectFiles, database_url: str, target: str, contradicted: str, after: set[str]
) -> None:
    api.stamp(project.load(), ["heads"], database=database_url)
    shutil.rmtree(project.module("orders").path)
    with pytest.raises(CrossesModules) as caught:
        api.stamp(project.load(), [target], database=database_url)
    assert f"o2, which the database has and this code does not, is built on {contradicted};" in (
        caught.value.message
    )
    assert "--purge" in str(caught.value.hint)
    assert versions(database_url) == {"o2", "m2"}
    result = modalembic(project, "stamp", target, url=database_url)
    assert (result.code, "--purge" in result.err) == (2, True)
    done(modalembic(project, "stamp", target, "--purge", url=database_url))
    assert versions(database_url) == after


def test_it_leaves_a_module_that_is_gone_where_it_takes_nothing_from_it(
    project: ProjectFiles, database_url: str
) -> None:
    api.stamp(project.load(), ["heads"], database=database_url)
    shutil.rmtree(project.module("orders").path)
    api.stamp(project.load(), ["m1", "b2"], database=database_url)
    assert versions(database_url) == {"o2", "m1"}


def test_its_document_has_the_rows_before_and_after(
    project: ProjectFiles, database_url: str
) -> None:
    api.stamp(project.load(), ["b1"], database=database_url)
    result = done(modalembic(project, "--format", "json", "stamp", "orders@head", url=database_url))
    assert (result.document["before"], result.document["after"]) == (["b1"], ["o2"])


def test_an_unknown_target_changes_nothing(project: ProjectFiles, database_url: str) -> None:
    api.stamp(project.load(), ["b1"], database=database_url)
    for targets, error in ((["b2", "nope"], UnknownTarget), (["head"], AmbiguousTarget)):
        with pytest.raises(error):
            api.stamp(project.load(), targets, database=database_url)
    assert versions(database_url) == {"b1"}


def test_an_id_that_is_too_long_is_refused_by_name(
    project: ProjectFiles, database_url: str
) -> None:
    long = "l" * 33
    project.module("long").revision(long)
    with pytest.raises(RevisionIdError, match="33 characters"):
        api.stamp(project.load(), ["heads"], database=database_url)
    with pytest.raises(RevisionIdError, match="33 characters") as caught:
        api.upgrade(project.load(), database=database_url)
    assert caught.value.line == 6
    assert versions(database_url) == set()


def test_an_id_of_any_length_fits_a_column_that_was_widened(
    project: ProjectFiles, database_url: str
) -> None:
    long = "l" * 100
    project.module("long").revision(long)
    api.upgrade(project.load(), "billing", database=database_url)
    with pytest.raises(RevisionIdError) as caught:
        api.upgrade(project.load(), database=database_url)
    execute(database_url, str(caught.value.hint))
    api.upgrade(project.load(), database=database_url)
    assert long in versions(database_url)


def test_the_table_is_made_as_alembic_makes_it(
    project: ProjectFiles, make_database: Callable[[], str]
) -> None:
    ours, stock = make_database(), make_database()
    api.stamp(project.load(), ["b1"], database=ours)
    config = Config(toml_file=str(project.root / "pyproject.toml"))
    config.set_main_option("sqlalchemy.url", DatabaseURL.parse(stock).sqlalchemy)
    command.stamp(config, "b1")
    look = """
        SELECT column_name, data_type, character_maximum_length, is_nullable, c.constraint_name
          FROM information_schema.columns
          LEFT JOIN information_schema.key_column_usage c USING (table_name, column_name)
         WHERE table_name = 'alembic_version'
    """
    assert fetch(ours, look) == fetch(stock, look)
    assert column(fetch(ours, look)) == ["version_num"]
