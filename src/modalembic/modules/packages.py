"""From a package's name to its directory and back, without importing anything.

`importlib.util.find_spec("a.b")` imports `a`; a package that cannot be imported could then not even
be found. Here each level is found in the directories of the one above.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from modalembic.errors import ModuleInZip, ModuleNotFound


def package_directory(
    name: str, search: Sequence[Path], *, named_in: Path, line: int | None = None
) -> Path:
    """The directory of the package `name`, looked for in `search` and then as Python would.

    `named_in` and `line` are where the name stands, for messages. Raises ModuleNotFound, and
    ModuleInZip where the package is not in a directory.
    """
    spec = find_spec(name, search)
    if spec is None:
        raise ModuleNotFound(
            f"there is no package {name!r}",
            hint="is it installed in this environment, or is sys_path missing its directory?",
            path=named_in,
            line=line,
        )
    locations = _search_locations(spec)
    if not locations:
        raise ModuleNotFound(
            f"{name!r} is a file, not a package",
            hint="name the package that holds it",
            path=named_in,
            line=line,
        )
    for location in locations:
        if Path(location).is_dir():
            return Path(location)
    raise ModuleInZip(
        f"package {name!r} is inside an archive ({locations[0]}); revision files have to be files",
        hint="install it unpacked",
        path=named_in,
        line=line,
    )


def find_spec(name: str, search: Sequence[Path]) -> ModuleSpec | None:
    """The spec of `name` with no parent imported; None where it cannot be found."""
    full, *rest = name.split(".")
    if not all(part.isidentifier() for part in (full, *rest)):
        return None
    spec = _find(full, [*map(str, search), *sys.path], full)
    for part in rest:
        below = None if spec is None else _search_locations(spec)
        if not below:
            return None
        full = f"{full}.{part}"
        spec = _find(part, below, full)
    return spec


def _find(part: str, path: list[str], name: str) -> ModuleSpec | None:
    # By its last part alone: a namespace package would ask for its parents in sys.modules.
    spec = PathFinder.find_spec(part, path)
    return _find_elsewhere(name, path if part != name else None) if spec is None else spec


def _find_elsewhere(name: str, path: list[str] | None) -> ModuleSpec | None:
    """What finders of other kinds know: those of editable installations, say."""
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find(name, path) if find is not None else None
        if spec is not None:
            return spec  # type: ignore[no-any-return]
    return None


def _search_locations(spec: ModuleSpec) -> list[str]:
    found = spec.submodule_search_locations
    if found is None:
        return []
    # The path of a namespace package would be looked for once more as soon as sys.path changes.
    return list(getattr(found, "_path", found))


def dotted_name(directory: Path, search: Sequence[Path]) -> str | None:
    """The dotted name under which Python imports `directory`; None where no entry of `search` leads
    there, or a part is no identifier. The longest entry wins (`src` before the project itself)."""
    for root in sorted(search, key=lambda path: len(path.parts), reverse=True):
        if directory != root and directory.is_relative_to(root):
            parts = directory.relative_to(root).parts
            return ".".join(parts) if all(part.isidentifier() for part in parts) else None
    return None
