"""`rebase`: this branch's new revisions on top of what the base has."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from modalembic.authoring.rebase import Rebased, plan_rebase
from modalembic.errors import BaseUnavailable, ModalembicError, RebaseRefused, UnknownModule
from tests.authoring.branches import TwoBranches, two_branches


@pytest.fixture
def branches(tmp_path: Path) -> TwoBranches:
    return two_branches(tmp_path / "shop")


def rebased(branches: TwoBranches, module: str = "billing", base: str = "main") -> list[Rebased]:
    rebase = plan_rebase(branches.project.load(), module, base)
    rebase.changes.apply()
    return list(rebase.revisions)


def refused(branches: TwoBranches, module: str = "billing", base: str = "main") -> ModalembicError:
    before = branches.repository.git("status", "--porcelain")
    with pytest.raises(ModalembicError) as raised:
        rebased(branches, module, base)
    assert branches.repository.git("status", "--porcelain") == before
    return raised.value


def test_a_new_revision_gets_the_base_s_head_as_its_parent(branches: TwoBranches) -> None:
    branches.billing.revision("mine1", down="b1")
    branches.merge()
    assert rebased(branches) == [Rebased("mine1", "b1", "b2")]
    project = branches.project.load()
    assert project.problems == ()
    assert project.graph.heads["billing"] == ("mine1",)
    assert (branches.billing.path / "migrations/versions/HEAD").read_text() == "mine1\n"


def test_several_in_a_row_move_together(branches: TwoBranches) -> None:
    branches.billing.revision("mine1", down="b1").revision("mine2", down="mine1")
    branches.merge()
    assert rebased(branches) == [Rebased("mine1", "b1", "b2")]
    assert branches.project.load().graph.heads["billing"] == ("mine2",)


def test_several_new_lines_become_one(branches: TwoBranches) -> None:
    branches.billing.revision("mine1", down="b1").revision("mine2", down="b1")
    branches.merge()
    assert rebased(branches) == [Rebased("mine1", "b1", "b2"), Rebased("mine2", "b1", "mine1")]
    assert branches.project.load().graph.heads["billing"] == ("mine2",)


def test_a_line_keeps_the_order_that_dependencies_give_it(branches: TwoBranches) -> None:
    # By name z1 would come last; what a1 needs comes first.
    branches.billing.revision("a1", down="b1", depends_on="z1").revision("z1", down="b1")
    branches.merge()
    rebased(branches)
    graph = branches.project.load().graph
    assert (graph.down["z1"], graph.down["a1"]) == (("b2",), ("z1",))


def test_nothing_but_the_parent_changes_in_the_file(branches: TwoBranches) -> None:
    text = (
        '"""Mine\n\nRevision ID: mine1\nRevises: b1\nCreate Date: 2026-01-01\n\n"""\r\n'
        "revision: str = 'mine1'  # ours\r\ndown_revision: str | None = 'b1'  # theirs\r\n"
        "def upgrade():\r\n    pass\r\n"
    )
    path = branches.billing.revision_path("mine1")
    path.write_bytes(text.encode())
    branches.merge()
    rebased(branches)
    wanted = text.replace("Revises: b1", "Revises: b2").replace("= 'b1'", "= 'b2'")
    assert path.read_bytes() == wanted.encode()


def test_a_head_file_in_conflict_is_settled(branches: TwoBranches) -> None:
    repository, head = branches.repository, branches.billing.path / "migrations/versions/HEAD"
    branches.billing.revision("mine1", down="b1")
    head.write_text("mine1\n")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    head.write_text("b2\n")
    repository.commit()
    repository.git("checkout", "--quiet", "mine")
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "main")
    assert "<<<<<<<" in head.read_text()
    rebased(branches)
    assert head.read_text() == "mine1\n"


def test_a_second_rebase_has_nothing_to_do(branches: TwoBranches) -> None:
    branches.billing.revision("mine1", down="b1")
    branches.merge()
    rebased(branches)
    rebase = plan_rebase(branches.project.load(), "billing", "main")
    assert (rebase.revisions, rebase.changes.changes) == ((), ())


def test_stock_alembic_has_one_head_afterwards(branches: TwoBranches) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    branches.billing.revision("mine1", down="b1")
    branches.merge()
    rebased(branches)
    config = Config()
    config.set_main_option("script_location", str(branches.project.root / "migrations"))
    config.set_main_option("path_separator", "newline")
    versions = branches.billing.path / "migrations/versions"
    config.set_main_option("version_locations", str(versions))
    assert ScriptDirectory.from_config(config).get_heads() == ["mine1"]


class TestRefused:
    def test_is_a_merge(self, branches: TwoBranches) -> None:
        branches.billing.revision("mine1", down="b1").revision("mine2", down="b1")
        branches.billing.revision("mine3", down=["mine1", "mine2"])
        branches.merge()
        error = refused(branches)
        assert isinstance(error, RebaseRefused)
        assert error.message.startswith("mine3 is a merge")
        assert error.line == 6

    def test_is_a_base(self, branches: TwoBranches) -> None:
        branches.billing.revision("mine1")
        branches.merge()
        assert "mine1 follows no other revision" in refused(branches).message

    def test_is_what_follows_another_module(self, branches: TwoBranches) -> None:
        branches.project.module("orders").revision("o1")
        branches.billing.revision("mine1", down="o1")
        branches.merge()
        assert "mine1 follows o1 of another module" in refused(branches).message

    def test_is_a_computed_parent(self, branches: TwoBranches) -> None:
        branches.billing.revision("mine1", down="b1")
        path = branches.billing.revision_path("mine1")
        path.write_text(path.read_text().replace("= 'b1'", "= 'b' + str(1)"))
        branches.merge()
        error = refused(branches)
        assert "is computed" in error.message
        assert error.hint == 'write down_revision = "b2" yourself'

    def test_is_what_a_database_has_run(self, branches: TwoBranches) -> None:
        branches.billing.revision("mine1", down="b1")
        branches.merge()
        with pytest.raises(RebaseRefused, match="the database has run mine1"):
            plan_rebase(
                branches.project.load(), "billing", "main", applied=frozenset({"b1", "mine1"})
            )

    def test_is_a_base_whose_revisions_are_not_here(self, branches: TwoBranches) -> None:
        branches.billing.revision("mine1", down="b1")
        branches.repository.commit()
        error = refused(branches)
        assert error.message.startswith("main has b2 of billing, which is not here")
        assert error.hint is not None
        assert error.hint.startswith("git merge main")

    def test_is_a_module_that_the_base_does_not_have(self, branches: TwoBranches) -> None:
        branches.project.module("orders").revision("o1")
        branches.merge()
        assert refused(branches, "orders").message.startswith("main has no revision of orders")

    def test_is_a_module_that_is_not_there(self, branches: TwoBranches) -> None:
        assert isinstance(refused(branches, "orders"), UnknownModule)

    def test_is_a_reference_that_is_not_there(self, branches: TwoBranches) -> None:
        assert isinstance(refused(branches, base="nowhere"), BaseUnavailable)

    def test_is_a_circle(self, branches: TwoBranches) -> None:
        # Of two new lines, the one that comes first by name needs the other through a module.
        orders = branches.project.module("orders")
        branches.billing.revision("mine1", down="b1")
        orders.revision("o1", depends_on="mine1")
        branches.merge()
        branches.billing.revision("b2", down="b1", depends_on="o1")
        assert "in a circle: " in refused(branches).message
