"""The change that makes modules of a plain Alembic project."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.checks.move import Move
from tests.checks.moves_shop import INVOICES, adopted_monolith, checked, grave, split_monolith

MOVES = (
    Move("invoices", None, "billing", identical=True, ordered=True),
    Move("people", None, "core", identical=True, ordered=True),
)


def test_every_table_moved_from_no_module_and_is_identical(tmp_path: Path) -> None:
    report = checked(split_monolith(tmp_path / "shop"), static=True)

    assert (report.moves, grave(report)) == (MOVES, [])


@pytest.mark.slow
def test_postgres_proves_it(tmp_path: Path, server_url: str) -> None:
    report = checked(split_monolith(tmp_path / "shop", server_url))

    assert (report.moves, grave(report)) == (MOVES, [])


def test_what_changed_on_the_way_is_named(tmp_path: Path) -> None:
    repo = split_monolith(tmp_path / "shop")
    repo.project.file("app/modules/billing/models.py", INVOICES.replace("String(20)", "String(2)"))

    [found] = grave(checked(repo, static=True))

    assert (found.rule, found.name) == ("moves/changed", "public.invoices.number")
    assert found.message.startswith("invoices moved from no module to billing and changed")


def test_a_module_that_does_not_come_after_the_old_history_is_named(tmp_path: Path) -> None:
    repo = split_monolith(tmp_path / "shop")
    repo.project.module("billing").revision("b1")

    report = checked(repo, static=True)

    [found] = grave(report)
    assert (found.rule, found.part, found.module) == ("moves/unordered", "old", "billing")
    assert [move.ordered for move in report.moves] == [False, True]


def test_an_env_py_that_needs_a_database_is_given_one(tmp_path: Path, server_url: str) -> None:
    repo = split_monolith(tmp_path / "shop", server_url)
    env = repo.top / "migrations/env.py"
    asking = "assert not context.is_offline_mode(), 'a database, please'\n"
    old = repo.git("show", "main:migrations/env.py").replace(
        "url = context", asking + "url = context"
    )
    repo.git("stash", "--quiet", "--include-untracked")
    repo.git("switch", "--quiet", "main")
    env.write_text(old)
    repo.commit()
    repo.git("switch", "--quiet", "work")
    repo.git("reset", "--quiet", "--hard", "main")
    repo.git("stash", "pop", "--quiet")

    assert checked(repo).moves == MOVES


class TestAfterTheHistoryWasAdopted:
    """The base is a project with a central location, and no module has a model."""

    def test_models_that_env_py_alone_knew_have_moved(self, tmp_path: Path) -> None:
        report = checked(adopted_monolith(tmp_path / "shop"), static=True)

        assert report.moves == (MOVES[1],)
        # The invoices are still known to env.py alone: neither new nor gone.
        assert report.findings == ()

    @pytest.mark.slow
    def test_postgres_proves_it(self, tmp_path: Path, server_url: str) -> None:
        report = checked(adopted_monolith(tmp_path / "shop", f'scratch = "{server_url}"\n'))

        assert (report.moves, report.findings) == ((MOVES[1],), ())

    def test_what_is_lost_on_the_way_is_named(self, tmp_path: Path) -> None:
        repo = adopted_monolith(tmp_path / "shop")
        repo.project.file("app/models/__init__.py", "from . import people\n")

        [found] = grave(checked(repo, static=True))

        assert (found.rule, found.name) == ("moves/not-imported", "public.invoices")

    def test_without_a_database_an_env_py_that_needs_one_tells_nothing(
        self, tmp_path: Path
    ) -> None:
        repo = adopted_monolith(tmp_path / "shop")
        env = (repo.top / "migrations/env.py").read_text(encoding="utf-8")
        asking = "assert not context.is_offline_mode(), 'a database, please'\n"
        repo.project.file(
            "migrations/env.py", env.replace("url = context", f"{asking}url = context")
        )

        report = checked(repo, static=True)

        assert (report.moves, [each.rule for each in report.findings]) == ((), ["moves/new-table"])

    @pytest.mark.slow
    def test_a_table_without_a_model_is_told_from_a_new_one(
        self, tmp_path: Path, server_url: str
    ) -> None:
        """The monolith's migrations made the invoices, and nothing imported their model."""
        repo = adopted_monolith(tmp_path / "shop", f'scratch = "{server_url}"\n')
        repo.git("stash", "--quiet", "--include-untracked")
        repo.project.file("app/models/__init__.py", "from . import people\n")
        repo.commit()
        repo.git("branch", "--force", "main")
        repo.git("stash", "pop", "--quiet")
        repo.project.module("billing").file("models.py", INVOICES).revision("b1", depends_on="m2")

        report = checked(repo)

        assert report.moves == (MOVES[1],)
        [found] = report.findings
        assert found.rule == "moves/new-table"
        assert "the migrations made it before" in found.message
