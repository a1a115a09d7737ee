"""The catalog is read where a revision goes on with what another one has changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modalembic.runtime.match.timeline import reading_points


def touching(**what: str) -> Callable[[str], frozenset[str]]:
    return lambda id_: frozenset(what[id_].split())


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({}, set()),
        ({"a": "t"}, {1}),
        ({"a": "t", "b": "u", "c": "v"}, {3}),
        ({"a": "t", "b": "t"}, {1, 2}),
        ({"a": "t", "b": "u", "c": "t u", "d": "u"}, {2, 3, 4}),
        ({"a": "t", "b": "", "c": "", "d": "t"}, {3, 4}),
    ],
)
def test_nothing_is_changed_by_two_between_readings(
    changes: dict[str, str], points: set[int]
) -> None:
    assert reading_points(tuple(changes), touching(**changes)) == points


def test_where_changes_are_not_known_it_is_read_after_each() -> None:
    assert reading_points(("a", "b", "c"), None) == {1, 2, 3}
