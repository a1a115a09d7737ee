"""Who may do what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege of one role; `grantee` is `PUBLIC` for everybody."""

    grantee: str
    privilege: str
    grantable: bool = False
