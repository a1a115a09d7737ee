"""Renames: said or asked, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.autogenerate.label_renames import LabelRename
from modalembic.authoring.autogenerate.renames import Rename, Wanted
from modalembic.checks.dependencies import check_dependencies
from modalembic.errors import RenameUndecided, UsageError
from tests.authoring.autogenerate.shops import Shop, bodies, shop

PEOPLE = """
Table("people", M, Column("id", Integer, primary_key=True), Column("email", Text, unique=True))
"""
USERS = PEOPLE.replace("people", "users")
ORDERS = """
Table("orders", M, Column("id", Integer, primary_key=True), Column("total", Integer),
    Column("who", ForeignKey("people.id")))
"""
RENAMED = ORDERS.replace("people", "users").replace("total", "amount")


@pytest.fixture
def named(tmp_path: Path, server_url: str) -> Shop:
    """The table of users and a column of orders have other names in the models now."""
    files = shop(tmp_path / "shop", server_url, "orders", "users")
    files.models(users=PEOPLE, orders=ORDERS).generated()
    return files.models(users=USERS, orders=RENAMED)


def test_nobody_guesses(named: Shop) -> None:
    with pytest.raises(RenameUndecided) as raised:
        named.planned()
    assert "people is gone and users is new" in raised.value.message
    assert "orders.total is gone and orders.amount is new" in raised.value.message
    assert raised.value.hint is not None
    assert "--rename people=users" in raised.value.hint


@pytest.mark.parametrize("column", ["orders.total=orders.amount", "orders.total=amount"])
def test_what_is_said_is_renamed(named: Shop, column: str) -> None:
    planned = named.generated(renames=Wanted(("people=users", column)))
    made = {each.module: each for each in planned.revisions}
    written = bodies(planned)
    assert 'op.rename_table("people", "users")' in written["users"]
    assert 'op.alter_column("orders", "total", new_column_name="amount")' in written["orders"]
    assert "drop_table" not in written["users"]
    # Whoever refers to the table by its old name comes before.
    assert [need.module for need in made["users"].place.needs] == ["orders"]
    assert {each.destructive for each in planned.revisions} == {()}
    assert named.drift() == []
    assert [*check_dependencies(named.files.load())] == []


def test_who_is_asked_decides(named: Shop) -> None:
    asked: list[tuple[str, str]] = []

    def ask(rename: Rename | LabelRename) -> bool:
        asked.append(rename.told)
        return rename.told == ("people", "users")

    planned = named.generated(renames=Wanted(ask=ask))
    assert asked == [("people", "users"), ("orders.total", "orders.amount")]
    written = bodies(planned)
    assert "op.rename_table" in written["users"]
    assert 'op.drop_column("orders", "total")' in written["orders"]
    assert named.drift() == []


def test_a_label_has_another_name(tmp_path: Path, server_url: str) -> None:
    table = 'Table("t", M, Column("k", Enum("a", "{}", name="kind"), server_default="{}"))'
    files = shop(tmp_path / "shop", server_url, "core").models(core=table.format("b", "b"))
    files.generated()
    files.models(core=table.format("it's: c", "it's: c"))
    with pytest.raises(RenameUndecided, match=r"kind\.b is gone and kind\.it's: c is new"):
        files.planned()
    planned = files.generated(renames=Wanted(("kind.b=it's: c",)))
    assert "ALTER TYPE public.kind RENAME VALUE 'b' TO 'it''s" in bodies(planned)["core"]
    assert planned.left == ()
    assert files.drift() == []


def test_none_is_one_where_that_is_said(named: Shop) -> None:
    written = bodies(named.generated(renames=Wanted(no_others=True)))
    assert 'op.drop_table("people")' in written["users"]
    assert named.drift() == []


@pytest.mark.parametrize("text", ["people", "people=", "=users", "nobody=users", "people=nobody"])
def test_a_name_that_is_not_gone_or_not_new_is_refused(named: Shop, text: str) -> None:
    with pytest.raises(UsageError, match="--rename"):
        named.planned(renames=Wanted((text,)))
