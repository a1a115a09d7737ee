"""One revision for each module that has changed, each on its own branch, in an order that works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modalembic.checks.dependencies import check_dependencies
from modalembic.checks.history import check_history
from modalembic.errors import MultipleHeads, NoOwner, TwoOwners, UnknownModule, UsageError
from tests.authoring.autogenerate.shops import Shop, bodies, shop
from tests.runtime.support import ENV, alembic_process, done

USERS = 'users = Table("users", M, Column("id", Integer, primary_key=True))\n'
ORDERS = """
orders = Table(
    "orders",
    M,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
)
"""


@pytest.fixture
def two(tmp_path: Path, server_url: str) -> Shop:
    """Users and orders, whose names are in the wrong order for what they need."""
    return shop(tmp_path / "shop", server_url, "orders", "users")


def test_models_that_agree_with_the_migrations_are_no_reason_to_write(two: Shop) -> None:
    two.models(users="", orders="")
    planned = two.generated()
    assert (planned.revisions, planned.changes.changes, planned.left) == ((), (), ())


def test_a_module_that_has_not_changed_gets_no_revision(two: Shop) -> None:
    two.models(users=USERS, orders="")
    (made,) = two.generated("Make users").revisions
    assert (made.module, made.place.down, made.place.needs) == ("users", "users1", ())
    assert two.drift() == []
    assert two.generated().revisions == ()


def test_each_module_gets_its_own_on_its_own_branch(two: Shop) -> None:
    two.models(users=USERS, orders=ORDERS)
    users, orders = two.generated().revisions
    project = two.files.load()
    assert project.problems == ()
    assert project.graph.heads["users"] == (users.place.id,)
    assert project.graph.heads["orders"] == (orders.place.id,)
    assert [(n.revision, n.module) for n in orders.place.needs] == [(users.place.id, "users")]
    assert two.drift() == []
    assert [*check_history(project)] == []
    assert [*check_dependencies(project)] == []


def test_a_key_to_an_older_table_needs_the_revision_that_created_it(two: Shop) -> None:
    two.models(users=USERS, orders="")
    created = two.generated().revisions[0].place.id
    wider = USERS.replace("))", '), Column("name", String))')
    two.models(users=wider)
    two.generated()
    two.models(orders=ORDERS)
    (orders,) = two.generated().revisions
    assert [(n.revision, n.why) for n in orders.place.needs] == [
        (created, "it created table users")
    ]


def test_what_is_implied_already_is_not_said_again(two: Shop) -> None:
    two.models(users=USERS, orders=ORDERS)
    two.generated()
    again = ORDERS.replace(
        "nullable=False)", 'nullable=False), Column("by", ForeignKey("users.id"))'
    )
    two.models(orders=again)
    (orders,) = two.generated().revisions
    assert orders.place.needs == ()


def test_modules_that_refer_to_each_other_get_their_tables_first(two: Shop) -> None:
    circle = USERS.replace("))", '), Column("last", ForeignKey("orders.id")))')
    two.models(users=circle, orders=ORDERS)
    planned = two.generated()
    first, second, third = planned.revisions
    assert [each.module for each in planned.revisions] == ["orders", "users", "orders"]
    assert third.place.down == first.place.id
    assert [n.revision for n in third.place.needs] == [second.place.id]
    text = third.path.read_text()
    assert "op.create_foreign_key(" in text
    assert "closes a circle" in " ".join(text.split())
    assert "ForeignKey" not in first.path.read_text()
    assert "ForeignKeyConstraint" in second.path.read_text()
    assert two.drift() == []
    assert [*check_dependencies(two.files.load())] == []


def test_tables_that_refer_to_each_other_are_dropped_together(two: Shop) -> None:
    circle = USERS.replace("))", '), Column("last", ForeignKey("orders.id")))')
    kept = 'kept = Table("kept", M, Column("id", Integer, primary_key=True))\n'
    two.models(users=f"{circle}\n{kept}", orders=ORDERS)
    two.generated()
    two.models(users=kept, orders="")
    planned = two.generated()
    assert sorted(each.module for each in planned.revisions) in (
        ["orders", "users", "users"],
        ["orders", "orders", "users"],
    )
    first, second, third = planned.revisions
    assert first.module == third.module != second.module
    text = first.path.read_text()
    assert "op.drop_constraint(" in text
    assert "op.drop_table(" not in text
    assert [need.revision for need in second.place.needs if need.module == first.module] == [
        first.place.id
    ]
    assert [n.revision for n in third.place.needs] == [second.place.id]
    assert two.drift() == []
    assert [*check_dependencies(two.files.load())] == []


def test_an_association_table_goes_to_the_module_that_defines_it(two: Shop) -> None:
    link = """
