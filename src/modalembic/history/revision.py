"""A revision as data."""

from __future__ import annotations

from typing import NamedTuple


class Header(NamedTuple):
    """What a revision file says at its top. A named tuple, because projects have tens of thousands
    of them and a frozen dataclass takes ten times as long to make.

    `down_revisions` and `depends_on` are as written (ids or labels); `doc` is the first paragraph
    of the docstring; `line` (1-based) is where `revision` is assigned.
    """

    revision: str
    down_revisions: tuple[str, ...]
    depends_on: tuple[str, ...]
    branch_labels: tuple[str, ...]
    doc: str
    line: int


class Revision(NamedTuple):
    """A header in its place: the module it belongs to, and its file.

    `branch_labels` are those it is known by: as written, renamed where the configuration says so,
    or the module's name where a base has none (`label_implied`).
    """

    id: str
    module: str
    down_revisions: tuple[str, ...]
    depends_on: tuple[str, ...]
    branch_labels: tuple[str, ...]
    doc: str
    path: str
    line: int
    label_implied: bool = False
