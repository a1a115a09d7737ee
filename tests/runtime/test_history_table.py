"""What `modalembic_history` keeps, and what it is good for once a module is gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

import modalembic as api
from modalembic.errors import (
    CrossesModules,
    DatabaseAhead,
    MissingPrivilege,
    NewerHistory,
    UnknownOrphan,
)
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.options import Options
from tests.projects import ProjectFiles
from tests.runtime.support import (
    Recorder,
    done,
    execute,
    fetch,
    history,
    modalembic,
    new_project,
    table,
    tables,
    versions,
)


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """The line core ← billing ← orders; a database at the heads has one row, that of orders."""
    project = new_project(tmp_path)
    project.module("core").revision("c1", **table("c_one")).revision(
        "c2", down="c1", **table("c_two")
    )
    project.module("billing").revision("b1", depends_on="c1", **table("b_one")).revision(
        "b2", down="b1", **table("b_two")
    )
    project.module("orders").revision("o1", depends_on="b2", **table("o_one")).revision(
        "o2", down="o1", depends_on="c2", **table("o_two")
    )
    return project


def remove(project: ProjectFiles, *modules: str) -> None:
    for name in modules:
        shutil.rmtree(project.root / "app/modules" / name)


class TestARow:
    def test_says_what_ran(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load(), "b1", database=database_url)
        path = project.module("billing").revision_path("b1")
        columns = "module, revision, direction, state, path, parents, content_hash, version_table"
        assert history(database_url, columns)[-1] == (
            "billing",
            "b1",
            "upgrade",
            "done",
            "app/modules/billing/migrations/versions/b1.py",
            ["c1"],
            sha256(path.read_bytes()).hexdigest(),
            "alembic_version",
        )

    def test_says_when_for_how_long_by_whom_and_with_what(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        before = datetime.now(UTC) - timedelta(seconds=1)
        api.upgrade(project.load(), database=database_url)
        rows = history(database_url, "started_at, ms, who, modalembic_version, run_id")
        for started_at, ms, who, version, _ in rows:
            assert before <= started_at <= datetime.now(UTC) + timedelta(seconds=1)
            assert 0 <= ms < 60_000
            assert "@" in who
            assert version == api.__version__
        assert len({row[4] for row in rows}) == 1

    def test_is_written_for_a_downgrade_too(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load(), "b1", database=database_url)
        api.downgrade(project.load(), "base", database=database_url)
        assert history(database_url) == [
            ("c1", "upgrade"),
            ("b1", "upgrade"),
            ("b1", "downgrade"),
            ("c1", "downgrade"),
        ]
        assert len(set(history(database_url, "run_id"))) == 2

    def test_is_written_for_a_stamp_too(self, project: ProjectFiles, database_url: str) -> None:
        api.stamp(project.load(), ["b1"], database=database_url)
        assert history(database_url) == [("b1", "stamp")]


class TestTheTable:
    def test_of_a_newer_format_is_refused(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load(), "c1", database=database_url)
        execute(
            database_url,
            "COMMENT ON TABLE modalembic_history IS 'modalembic history, format 3'",
        )
        for run in (api.upgrade, api.plan):
            with pytest.raises(NewerHistory, match="format 3") as caught:
                run(project.load(), database=database_url)
            assert "upgrade modalembic" in str(caught.value.hint)
        assert tables(database_url) == {"c_one"}

    def test_of_format_1_is_brought_up_to_date(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        api.upgrade(project.load(), "c1", database=database_url)
        execute(
            database_url,
            "ALTER TABLE modalembic_history DROP COLUMN meaning_hash",
            "ALTER TABLE modalembic_history DROP CONSTRAINT modalembic_history_direction_check",
            "ALTER TABLE modalembic_history ADD CHECK (direction IN ('upgrade', 'downgrade', "
            "'stamp'))",
            "COMMENT ON TABLE modalembic_history IS 'modalembic history, format 1'",
        )
        done(modalembic(project, "doctor", url=database_url))
        done(modalembic(project, "upgrade", "--strict", "c2", url=database_url))
        execute(database_url, "INSERT INTO alembic_version VALUES ('c1')")
        done(modalembic(project, "repair", url=database_url))
        assert history(database_url, "revision, direction, meaning_hash IS NULL") == [
            ("c1", "upgrade", True),
            ("c2", "upgrade", False),
            ("c1", "repair", True),
        ]
        comment = "SELECT obj_description('modalembic_history'::regclass)"
        assert fetch(database_url, comment) == [("modalembic history, format 2",)]

    def test_is_made_beside_version_rows_that_stock_alembic_wrote(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        execute(
            database_url,
            "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
            "INSERT INTO alembic_version VALUES ('c1')",
            "CREATE TABLE c_one (id int)",
        )
        api.upgrade(project.load(), "c2", database=database_url)
        assert history(database_url) == [("c1", "stamp"), ("c2", "upgrade")]

    def test_can_be_thrown_away(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load(), "c1", database=database_url)
        execute(database_url, "DROP TABLE modalembic_history")
        api.upgrade(project.load(), database=database_url)
        assert versions(database_url) == {"o2"}


@pytest.fixture
def stranger(database_url: str) -> Iterator[str]:
    """The URL of the database for a role that may do nothing in particular."""
    url = DatabaseURL.parse(database_url)
    name = f"stranger of {url.database}"
    execute(database_url, f'CREATE ROLE "{name}" LOGIN')
    yield replace(url, user=name, password=None).conninfo
    execute(database_url, f'DROP OWNED BY "{name}"', f'DROP ROLE "{name}"')


class TestARoleThatMayNotReadIt:
    @pytest.fixture
    def reader(self, project: ProjectFiles, database_url: str, stranger: str) -> str:
        """The URL for a role that may read the version table of a database at the heads, no
        more."""
        api.upgrade(project.load(), database=database_url)
        execute(database_url, f'GRANT SELECT ON alembic_version TO "{self._name(stranger)}"')
        return stranger

    def test_needs_not_to_where_every_row_is_known(
        self, project: ProjectFiles, reader: str
    ) -> None:
        assert not api.plan(project.load(), database=reader).plan.steps
        assert modalembic(project, "current", "--check", url=reader).code == 0

    def test_gets_the_grant_where_a_row_is_not(
        self, project: ProjectFiles, database_url: str, reader: str
    ) -> None:
        remove(project, "orders")
        name = self._name(reader)
        hint = f'GRANT SELECT ON "public"."modalembic_history" TO "{name}";'
        for run in (api.plan, api.upgrade):
            with pytest.raises(MissingPrivilege) as caught:
                run(project.load(), database=reader)
            assert caught.value.message == (
                f"role {name!r} may not read public.modalembic_history (it belongs to 'postgres'), "
                "which says what o2 is"
            )
            assert caught.value.hint == hint
        for arguments in (("current",), ("modules",), ("upgrade", "--sql"), ("plan",)):
            result = modalembic(project, *arguments, url=reader)
            assert (result.code, result.out) == (2, ""), arguments
            assert "GRANT SELECT ON" in result.err
        execute(database_url, hint)
        assert not api.plan(project.load(), database=reader).plan.steps

    def _name(self, url: str) -> str:
        return str(DatabaseURL.parse(url).user)


class TestAModuleThatIsNotHereAnyMore:
    @pytest.fixture(params=["run", "stamped"])
    def at_heads(
        self, request: pytest.FixtureRequest, project: ProjectFiles, database_url: str
    ) -> str:
        """The URL of a database at the heads, reached on either way."""
        if request.param == "stamped":
            for name in ("c_one", "c_two", "b_one", "b_two", "o_one", "o_two"):
                execute(database_url, f"CREATE TABLE {name} (id int)")
            api.stamp(project.load(), ["heads"], database=database_url)
        else:
            api.upgrade(project.load(), database=database_url)
        return database_url

    def test_is_named_and_its_row_left_alone(self, project: ProjectFiles, at_heads: str) -> None:
        remove(project, "orders")
        project.module("core").revision("c3", down="c2", **table("c_three"))
        recorder = Recorder()
        result = api.upgrade(project.load(), database=at_heads, observer=recorder)
        assert [step.step.revision.id for step in result.applied] == ["c3"]
        assert versions(at_heads) == {"c3", "o2"}
        assert any("o2 of orders, a module that is not discovered" in t for t in recorder.told)

    @pytest.mark.parametrize("gone", [("orders",), ("orders", "billing")])
    def test_keeps_what_it_was_built_on_from_running_again(
        self, project: ProjectFiles, at_heads: str, gone: tuple[str, ...]
    ) -> None:
        """Its row was the only one: it implied those of the others."""
        assert versions(at_heads) == {"o2"}
        remove(project, *gone)
        assert not api.upgrade(project.load(), database=at_heads).applied
        assert versions(at_heads) == {"o2"}
        assert modalembic(project, "current", "--check", url=at_heads).code == 0

    def test_cannot_lose_what_it_was_built_on(self, project: ProjectFiles, at_heads: str) -> None:
        remove(project, "orders")
        with pytest.raises(CrossesModules, match="o2"):
            api.downgrade(project.load(), "core@base", cascade=True, database=at_heads)
        assert "c_one" in tables(at_heads)

    def test_goes_on_when_it_is_back(
        self, project: ProjectFiles, at_heads: str, tmp_path: Path
    ) -> None:
        shutil.move(project.root / "app/modules/orders", tmp_path / "orders")
        project.module("core").revision("c3", down="c2", **table("c_three"))
        api.upgrade(project.load(), database=at_heads)
        shutil.move(tmp_path / "orders", project.root / "app/modules/orders")
        project.module("orders").revision("o3", down="o2", **table("o_three"))
        result = api.upgrade(project.load(), database=at_heads)
        assert [step.step.revision.id for step in result.applied] == ["o3"]
        assert versions(at_heads) == {"c3", "o3"}

    def test_may_be_purged_by_a_stamp(self, project: ProjectFiles, at_heads: str) -> None:
        remove(project, "orders")
        stamped = api.stamp(project.load(), ["heads"], purge=True, database=at_heads)
        assert stamped.after == ("b2", "c2")
        assert stamped.before == ("o2",)


class TestARevisionThatIsNotHere:
    def test_of_a_module_that_is_means_that_the_database_is_ahead(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        api.upgrade(project.load(), database=database_url)
        project.module("orders").revision_path("o2").unlink()
        project.module("core").revision("c3", down="c2", **table("c_three"))
        with pytest.raises(DatabaseAhead, match="it is at o2 of orders"):
            api.upgrade(project.load(), database=database_url)
        assert "c_three" not in tables(database_url)
        states = done(modalembic(project, "--format", "json", "modules", url=database_url)).document
        found = {row["name"]: row["state"] for row in states["modules"]}
        assert found == {"core": "pending", "billing": "current", "orders": "ahead"}

    def test_and_in_no_history_is_refused(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load(), "c1", database=database_url)
        execute(database_url, "INSERT INTO alembic_version VALUES ('unheard0of')")
        result = modalembic(project, "upgrade", url=database_url)
        assert result.code == 2
        assert "unheard0of" in result.err
        assert "--allow-orphan unheard0of" in result.err
        with pytest.raises(UnknownOrphan):
            api.plan(project.load(), database=database_url)
        assert tables(database_url) == {"c_one"}

    def test_passes_where_it_is_allowed_by_option(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        api.upgrade(project.load(), "c1", database=database_url)
        execute(database_url, "INSERT INTO alembic_version VALUES ('gone')")
        done(modalembic(project, "upgrade", "--allow-orphan", "gone", url=database_url))
        assert versions(database_url) == {"o2", "gone"}
        options = Options(allow_orphans=("gone",))
        api.downgrade(project.load(), "base", database=database_url, options=options)
        assert versions(database_url) == {"gone"}

    def test_passes_where_it_is_allowed_by_the_configuration(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.configure('modules = ["app/modules/*"]\nallow_orphans = ["gone"]')
        execute(
            database_url,
            "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
            "INSERT INTO alembic_version VALUES ('gone')",
        )
        api.upgrade(project.load(), database=database_url)
        assert versions(database_url) == {"o2", "gone"}

    def test_is_still_shown_by_current(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load(), "c1", database=database_url)
        execute(database_url, "INSERT INTO alembic_version VALUES ('gone')")
        result = done(modalembic(project, "--format", "json", "current", url=database_url))
        assert {"revision": "gone", "module": None, "head": False, "known": False} in (
            result.document["revisions"]
        )


class TestRowsThatOverlap:
    @pytest.fixture
    def overlapping(self, project: ProjectFiles, database_url: str) -> str:
        api.upgrade(project.load(), "o1", database=database_url)
        execute(database_url, "INSERT INTO alembic_version VALUES ('b1'), ('c1')")
        return database_url

    def test_are_warned_of(self, project: ProjectFiles, overlapping: str) -> None:
        recorder = Recorder()
        api.upgrade(project.load(), "o1", database=overlapping, observer=recorder)
        assert len([told for told in recorder.told if told.startswith("overlapping-rows")]) == 2
        assert versions(overlapping) == {"o1", "b1", "c1"}

    def test_are_mended_by_the_next_step_up(self, project: ProjectFiles, overlapping: str) -> None:
        api.upgrade(project.load(), "c2", database=overlapping)
        assert versions(overlapping) == {"o1", "c2"}

    def test_are_mended_by_the_next_step_down(
        self, project: ProjectFiles, overlapping: str
    ) -> None:
        api.downgrade(project.load(), "orders@base", database=overlapping)
        assert versions(overlapping) == {"b2"}

    def test_are_mended_by_the_repair_that_the_warning_names(
        self, project: ProjectFiles, overlapping: str
    ) -> None:
        err = modalembic(project, "current", url=overlapping).err
        assert "modalembic repair" in err
        done(modalembic(project, "repair", url=overlapping))
        assert versions(overlapping) == {"o1"}
