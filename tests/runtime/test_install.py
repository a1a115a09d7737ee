"""`install`, and what `upgrade heads` means in a database."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import modalembic as api
from tests.projects import ProjectFiles
from tests.runtime.support import (
    Recorder,
    done,
    execute,
    fetch,
    modalembic,
    new_project,
    sql,
    table,
    tables,
    versions,
)


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """The modules core and billing; loyalty waits for `install`, and so does gifts, which requires
    it."""
    project = new_project(tmp_path)
    project.module("core", tier="core").revision("c1", **table("people"))
    project.module("billing", requires=["core"]).revision("b1", depends_on="c1", **table("bills"))
    loyalty = project.module("loyalty", requires=["core"], auto_install=False)
    loyalty.revision("l1", depends_on="c1", **table("cards")).revision(
        "l2", down="l1", **table("points")
    )
    project.module("gifts", requires=["loyalty"], auto_install=False).revision(
        "g1", depends_on="l1", **table("vouchers")
    )
    return project


def facts(url: str) -> list[tuple[str, str]]:
    return fetch(url, "SELECT module, state FROM modalembic_modules ORDER BY module")


def uninstall(project: ProjectFiles, url: str, module: str) -> None:
    done(modalembic(project, "uninstall", module, "--yes", "--no-backup", url=url))


class TestHeads:
    def test_leave_out_what_waits(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        assert tables(database_url) == {"people", "bills"}

    def test_make_no_table_of_modules(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        assert fetch(database_url, "SELECT to_regclass('modalembic_modules')") == [(None,)]

    def test_are_reached_without_it(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        assert modalembic(project, "upgrade", "--check", url=database_url).code == 0
        assert modalembic(project, "current", "--check", url=database_url).code == 0
        assert "nothing to do" in modalembic(project, "plan", url=database_url).out
        assert "nothing to do" in modalembic(project, "upgrade", "--dry-run", url=database_url).out

    def test_have_it_once_it_is_installed(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "install", "loyalty", url=database_url))
        assert tables(database_url) == {"people", "cards", "points"}
        assert modalembic(project, "upgrade", "--check", url=database_url).code == 1
        done(modalembic(project, "upgrade", url=database_url))
        assert tables(database_url) == {"people", "bills", "cards", "points"}
        project.module("loyalty").revision("l3", down="l2", **table("tiers"))
        done(modalembic(project, "upgrade", url=database_url))
        assert "tiers" in tables(database_url)

    def test_have_a_module_that_is_there_already(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("billing", requires=["core"], auto_install=True)
        done(modalembic(project, "upgrade", url=database_url))
        project.module("billing", requires=["core"], auto_install=False)
        project.module("billing").revision("b2", down="b1", **table("refunds"))
        done(modalembic(project, "upgrade", url=database_url))
        assert "refunds" in tables(database_url)

    def test_have_what_an_installed_module_requires(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("billing", requires=["core", "loyalty"])
        done(modalembic(project, "upgrade", url=database_url))
        assert tables(database_url) == {"people", "bills", "cards", "points"}

    def test_of_two_databases_differ(
        self, project: ProjectFiles, make_database: Callable[[], str]
    ) -> None:
        one, other = make_database(), make_database()
        done(modalembic(project, "install", "gifts", url=one))
        for url in (one, other):
            done(modalembic(project, "upgrade", url=url))
        assert tables(one) == {"people", "bills", "cards", "points", "vouchers"}
        assert tables(other) == {"people", "bills"}

    def test_of_two_version_tables_in_one_database_differ(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        done(modalembic(project, "install", "loyalty", url=database_url))
        execute(database_url, "UPDATE modalembic_modules SET version_table = 'other'")
        execute(database_url, "UPDATE modalembic_modules SET state = 'uninstalled'")
        done(modalembic(project, "upgrade", url=database_url))
        assert modalembic(project, "current", "--check", url=database_url).code == 0

    def test_do_not_stop_at_a_row_of_a_module_that_is_gone(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        done(modalembic(project, "install", "gifts", url=database_url))
        shutil.rmtree(project.module("gifts").path)
        result = done(modalembic(project, "upgrade", url=database_url))
        assert "gifts, a module that is not discovered here" in result.err

    def test_in_sql_without_a_database_say_what_they_leave_out(self, project: ProjectFiles) -> None:
        result = done(modalembic(project, "upgrade", "--sql", url="none"))
        assert "CREATE TABLE bills" in result.out
        assert "CREATE TABLE cards" not in result.out
        assert "without loyalty, gifts" in result.err

    def test_in_a_plan_without_a_database_say_what_they_leave_out(
        self, project: ProjectFiles
    ) -> None:
        result = done(modalembic(project, "plan", url="none"))
        assert "without loyalty, gifts" in result.err
        assert "l1" not in result.out
        assert "l1" in done(modalembic(project, "plan", "--module", "loyalty", url="none")).out


class TestAModuleThatIsNotInstalled:
    @pytest.mark.parametrize("target", ["loyalty", "loyalty@head", "l1", "loyalty@+1"])
    def test_is_no_target(self, project: ProjectFiles, database_url: str, target: str) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        for command in ("upgrade", "plan"):
            result = modalembic(project, command, target, url=database_url)
            assert result.code == 2
            assert "loyalty is not installed in this database" in result.err
            assert "hint: modalembic install loyalty" in result.err
        assert tables(database_url) == {"people", "bills"}

    def test_is_none_with_module_either(self, project: ProjectFiles, database_url: str) -> None:
        result = modalembic(project, "upgrade", "--module", "loyalty", url=database_url)
        assert result.code == 2
        assert "modalembic install loyalty" in result.err
        assert tables(database_url) == set()

    def test_does_not_come_by_a_dependency(self, project: ProjectFiles, database_url: str) -> None:
        project.module("billing").revision("b2", down="b1", depends_on="l1", **table("refunds"))
        result = modalembic(project, "upgrade", url=database_url)
        assert result.code == 2
        assert "b2 of billing depends on its l1" in result.err
        assert "modalembic install loyalty" in result.err
        assert tables(database_url) == set()

    def test_that_was_uninstalled_is_not_brought_back_by_one_that_requires_it(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        done(modalembic(project, "install", "loyalty", url=database_url))
        uninstall(project, database_url, "loyalty")
        project.module("billing", requires=["core", "loyalty"])
        result = modalembic(project, "upgrade", url=database_url)
        assert result.code == 2
        assert "billing requires loyalty, which was uninstalled" in result.err
        assert "modalembic install loyalty, or modalembic uninstall billing" in result.err

    def test_is_told_where_nothing_has_to_run(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        done(modalembic(project, "install", "loyalty", url=database_url))
        done(modalembic(project, "upgrade", url=database_url))
        uninstall(project, database_url, "loyalty")
        project.module("billing", requires=["core", "loyalty"])
        recorder = Recorder()
        api.upgrade(project.load(), database=database_url, observer=recorder)
        assert [told for told in recorder.told if told.startswith("requires-uninstalled")]

    def test_is_so_in_the_list_of_modules(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        shown = modalembic(project, "modules", "--format", "json", url=database_url).document
        assert {m["name"]: (m["installed"], m["state"]) for m in shown["modules"]} == {
            "core": (True, "current"),
            "billing": (True, "current"),
            "loyalty": (False, "pending"),
            "gifts": (False, "pending"),
        }
        assert "not installed" in modalembic(project, "modules", url=database_url).out
        shown = modalembic(project, "modules", "--format", "json", url="none").document
        assert {m["installed"] for m in shown["modules"]} == {None}

    def test_is_not_missed_by_the_check_of_drift(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        done(modalembic(project, "install", "loyalty", url=database_url))
        for _ in range(2):
            result = modalembic(project, "check", "drift", "--against", "live", url=database_url)
            assert result.code == 0, result.out
            if "cards" in tables(database_url):
                uninstall(project, database_url, "loyalty")


class TestInstall:
    def test_says_what_comes_with_it(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        dry = done(modalembic(project, "install", "gifts", "--dry-run", url=database_url))
        assert "would install gifts, and loyalty that gifts requires" in dry.out
        assert "l1" in dry.out
        assert tables(database_url) == {"people", "bills"}
        result = done(modalembic(project, "install", "gifts", url=database_url))
        assert "installed gifts, and loyalty that gifts requires: 3 revisions" in result.out
        assert facts(database_url) == [("gifts", "installed"), ("loyalty", "installed")]

    def test_is_a_document(self, project: ProjectFiles, database_url: str) -> None:
        result = modalembic(project, "install", "gifts", "--format", "json", url=database_url)
        document = done(result).document
        assert (document["modules"], document["required"]) == (["gifts"], ["loyalty"])
        assert [step["revision"] for step in document["applied"]] == ["c1", "l1", "l2", "g1"]

    def test_twice_does_nothing(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "install", "loyalty", url=database_url))
        since = fetch(database_url, "SELECT since, run_id FROM modalembic_modules")
        again = done(modalembic(project, "install", "loyalty", url=database_url))
        assert "0 revisions" in again.out
        assert fetch(database_url, "SELECT since, run_id FROM modalembic_modules") == since

    def test_that_fails_is_gone_on_with(self, project: ProjectFiles, database_url: str) -> None:
        up = sql("CREATE TABLE points (id int)", "SELECT 1/0")
        project.module("loyalty").revision("l2", down="l1", upgrade=up)
        assert modalembic(project, "install", "loyalty", url=database_url).code == 2
        assert facts(database_url) == [("loyalty", "installed")]
        project.module("loyalty").revision("l2", down="l1", **table("points"))
        done(modalembic(project, "upgrade", url=database_url))
        assert tables(database_url) == {"people", "bills", "cards", "points"}

    def test_of_what_is_no_module_is_refused(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        result = modalembic(project, "install", "loyal", url=database_url)
        assert (result.code, "there is no module 'loyal'" in result.err) == (2, True)
        assert fetch(database_url, "SELECT to_regclass('modalembic_modules')") == [(None,)]

    def test_says_whose_run_it_was(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "install", "loyalty", url=database_url))
        ((who, run, table_),) = fetch(
            database_url, "SELECT who, run_id, version_table FROM modalembic_modules"
        )
        assert (who, run) in fetch(database_url, "SELECT who, run_id FROM modalembic_history")
        assert table_ == "alembic_version"

    def test_works_where_only_env_py_knows_the_database(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        env = (project.root / "migrations/env.py").read_text()
        known = env.replace('url = context.config.get_main_option("sqlalchemy.url")', "url = URL")
        url = database_url.replace("postgresql://", "postgresql+psycopg://")
        project.file("migrations/env.py", f"URL = {url!r}\n{known}")
        done(modalembic(project, "install", "loyalty"))
        assert tables(database_url) == {"people", "cards", "points"}
        file = project.root.parent / "loyalty.dump"
        done(modalembic(project, "uninstall", "loyalty", "--yes", "--backup", str(file)))
        assert tables(database_url) == {"people"}
        assert file.stat().st_size > 0


class TestStamp:
    def test_of_heads_leaves_out_what_waits(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "stamp", "heads", url=database_url))
        assert versions(database_url) == {"b1"}
        assert modalembic(project, "current", "--check", url=database_url).code == 0

    def test_of_a_module_that_was_uninstalled_says_that_it_is_there(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        done(modalembic(project, "install", "loyalty", url=database_url))
        uninstall(project, database_url, "loyalty")
        done(modalembic(project, "stamp", "loyalty@head", url=database_url))
        assert facts(database_url) == [("loyalty", "installed")]


class TestDowngrade:
    def test_to_base_leaves_what_was_said_of_modules(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        done(modalembic(project, "install", "loyalty", url=database_url))
        done(modalembic(project, "downgrade", "base", url=database_url))
        assert versions(database_url) == set()
        done(modalembic(project, "upgrade", url=database_url))
        assert tables(database_url) == {"people", "bills", "cards", "points"}


class TestRights:
    def test_that_are_missing_are_named(
        self, project: ProjectFiles, database_url: str, request: pytest.FixtureRequest
    ) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        role = "no_tables_of_its_own"
        execute(
            database_url,
            f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN END $$",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            f"GRANT ALL ON alembic_version, modalembic_history TO {role}",
        )
        request.addfinalizer(lambda: execute(database_url, f"DROP OWNED BY {role}"))
        url = f"{database_url}&options=-c%20role%3D{role}"
        result = modalembic(project, "install", "loyalty", url=url)
        assert result.code == 2
        assert "modalembic_modules" in result.err
        assert "GRANT CREATE ON SCHEMA" in result.err
