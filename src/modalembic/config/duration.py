"""Lengths of time as people write them."""

from __future__ import annotations

import math
import re

_UNITS = {
    "ms": 0.001,
    "s": 1.0,
    "min": 60.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
    "": 1.0,
}
_DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|s|min|m|h|d|w|)\s*")


def parse_duration(text: str | float) -> float:
    """Seconds from `5`, `"5s"`, `"500ms"`, `"2min"`, `"1h"`, `"90d"` or `"2w"`; a bare number is
    seconds.

    Raises ValueError for anything else, negative lengths included.
    """
    if isinstance(text, bool):
        raise ValueError("true and false are no lengths of time")
    if isinstance(text, int | float):
        if not 0 <= text < math.inf:
            raise ValueError(f"{text} is not a length of time: it has to be finite, zero or more")
        return float(text)
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a length of time such as 5s, 500ms or 2min")
    return float(match[1]) * _UNITS[match[2]]
