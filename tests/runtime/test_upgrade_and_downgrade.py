"""What `upgrade` and `downgrade` choose to run, seen in a database."""

from __future__ import annotations

from pathlib import Path

import pytest

import modalembic as api
from modalembic.errors import (
    AmbiguousTarget,
    CrossesModules,
    RevisionIdError,
    UnknownModule,
    UnknownTarget,
    UnreachableTarget,
    UsageError,
)
from modalembic.postgres.url import DatabaseURL
from tests.projects import ProjectFiles
from tests.runtime.support import (
    ENV,
    done,
    execute,
    modalembic,
    new_project,
    table,
    tables,
    versions,
)


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Orders depend on billing; cms stands alone."""
    project = new_project(tmp_path)
    project.module("billing").revision("b1", **table("b_one")).revision(
        "b2", down="b1", **table("b_two")
    )
    project.module("cms").revision("m1", **table("m_one"))
    project.module("orders").revision("o1", depends_on="b1", **table("o_one")).revision(
        "o2", down="o1", **table("o_two")
    )
    project.module("empty")
    return project


@pytest.fixture
def at_heads(project: ProjectFiles, database_url: str) -> str:
    """The URL of a database at the heads."""
    api.upgrade(project.load(), database=database_url)
    return database_url


class TestUpgrade:
    @pytest.mark.parametrize(
        ("target", "made"),
        [
            ("heads", {"b_one", "b_two", "m_one", "o_one", "o_two"}),
            ("orders", {"b_one", "o_one", "o_two"}),
            ("orders@head", {"b_one", "o_one", "o_two"}),
            ("orders@+1", {"b_one", "o_one"}),
            ("o1", {"b_one", "o_one"}),
            ("b2", {"b_one", "b_two"}),
        ],
    )
    def test_runs_a_target_and_what_it_is_built_on(
        self, project: ProjectFiles, database_url: str, target: str, made: set[str]
    ) -> None:
        api.upgrade(project.load(), target, database=database_url)
        assert tables(database_url) == made

    def test_of_a_module_runs_that_and_what_it_depends_on(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        done(modalembic(project, "upgrade", "--module", "orders", url=database_url))
        assert tables(database_url) == {"b_one", "o_one", "o_two"}
        done(
            modalembic(
                project, "upgrade", "--module", "cms", "--module", "billing", url=database_url
            )
        )
        assert versions(database_url) == {"b2", "m1", "o2"}

    def test_of_a_module_without_revisions_does_nothing(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        assert not api.upgrade(project.load(), modules=["empty"], database=database_url).applied

    def test_of_an_unknown_module_is_refused(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        with pytest.raises(UnknownModule, match="ordres"):
            api.upgrade(project.load(), modules=["ordres"], database=database_url)

    def test_of_a_module_and_a_target_is_refused(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        with pytest.raises(UsageError, match="do not go together"):
            api.upgrade(project.load(), "b1", modules=["orders"], database=database_url)

    @pytest.mark.parametrize(
        ("target", "error"),
        [
            ("nope", UnknownTarget),
            ("head", AmbiguousTarget),
            ("+1", AmbiguousTarget),
            ("cms@+2", UnreachableTarget),
        ],
    )
    def test_to_nowhere_runs_nothing(
        self, project: ProjectFiles, database_url: str, target: str, error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            api.upgrade(project.load(), target, database=database_url)
        assert tables(database_url) == versions(database_url) == set()

    def test_to_heads_twice_runs_nothing_the_second_time(
        self, project: ProjectFiles, at_heads: str
    ) -> None:
        result = done(modalembic(project, "--format", "json", "upgrade", url=at_heads))
        assert result.document["applied"] == []

    def test_dry_run_and_check_change_nothing(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        result = done(
            modalembic(project, "--format", "json", "upgrade", "--dry-run", url=database_url)
        )
        assert len(result.document["steps"]) == 5
        assert modalembic(project, "upgrade", "--check", url=database_url).code == 1
        assert tables(database_url) == set()
        assert versions(database_url) == set()


class TestAnIdThatIsTooLongForTheVersionColumn:
    """44 characters, and Alembic's column takes 32."""

    LONG = "l" * 44

    @pytest.fixture
    def project(self, project: ProjectFiles) -> ProjectFiles:
        project.module("long").revision(self.LONG, **table("l_one"))
        return project

    @pytest.mark.parametrize("arguments", [("plan",), ("upgrade", "--dry-run"), ("upgrade",)])
    def test_is_refused_where_a_database_is_named(
        self, project: ProjectFiles, database_url: str, arguments: tuple[str, ...]
    ) -> None:
        result = modalembic(project, *arguments, url=database_url)
        self._assert_refused(result.code, result.out, result.err)
        assert tables(database_url) == versions(database_url) == set()

    @pytest.mark.parametrize(
        "arguments", [("plan",), ("upgrade", "--dry-run"), ("upgrade", "--sql")]
    )
    def test_is_refused_where_only_env_py_knows_the_database(
        self, project: ProjectFiles, database_url: str, arguments: tuple[str, ...]
    ) -> None:
        url = DatabaseURL.parse(database_url).sqlalchemy
        known = 'url = context.config.get_main_option("sqlalchemy.url")'
        project.file("migrations/env.py", ENV.replace(known, f"url = {url!r}"))
        result = modalembic(project, *arguments)
        self._assert_refused(result.code, result.out, result.err)

    def test_is_refused_where_there_is_no_database(self, project: ProjectFiles) -> None:
        with pytest.raises(RevisionIdError, match="44 characters") as caught:
            api.plan(project.load())
        assert caught.value.hint == "give the revision a shorter id"
        assert (caught.value.path, caught.value.line) == (
            project.module("long").revision_path(self.LONG),
            6,
        )
        result = modalembic(project, "plan")
        self._assert_refused(result.code, result.out, result.err)

    def test_stands_in_nobodys_way_who_does_not_go_there(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        for database in (None, database_url):
            planned = api.plan(project.load(), "orders", database=database)
            assert [step.revision.id for step in planned.plan.steps] == ["b1", "o1", "o2"]

    def test_is_planned_once_the_column_is_wide_enough(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        api.upgrade(project.load(), "b1", database=database_url)
        with pytest.raises(RevisionIdError) as caught:
            api.plan(project.load(), "long", database=database_url)
        execute(database_url, str(caught.value.hint))
        planned = api.plan(project.load(), "long", database=database_url)
        assert [step.revision.id for step in planned.plan.steps] == [self.LONG]

    def _assert_refused(self, code: int, out: str, err: str) -> None:
        assert (code, out) == (2, "")
        assert "has 44 characters" in err
        assert "version_num takes 32" in err


class TestDowngrade:
    def test_stays_in_its_module(self, project: ProjectFiles, at_heads: str) -> None:
        api.downgrade(project.load(), "orders@base", database=at_heads)
        assert tables(at_heads) == {"b_one", "b_two", "m_one"}
        assert versions(at_heads) == {"b2", "m1"}

    @pytest.mark.parametrize(
        ("target", "left"), [("b1", {"o2", "m1"}), ("orders@-1", {"o1", "b2", "m1"})]
    )
    def test_goes_as_far_as_its_target(
        self, project: ProjectFiles, at_heads: str, target: str, left: set[str]
    ) -> None:
        api.downgrade(project.load(), target, database=at_heads)
        assert versions(at_heads) == left

    def test_refuses_to_cross_into_another_module(
        self, project: ProjectFiles, at_heads: str
    ) -> None:
        with pytest.raises(CrossesModules, match="2 revisions of other modules") as caught:
            api.downgrade(project.load(), "billing@base", database=at_heads)
        assert "o2 of orders, o1 of orders" in str(caught.value)
        assert "--cascade" in str(caught.value.hint)
        assert versions(at_heads) == {"b2", "m1", "o2"}

    def test_crosses_with_a_word(self, project: ProjectFiles, at_heads: str) -> None:
        done(modalembic(project, "downgrade", "billing@base", "--cascade", url=at_heads))
        assert tables(at_heads) == {"m_one"}
        assert versions(at_heads) == {"m1"}

    def test_to_base_needs_no_word(self, project: ProjectFiles, at_heads: str) -> None:
        done(modalembic(project, "downgrade", "base", url=at_heads))
        assert tables(at_heads) == set()
        assert versions(at_heads) == set()

    def test_shows_what_it_would_undo_in_every_module(
        self, project: ProjectFiles, at_heads: str
    ) -> None:
        arguments = ("--format", "json", "downgrade", "billing@base", "--dry-run")
        result = done(modalembic(project, *arguments, url=at_heads))
        steps = [(step["module"], step["revision"]) for step in result.document["steps"]]
        assert sorted(steps) == [
            ("billing", "b1"),
            ("billing", "b2"),
            ("orders", "o1"),
            ("orders", "o2"),
        ]
        assert versions(at_heads) == {"b2", "m1", "o2"}

    @pytest.mark.parametrize("target", ["-1", "heads", "orders@+1", "nope"])
    def test_to_what_is_ambiguous_or_not_below_undoes_nothing(
        self, project: ProjectFiles, at_heads: str, target: str
    ) -> None:
        assert modalembic(project, "downgrade", target, url=at_heads).code == 2
        assert versions(at_heads) == {"b2", "m1", "o2"}

    def test_and_upgrade_again_is_as_before(self, project: ProjectFiles, at_heads: str) -> None:
        before = tables(at_heads)
        api.downgrade(project.load(), "b1", cascade=True, database=at_heads)
        api.upgrade(project.load(), database=at_heads)
        assert tables(at_heads) == before
        assert versions(at_heads) == {"b2", "m1", "o2"}