link = Table(
    "link",
    M,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
)
"""
    two.models(users=USERS, orders=ORDERS + link)
    assert '"link"' in bodies(two.generated())["orders"]


def test_a_table_of_nobody_stops_the_command(two: Shop) -> None:
    two.models(users=f"from app import central\n{USERS}", orders="")
    two.files.file(
        "app/central.py",
        "from sqlalchemy import Column, Integer, Table\nfrom app.base import M\n"
        'lost = Table("lost", M, Column("id", Integer, primary_key=True))\n',
    )
    with pytest.raises(NoOwner, match="'lost' belongs to no module") as raised:
        two.planned()
    assert (raised.value.path, raised.value.line) == (two.files.root / "app/central.py", 3)


def test_a_table_with_two_owners_stops_the_command(two: Shop) -> None:
    header = "from sqlalchemy import Column, Integer, Table\nfrom app.base import M\n"
    two.files.file("app/central.py", header + USERS)
    for name in ("users", "orders"):
        text = "from app.central import users as users\n"
        two.files.file(f"app/modules/{name}/models.py", text)
    with pytest.raises(TwoOwners):
        two.planned()


def test_one_module_alone(two: Shop) -> None:
    two.models(users=USERS, orders=ORDERS.replace('ForeignKey("users.id")', "Integer"))
    planned = two.generated(module="orders")
    assert [each.module for each in planned.revisions] == ["orders"]
    assert {finding.name for finding in two.drift()} == {"public.users"}


@pytest.mark.parametrize("message", ["", "  "])
def test_a_message_is_needed(two: Shop, message: str) -> None:
    with pytest.raises(UsageError, match="needs a message"):
        two.planned(message)


def test_an_unknown_module_is_refused(two: Shop) -> None:
    two.models(users=USERS, orders="")
    with pytest.raises(UnknownModule):
        two.planned(module="nobody")


def test_two_heads_are_refused(two: Shop) -> None:
    two.files.module("users").revision("users2", down="users1").revision("users3", down="users1")
    two.models(users=USERS, orders="")
    with pytest.raises(MultipleHeads):
        two.planned()


def test_a_file_says_how_it_was_made_and_why_it_depends(two: Shop) -> None:
    two.models(users=USERS, orders=ORDERS)
    users, orders = two.generated("Begin").revisions
    text = " ".join(orders.path.read_text().split())
    assert text.startswith(
        '"""Begin Made by `modalembic revision --autogenerate` from the models of orders. '
        f"Depends on: - {users.place.id} of users: it makes or changes table users, which"
    )


def test_files_are_as_ruff_formats_them(two: Shop) -> None:
    long = "".join(f', Column("a_rather_long_name_{n}", Integer)' for n in range(4))
    two.models(users=USERS.replace("))", f"){long})"), orders=ORDERS)
    paths = [str(each.path) for each in two.generated('It\'s "quoted"').revisions]
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", *paths]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_stock_alembic_runs_them_up_and_down(two: Shop, database_url: str) -> None:
    url = 'context.config.get_main_option("sqlalchemy.url")'
    stock = ENV.replace(url, f'__import__("os").environ.get("SHOP_URL") or {url}')
    two.files.file("migrations/env.py", stock)
    kind = 'Column("kind", Enum("a", "b", name="kind"))'
    two.models(users=USERS.replace("))", f"), {kind})"), orders=ORDERS)
    two.generated()
    labels = kind.replace('"b", name="kind")', '"b", "c", name="kind"), server_default="c"')
    two.models(users=USERS.replace("))", f"), {labels})"))
    two.generated()
    configuration = two.files.root / "pyproject.toml"
    locations = "".join(
        f'"%(here)s/app/modules/{name}/migrations/versions",' for name in ("users", "orders")
    )
    configuration.write_text(
        f"{configuration.read_text()}\n[tool.alembic]\n"
        f'script_location = "%(here)s/migrations"\nversion_locations = [{locations}]\n'
    )
    given = {"SHOP_URL": database_url.replace("postgresql:", "postgresql+psycopg:")}
    for command in (("upgrade", "heads"), ("downgrade", "base"), ("upgrade", "heads")):
        done(alembic_process(two.files, *command, **given))
