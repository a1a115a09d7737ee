"""`diff` between models, migrations, databases and earlier commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.errors import BaseUnavailable, UsageError
from modalembic.runtime.diff.comparison import Comparison, diff
from modalembic.runtime.diff.sources import Source, source_of
from tests.checks.drift_shop import Told, drift_shop, executed
from tests.checks.repository import Repository, repository
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import done, execute, modalembic

ASIDE = "not compared, since only migrations make them: policy: 1, trigger: 1, view: 1"


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    return drift_shop(tmp_path / "shop", server_url)


@pytest.fixture
def repo(shop: ProjectFiles) -> Repository:
    return repository(shop.root, shop)


def compared(
    shop: ProjectFiles, expected: str, actual: str, told: Told | None = None
) -> Comparison:
    with forgotten("app"):
        return diff(shop.load(), expected, actual, observer=told)


def names(comparison: Comparison) -> list[tuple[str, str | None]]:
    return [(each.name, each.part) for each in comparison.differences]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("live", Source("live", "live")),
        ("models", Source("models", "models")),
        ("migrations", Source("migrations", "migrations")),
        ("git:main", Source("git", "main")),
        ("git:origin/main", Source("git", "origin/main")),
        ("git:HEAD^{/fix: it}", Source("git", "HEAD^{/fix: it}")),
        ("git:v1:models", Source("git models", "v1")),
        ("git:v1:migrations", Source("git", "v1")),
        ("git:models", Source("git", "models")),
        ("postgresql://h/d", Source("url", "postgresql://h/d")),
        ("./models", Source("file", "./models")),
        ("before.json", Source("file", "before.json")),
    ],
)
def test_a_source_is_told_by_how_it_is_written(text: str, source: Source) -> None:
    assert source_of(text) == source


@pytest.mark.parametrize("text", ["git:", "git::models"])
def test_git_without_a_reference_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="names no reference"):
        source_of(text)


class TestModelsAndMigrations:
    @pytest.mark.parametrize("pair", [("models", "migrations"), ("migrations", "models")])
    def test_that_agree_have_no_differences(
        self, shop: ProjectFiles, pair: tuple[str, str]
    ) -> None:
        told = Told()
        comparison = compared(shop, *pair, told)

        assert comparison.differences == ()
        assert comparison.aside == {"policy": 1, "trigger": 1, "view": 1}
        assert told.events[-1] == ASIDE

    def test_are_compared_in_the_order_in_which_they_are_named(self, shop: ProjectFiles) -> None:
        shop.module("billing").revision("b2", down="b1", upgrade=executed("CREATE TABLE t ()"))

        (missing,) = compared(shop, "migrations", "models").differences
        (extra,) = compared(shop, "models", "migrations").differences

        assert (missing.name, missing.actual) == ("public.t", None)
        assert (extra.name, extra.expected) == ("public.t", None)

    def test_respect_the_filters_of_env_py(self, shop: ProjectFiles) -> None:
        shop.module("billing").revision("b2", down="b1", upgrade=executed("CREATE TABLE t ()"))
        shop.file(
            "migrations/env.py",
            """
            from modalembic import env
            env.run(include_object=lambda item, name, kind, *_: name != "t")
            """,
        )
        comparison = compared(shop, "migrations", "models")

        assert (names(comparison), comparison.left_out) == ([], ("public.t",))


class TestALiveDatabase:
    def test_is_compared_with_the_heads(self, shop: ProjectFiles, database_url: str) -> None:
        with forgotten("app"):
            done(modalembic(shop, "upgrade", url=database_url))
        shop.module("billing").revision("b2", down="b1", upgrade=executed("CREATE TABLE t ()"))

        comparison = compared(shop, "migrations", database_url)

        assert names(comparison) == [("public.t", None)]

    def test_is_compared_with_models(self, shop: ProjectFiles, database_url: str) -> None:
        with forgotten("app"):
            done(modalembic(shop, "upgrade", url=database_url))
        execute(database_url, "ALTER TABLE people ADD shoes integer")

        comparison = compared(shop, database_url, "models")

        assert names(comparison) == [("public.people.shoes", None)]


class TestAnEarlierCommit:
    def test_is_compared_by_its_migrations(self, repo: Repository) -> None:
        shop = repo.project
        shop.module("billing").revision("b2", down="b1", upgrade=executed("CREATE TABLE t ()"))

        assert names(compared(shop, "git:main", "migrations")) == [("public.t", None)]
        assert names(compared(shop, "git:main", "git:HEAD")) == []

    def test_is_compared_by_its_models(self, repo: Repository) -> None:
        file = repo.project.root / "app/modules/core/models.py"
        file.write_text(file.read_text().replace("String(80)", "String(90)"))

        assert names(compared(repo.project, "git:main:models", "models")) == [
            ("public.people.name", "type")
        ]
        assert names(compared(repo.project, "git:main:models", "git:main")) == []

    def test_that_git_does_not_have_is_an_error(self, repo: Repository) -> None:
        with pytest.raises(BaseUnavailable, match="nowhere"):
            compared(repo.project, "git:nowhere", "models")

    def test_is_made_once(self, repo: Repository) -> None:
        first, second = Told(), Told()
        compared(repo.project, "git:main", "git:main:models", first)
        compared(repo.project, "git:main", "git:main:models", second)

        assert any("migrating a scratch database" in event for event in first.events)
        assert not any("a scratch database" in event for event in second.events)

    def test_shares_what_it_makes_with_the_working_tree(self, repo: Repository) -> None:
        told = Told()
        compared(repo.project, "git:main", "migrations", told)

        assert sum("migrating a scratch database" in event for event in told.events) == 1


def test_schemas_limit_every_source(shop: ProjectFiles) -> None:
    shop.module("billing").revision(
        "b2", down="b1", upgrade=executed("CREATE SCHEMA a; CREATE TABLE a.t (); CREATE TABLE u ()")
    )
    with forgotten("app"):
        comparison = diff(shop.load(), "migrations", "models", schemas=["public"])

    assert names(comparison) == [("public.u", None)]
