"""Statements with CONCURRENTLY that wait for other transactions, however long these are."""

from __future__ import annotations

import re
from typing import Literal

from modalembic.runtime.sql_text import without_opaque

# Not REFRESH MATERIALIZED VIEW, which leaves nothing behind where it fails.
_CONCURRENTLY = re.compile(
    r"\s*(?:CREATE\s+(?:UNIQUE\s+)?INDEX\s+|DROP\s+INDEX\s+|REINDEX\b[^;]*[\s(,]"
    r"|(?P<detach>ALTER\s+TABLE\b[^;]*\bDETACH\s+PARTITION\b[^;]*\s))"
    r"CONCURRENTLY\b(?!\s+(?:FALSE|OFF|0)\b)",  # an option of REINDEX may be false
    re.IGNORECASE,
)

Kind = Literal["index", "detach"]


def kind_of(statement: str) -> Kind | None:
    """Whether `statement` makes, drops or rebuilds an index, or detaches a partition, CONCURRENTLY;
    None where it does neither."""
    found = _CONCURRENTLY.match(without_opaque(statement))
    if found is None:
        return None
    return "index" if found["detach"] is None else "detach"
