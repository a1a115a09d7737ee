from __future__ import annotations

import random

from modalembic.postgres.catalog.comparing.pairing import paired
from modalembic.postgres.catalog.writing.units import Rank, Unit, ordered


def unit(rank: Rank, name: str, *requires: str) -> Unit:
    return Unit(rank, name, (name,), name, requires)


def test_units_come_after_what_they_require_else_by_rank_and_name() -> None:
    units = [
        unit(Rank.VIEW, "a view", "function"),
        unit(Rank.ROUTINE, "function", "table"),
        unit(Rank.TABLE, "z table"),
        unit(Rank.TABLE, "table", "type"),
        unit(Rank.TYPE, "type", "not here"),
        unit(Rank.VIEW, "another view"),
    ]
    expected = ["type", "table", "function", "z table", "a view", "another view"]

    for seed in range(20):
        random.Random(seed).shuffle(units)
        assert [each.name for each in ordered(units)] == expected


def test_a_circle_loses_nothing() -> None:
    units = [unit(Rank.VIEW, "a", "b"), unit(Rank.VIEW, "b", "a"), unit(Rank.VIEW, "c", "a")]

    assert [each.name for each in ordered(units)] == ["a", "b", "c"]


def test_objects_are_paired_by_name_then_by_definition() -> None:
    pairs = paired(
        [("a", 1), ("b", 2), ("c", 3), ("d", 3)],
        [("a", 9), ("x", 2), ("y", 3)],
        lambda item: item[0],
        lambda item: item[1],
    )

    assert pairs.same == ((("a", 1), ("a", 9)),)
    assert pairs.renamed == ((("b", 2), ("x", 2)), (("c", 3), ("y", 3)))
    assert (pairs.missing, pairs.extra) == ((("d", 3),), ())


def test_without_a_definition_nothing_is_renamed() -> None:
    pairs = paired([("a", 1)], [("b", 1)], lambda item: item[0])

    assert (pairs.missing, pairs.renamed, pairs.extra) == ((("a", 1),), (), (("b", 1),))
