"""The shop before and after its split: two histories, one schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests import catalog
from tests.examples.shops import MARKETPLACE, MONOLITH, Shop

if TYPE_CHECKING:
    import psycopg

Connect = Callable[[str], "psycopg.Connection[Any]"]


def test_both_histories_end_in_the_same_catalog(
    make_database: Callable[[], str], connect_to: Connect
) -> None:
    before, after = make_database(), make_database()
    MONOLITH.alembic(before, "upgrade", "head")
    MARKETPLACE.alembic(after, "upgrade", "heads")

    ours = catalog.read(connect_to(before))
    theirs = catalog.read(connect_to(after))

    assert {kind: len(rows) for kind, rows in ours.items() if kind in {"tables", "triggers"}} == {
        "tables": 53,  # one of them is the view, another the materialised view
        "triggers": 2,
    }
    for kind, rows in ours.items():
        assert rows or kind == "collations", f"nothing of kind {kind} to compare"
        assert rows == theirs[kind]


@pytest.mark.slow
@pytest.mark.parametrize("shop", [MONOLITH, MARKETPLACE], ids=lambda shop: shop.name)
def test_a_downgrade_to_base_leaves_nothing(
    shop: Shop, database_url: str, connect_to: Connect
) -> None:
    shop.alembic(database_url, "upgrade", "heads")
    first = catalog.read(connect_to(database_url))

    shop.alembic(database_url, "downgrade", "base")
    assert not any(catalog.read(connect_to(database_url)).values())

    shop.alembic(database_url, "upgrade", "heads")
    assert catalog.read(connect_to(database_url)) == first


def test_the_legacy_revisions_are_the_same_in_both() -> None:
    """But for the label: a history of one branch has no use for it."""
    versions = MONOLITH.directory / "migrations" / "versions"
    legacy = sorted((MARKETPLACE.directory / "migrations" / "legacy").glob("*.py"))

    assert len(legacy) == 31
    for path in legacy:
        without_label = path.read_text().replace('= ("legacy",)', "= None")
        assert (versions / path.name).read_text() == without_label
