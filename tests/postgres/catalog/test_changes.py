from __future__ import annotations

from collections.abc import Callable

import pytest

from modalembic.postgres.catalog import Catalog, compare
from tests.postgres.catalog.changes import CHANGES, Change


def test_there_are_changes_enough() -> None:
    assert len({change.sql for change in CHANGES}) >= 80


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_true_change_is_found_and_named(
    changed: Callable[[str], Catalog], everything_catalog: Catalog, change: Change
) -> None:
    if everything_catalog.major < change.since:
        # There is nothing to change there; newer servers are tested beside it.
        return
    found = compare(everything_catalog, changed(change.sql))
    assert {(d.object, d.name, d.part, d.severity) for d in found} == change.found
    assert all(d.expected != d.actual for d in found)


def test_nothing_is_found_where_nothing_changed(
    changed: Callable[[str], Catalog], everything_catalog: Catalog
) -> None:
    assert compare(everything_catalog, changed("SELECT 1")) == ()


def test_changes_are_found_the_other_way_round(
    changed: Callable[[str], Catalog], everything_catalog: Catalog
) -> None:
    smaller = changed("DROP TABLE shop.scrap; DROP SEQUENCE shop.numbers")

    found = compare(smaller, everything_catalog)

    assert [(d.object, d.name, d.severity, d.expected, d.actual) for d in found] == [
        ("table", "shop.scrap", "error", None, "table"),
        ("sequence", "shop.numbers", "warning", None, "integer"),
    ]


def test_in_a_live_database_others_may_make_objects_of_their_own(
    changed: Callable[[str], Catalog], everything_catalog: Catalog
) -> None:
    actual = changed("CREATE TABLE shop.own (); CREATE VIEW shop.seen AS SELECT 1 AS one")

    found = compare(everything_catalog, actual, live=True)

    assert {(d.name, d.severity) for d in found} == {
        ("shop.own", "warning"),
        ("shop.seen", "warning"),
    }
