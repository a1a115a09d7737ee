from __future__ import annotations

import math

import pytest

from modalembic.config import parse_duration


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (5, 5.0),
        (0.5, 0.5),
        ("5", 5.0),
        ("5s", 5.0),
        (" 5 s ", 5.0),
        ("1.5s", 1.5),
        ("500ms", 0.5),
        ("2min", 120.0),
        ("2m", 120.0),
        ("1h", 3600.0),
        ("0", 0.0),
    ],
)
def test_a_length_of_time_in_seconds(written: str | float, seconds: float) -> None:
    assert parse_duration(written) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "written", ["", "s", "-5s", "5 days", "1,5s", "\u0665s", -1, -0.5, math.nan, math.inf, True]
)
def test_what_is_no_length_of_time(written: str | float) -> None:
    with pytest.raises(ValueError, match=r"lengths? of time"):
        parse_duration(written)
