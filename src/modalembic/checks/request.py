"""What a check is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modalembic.project import Project
from modalembic.runtime.options import Observer

if TYPE_CHECKING:
    from modalembic.runtime.scratch.server import Scratch


@dataclass(frozen=True)
class CheckRequest:
    """A project to check and what to check it against.

    `base` is a git reference whose merge base with HEAD is compared; `modules` limits the findings
    to those of these modules (and those of none); both None or empty where they were not given.
    `against` is a live database that is compared with the migrations: a URL, or `live` for the one
    that `database` names, else the project. `observer` is told of what takes long. `scratch` is
    the server that the checks of one run share, and what was made on it; without `cache` that is
    all that is used of what was made before. Of moves, `static` asks for the proof that needs no
    database, and `pure` that nothing else changed.
    """

    project: Project
    base: str | None = None
    modules: tuple[str, ...] = ()
    against: str | None = None
    database: str | None = None
    observer: Observer | None = None
    scratch: Scratch | None = None
    cache: bool = True
    static: bool = False
    pure: bool = False
