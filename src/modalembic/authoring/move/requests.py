"""What is asked for: on the command line, or in a plan file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.authoring.move.relocations import Place
from modalembic.authoring.move.tree import SourceTree
from modalembic.config.toml import read_toml
from modalembic.errors import UsageError

_FORM = "write a module as a.b, a name in one as a.b:Name, several names as a.b:One,Two"


@dataclass(frozen=True)
class Request:
    """Sources that go to one target, as written: a module of the application, or a dotted path."""

    sources: tuple[Place, ...]
    target: str


def request_of(tree: SourceTree, arguments: Sequence[str]) -> Request:
    """From the arguments `SOURCE … TARGET`. Raises UsageError."""
    if len(arguments) < 2:
        raise UsageError(
            "move needs a SOURCE and a TARGET",
            hint="as in modalembic move app.models.invoice billing; or --from-file plan.toml",
        )
    *sources, target = arguments
    return Request(tuple(place for source in sources for place in places_of(tree, source)), target)


def requests_in(tree: SourceTree, path: Path) -> tuple[Request, ...]:
    """From a plan file: `[[move]]` with `from` (a source, or a list of them) and `to`.

    Raises UsageError, and ConfigurationError for a file that is no TOML.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}", hint="--from-file takes a TOML file")
    document = read_toml(path)
    moves = document.get("move")
    if not isinstance(moves, list) or not moves or set(document) != {"move"}:
        raise UsageError(
            f"{path.name} is no plan of moves",
            hint='it holds [[move]] tables with from = "app.models.invoice" and to = "billing"',
            path=path,
        )
    return tuple(_request(tree, path, each) for each in moves)


def _request(tree: SourceTree, path: Path, move: Any) -> Request:
    given = move if isinstance(move, dict) else {}
    sources = given.get("from")
    sources = [sources] if isinstance(sources, str) else sources
    target = given.get("to")
    strings = isinstance(sources, list) and all(isinstance(each, str) for each in sources)
    if not sources or not strings or not isinstance(target, str) or set(given) != {"from", "to"}:
        raise UsageError(
            f"{path.name}: a [[move]] has `from`, a source or a list of sources, and `to`",
            hint='as in from = "app.models.invoice" and to = "billing"',
            path=path,
        )
    return Request(tuple(place for source in sources for place in places_of(tree, source)), target)


def places_of(tree: SourceTree, text: str) -> Sequence[Place]:
    """A file (dotted, or its path), or names in one. Raises UsageError."""
    module, colon, names = text.partition(":")
    if module.endswith(".py"):
        module = tree.module_of((Path.cwd() / module).resolve()) or module
    listed = [name.strip() for name in names.split(",")] if colon else []
    if not all(map(str.isidentifier, (*module.split("."), *listed))):
        raise UsageError(f"{text!r} names nothing that can be moved", hint=_FORM)
    return [Place(module, name) for name in listed] or [Place(module)]
