"""Revisions that a database has run, and that are not any more what it ran."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

import modalembic as api
from modalembic.checks.doctor.content import RULES
from tests.projects import ModuleFiles, ProjectFiles
from tests.runtime.support import (
    Result,
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

OWN = {rule for rule, _ in RULES.values()}


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """billing: b1 <- b2 <- b3; orders: o1, which depends on b2."""
    project = new_project(tmp_path)
    billing = project.module("billing").revision("b1", **table("one"))
    billing.revision("b2", down="b1", **table("two")).revision("b3", down="b2", **table("three"))
    project.module("orders").revision("o1", depends_on="b2", **table("orders"))
    return project


@pytest.fixture
def upgraded(project: ProjectFiles, database_url: str) -> str:
    done(modalembic(project, "upgrade", url=database_url))
    return database_url


def billing(project: ProjectFiles) -> ModuleFiles:
    return ModuleFiles(project, "billing", "app/modules/billing")


def found(project: ProjectFiles, url: str) -> list[dict[str, Any]]:
    """What doctor says of the content of revisions."""
    document = modalembic(project, "doctor", "--format", "json", url=url).document
    return [one for one in document["findings"] if one["rule"] in OWN]


def rules(project: ProjectFiles, url: str) -> list[tuple[str, str]]:
    return [(finding["rule"], finding["name"]) for finding in found(project, url)]


def strict(project: ProjectFiles, url: str) -> Result:
    return modalembic(project, "upgrade", "--strict", url=url)


def reworded(path: Path) -> None:
    text = path.read_text("utf-8").replace('"""b2', '"""The second; b2', 1)
    path.write_text(f"# A comment.\n{text}".replace("    pass", "    pass  # nothing"), "utf-8")


class TestAnEditedRevision:
    def test_is_an_error_with_its_file_when_it_ran_and_by_whom(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        billing(project).revision("b2", down="b1", **table("other"))
        (finding,) = found(project, upgraded)
        ((who, at),) = fetch(
            upgraded,
            "SELECT who, to_char(started_at, 'YYYY-MM-DD') FROM modalembic_history "
            "WHERE revision = 'b2'",
        )
        assert (finding["rule"], finding["severity"]) == ("doctor/changed-revision", "error")
        assert (finding["name"], finding["module"]) == ("b2", "billing")
        assert finding["path"].endswith("b2.py")
        assert finding["line"] == 6
        assert who in finding["message"]
        assert at in finding["message"]
        assert finding["fix"] == "modalembic repair --accept b2"

    def test_is_refused_by_strict_before_anything_runs(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        billing(project).revision("b2", down="b1", **table("other"))
        billing(project).revision("b4", down="b3", **table("four"))
        refused = strict(project, upgraded)
        assert refused.code == 2
        assert "b2" in refused.err
        assert "modalembic repair --accept b2" in refused.err
        assert "four" not in tables(upgraded)
        done(modalembic(project, "upgrade", url=upgraded))
        assert "four" in tables(upgraded)

    @pytest.mark.parametrize("option", ["--check", "--dry-run"])
    def test_is_refused_by_strict_where_only_a_plan_is_asked_for(
        self, project: ProjectFiles, upgraded: str, option: str
    ) -> None:
        billing(project).revision("b2", down="b1", **table("other"))
        refused = modalembic(project, "upgrade", "--strict", option, url=upgraded)
        assert (refused.code, "b2" in refused.err) == (2, True)

    def test_is_refused_where_the_configuration_is_strict_but_not_for_one_call(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        project.configure('modules = ["app/modules/*"]\nstrict = true\n')
        assert modalembic(project, "upgrade", url=upgraded).code == 0
        billing(project).revision("b2", down="b1", **table("other"))
        assert modalembic(project, "upgrade", url=upgraded).code == 2
        assert modalembic(project, "upgrade", "--no-strict", url=upgraded).code == 0
        assert modalembic(project, "downgrade", "b3", url=upgraded).code == 0

    def test_is_recorded_as_it_is_by_accept(self, project: ProjectFiles, upgraded: str) -> None:
        billing(project).revision("b2", down="b1", **table("other"))
        shown = done(modalembic(project, "repair", "--accept", "b2", "--dry-run", url=upgraded))
        assert "b2" in shown.out
        assert rules(project, upgraded) == [("doctor/changed-revision", "b2")]
        done(modalembic(project, "repair", "--accept", "b2", url=upgraded))
        assert rules(project, upgraded) == []
        done(strict(project, upgraded))
        assert history(upgraded)[-1] == ("b2", "repair")

    def test_that_does_the_same_is_told_and_not_refused(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        reworded(billing(project).revision_path("b2"))
        (finding,) = found(project, upgraded)
        assert (finding["rule"], finding["severity"]) == ("doctor/reworded-revision", "info")
        done(strict(project, upgraded))
        assert modalembic(project, "doctor", url=upgraded).code == 0

    def test_whose_file_has_another_name_is_told_and_not_refused(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        path = billing(project).revision_path("b2")
        path.rename(path.with_name("b2_two.py"))
        assert rules(project, upgraded) == [("doctor/moved-file", "b2")]
        done(strict(project, upgraded))

    def test_is_no_finding_once_it_was_undone_or_where_it_has_not_run(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        done(modalembic(project, "downgrade", "b2", url=upgraded))
        billing(project).revision("b3", down="b2", **table("other"))
        billing(project).revision("b4", down="b3", **table("four"))
        assert rules(project, upgraded) == []
        done(strict(project, upgraded))
        assert tables(upgraded) == {"one", "two", "other", "four", "orders"}


class TestARevisionThatStandsElsewhere:
    def test_is_a_finding_with_what_it_stood_on(self, project: ProjectFiles, upgraded: str) -> None:
        billing(project).revision("b3", down="b1", **table("three"))
        (finding,) = found(project, upgraded)
        assert (finding["rule"], finding["name"]) == ("doctor/re-parented-revision", "b3")
        assert (finding["expected"], finding["actual"]) == ("b2", "b1")
        assert strict(project, upgraded).code == 2

    def test_is_none_where_it_needs_the_same_revisions(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        billing(project).revision("b3", down="b2", depends_on="b1", **table("three"))
        assert rules(project, upgraded) == [("doctor/reworded-revision", "b3")]

    def test_that_is_gone_is_named(self, project: ProjectFiles, upgraded: str) -> None:
        billing(project).revision_path("b2").unlink()
        billing(project).revision("b3", down="b1", **table("three"))
        project.module("orders").revision("o1", depends_on="b1", **table("orders"))
        assert ("doctor/deleted-revision", "b2") in rules(project, upgraded)
        assert strict(project, upgraded).code == 2
        done(modalembic(project, "repair", "--accept", "b2", url=upgraded))
        assert ("doctor/deleted-revision", "b2") not in rules(project, upgraded)

    @pytest.mark.parametrize("last", [False, True])
    def test_that_has_another_id_is_named_with_it(
        self, project: ProjectFiles, upgraded: str, last: bool
    ) -> None:
        if last:
            billing(project).revision_path("b3").unlink()
            billing(project).revision("c3", down="b2", **table("three"))
        else:
            billing(project).revision_path("b2").unlink()
            billing(project).revision("c2", down="b1", **table("two"))
            billing(project).revision("b3", down="c2", **table("three"))
            project.module("orders").revision("o1", depends_on="c2", **table("orders"))
        old, new = ("b3", "c3") if last else ("b2", "c2")
        named = [f for f in found(project, upgraded) if f["rule"] == "doctor/renamed-revision"]
        assert [(finding["name"], finding["actual"]) for finding in named] == [(old, new)]
        done(modalembic(project, "repair", "--accept", old, url=upgraded))
        assert rules(project, upgraded) == []
        done(strict(project, upgraded))
        assert versions(upgraded) == {"o1", "c3" if last else "b3"}
        assert tables(upgraded) == {"one", "two", "three", "orders"}

    @pytest.mark.parametrize("brings", [True, False], ids=["something new", "too little"])
    def test_is_not_another_one_that_does_the_same_in_another_place(
        self,
        project: ProjectFiles,
        upgraded: str,
        brings: bool,
    ) -> None:
        billing(project).revision("b4", down="b3")
        done(modalembic(project, "upgrade", url=upgraded))
        billing(project).revision_path("b4").unlink()
        if brings:
            billing(project).revision("b5", down="b3", **table("five"))
        billing(project).revision("b6", down="b5" if brings else "b2")
        assert "doctor/renamed-revision" not in [rule for rule, _ in rules(project, upgraded)]
        # Its row would say that b5 has run, or that b3 has not.
        assert modalembic(project, "repair", "--accept", "b4", url=upgraded).code == 2
        assert versions(upgraded) == {"b4", "o1"}

    def test_is_named_with_each_of_several_that_do_nothing(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        billing(project).revision("b4", down="b3").revision("b5", down="b4")
        done(modalembic(project, "upgrade", url=upgraded))
        for id_ in ("b4", "b5"):
            billing(project).revision_path(id_).unlink()
        billing(project).revision("c4", down="b3").revision("c5", down="c4")
        now = {finding["name"]: finding["actual"] for finding in found(project, upgraded)}
        assert now == {"b4": "c4", "b5": "c5"}
        done(modalembic(project, "repair", "--accept", "b4", "--accept", "b5", url=upgraded))
        assert versions(upgraded) == {"c5", "o1"}
        assert "nothing to do" in done(strict(project, upgraded)).out


class TestARevisionPutBelowOneThatRan:
    def test_is_named_by_upgrade_and_doctor(self, project: ProjectFiles, upgraded: str) -> None:
        billing(project).revision("x1", down="b1", **table("spliced"))
        billing(project).revision("b2", down="x1", **table("two"))
        warned = done(modalembic(project, "upgrade", url=upgraded))
        assert "x1 of billing was put below b2" in warned.err
        assert "spliced" not in tables(upgraded)
        assert rules(project, upgraded) == [("doctor/spliced-revision", "x1")]
        assert strict(project, upgraded).code == 2

    def test_stays_named_after_another_upgrade(self, project: ProjectFiles, upgraded: str) -> None:
        billing(project).revision("x1", down="b1", **table("spliced"))
        billing(project).revision("b2", down="x1", **table("two"))
        billing(project).revision("b4", down="b3", **table("four"))
        done(modalembic(project, "upgrade", url=upgraded))
        assert "four" in tables(upgraded)
        assert rules(project, upgraded) == [("doctor/spliced-revision", "x1")]

    def test_in_another_module_is_named(self, project: ProjectFiles, upgraded: str) -> None:
        project.module("tax").revision("t1", **table("tax"))
        billing(project).revision("b2", down="b1", depends_on="t1", **table("two"))
        assert rules(project, upgraded) == [("doctor/spliced-revision", "t1")]
        assert "t1 of tax was put below b2" in modalembic(project, "upgrade", url=upgraded).err

    def test_counts_as_applied_once_it_was_run_by_hand(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        billing(project).revision("x1", down="b1", **table("spliced"))
        billing(project).revision("b2", down="x1", **table("two"))
        execute(upgraded, "CREATE TABLE spliced (id int)")
        done(modalembic(project, "repair", "--accept", "x1", url=upgraded))
        assert rules(project, upgraded) == []
        assert done(strict(project, upgraded)).err == ""

    def test_runs_on_a_new_database(self, project: ProjectFiles, make_database: Any) -> None:
        billing(project).revision("x1", down="b1", **table("spliced"))
        billing(project).revision("b2", down="x1", **table("two"))
        other = make_database()
        done(strict(project, other))
        assert "spliced" in tables(other)
        assert rules(project, other) == []


class TestADatabaseThatStockAlembicUpgraded:
    @pytest.fixture
    def stock(self, project: ProjectFiles, database_url: str) -> str:
        """At b2, without a history table."""
        done(modalembic(project, "upgrade", "b2", url=database_url))
        execute(database_url, "DROP TABLE modalembic_history")
        return database_url

    def test_is_not_refused(self, project: ProjectFiles, stock: str) -> None:
        assert rules(project, stock) == []
        done(strict(project, stock))
        assert history(stock, "revision, direction, details ->> 'reconciled'") == [
            ("b1", "stamp", "true"),
            ("b2", "stamp", "true"),
            ("b3", "upgrade", None),
            ("o1", "upgrade", None),
        ]

    def test_is_watched_from_then_on(self, project: ProjectFiles, stock: str) -> None:
        done(modalembic(project, "upgrade", url=stock))
        billing(project).revision("b1", **table("other"))
        (finding,) = found(project, stock)
        assert (finding["rule"], finding["name"]) == ("doctor/changed-revision", "b1")
        assert "was stamped" in finding["message"]

    def test_in_between_is_reconciled_too(self, project: ProjectFiles, upgraded: str) -> None:
        billing(project).revision("b4", down="b3", **table("four"))
        execute(
            upgraded,
            "CREATE TABLE four (id int)",
            "UPDATE alembic_version SET version_num = 'b4' WHERE version_num = 'b3'",
        )
        done(strict(project, upgraded))
        billing(project).revision("b5", down="b4", **table("five"))
        done(strict(project, upgraded))
        assert history(upgraded)[-2:] == [("b4", "stamp"), ("b5", "upgrade")]

    def test_a_stamped_one_as_well(self, project: ProjectFiles, database_url: str) -> None:
        api.stamp(project.load(), ["b2"], database=database_url)
        assert rules(project, database_url) == []
        done(strict(project, database_url))
        assert ("b1", "stamp") in history(database_url)


class TestAccept:
    @pytest.mark.parametrize("id_", ["b 4", "it's", "b4$(exit)"])
    def test_is_proposed_as_a_shell_has_to_be_told(
        self, project: ProjectFiles, upgraded: str, id_: str
    ) -> None:
        text = "revision = {!r}\ndown_revision = 'b3'\ndef upgrade(): {}\ndef downgrade(): pass\n"
        file = "app/modules/billing/migrations/versions/odd.py"
        project.file(file, text.format(id_, "pass"))
        done(modalembic(project, "upgrade", url=upgraded))
        project.file(file, text.format(id_, "return 1"))
        (finding,) = found(project, upgraded)
        assert shlex.split(finding["fix"]) == ["modalembic", "repair", "--accept", id_]
        hint = shlex.split(strict(project, upgraded).err.rpartition("modalembic repair ")[2])
        assert hint == ["--accept", id_]
        done(modalembic(project, "repair", *hint, url=upgraded))
        assert found(project, upgraded) == []

    @pytest.mark.parametrize(
        ("id_", "said"), [("nope", "neither this code nor the database"), ("b2", "as it is in")]
    )
    def test_of_what_was_not_edited_is_refused(
        self, project: ProjectFiles, upgraded: str, id_: str, said: str
    ) -> None:
        before = history(upgraded)
        refused = modalembic(project, "repair", "--accept", id_, url=upgraded)
        assert (refused.code, said in refused.err) == (2, True)
        assert history(upgraded) == before

    def test_of_several_at_once_as_strict_proposes(
        self, project: ProjectFiles, upgraded: str
    ) -> None:
        billing(project).revision("b1", **table("other"))
        billing(project).revision("b3", down="b2", **table("another"))
        hint = strict(project, upgraded).err.rpartition("modalembic repair ")[2].split()
        done(modalembic(project, "repair", *hint, url=upgraded))
        done(strict(project, upgraded))
