"""Finders of editable installations lead into the working tree: here they lead into the earlier
tree. This runs in the process that reads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any

from modalembic.runtime.earlier.places import TreePlaces

_PYTHONS_OWN = (BuiltinImporter, FrozenImporter, PathFinder)


def redirect(places: TreePlaces) -> None:
    """Make every finder of this process lead into the earlier tree, and forget what has been
    imported from the working tree (by a `.pth` file, say)."""
    for name, _ in loaded_from_working_tree(places):
        del sys.modules[name]
    for name, module in sorted(sys.modules.items()):
        if name.startswith("__editable___"):
            _redirect_tables(vars(module), places)
    sys.meta_path[:] = [
        finder if finder in _PYTHONS_OWN else _Redirected(finder, places)
        for finder in sys.meta_path
    ]


def loaded_from_working_tree(places: TreePlaces) -> Iterator[tuple[str, Path]]:
    """The name and the file of every imported module that is the working tree's."""
    for name, module in sorted(sys.modules.items()):  # a copy: they may change meanwhile
        file = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(file, str) and places.of_working_tree(Path(file)):
            yield name, Path(os.path.realpath(file))


def _redirect_tables(names: dict[str, Any], places: TreePlaces) -> None:
    """The tables of setuptools' finders: directories of packages, lists of them for namespaces."""
    for table in (names.get("MAPPING", {}), names.get("NAMESPACES", {})):
        for name, found in table.items():
            many = not isinstance(found, str)
            mapped = [str(places.mapped(Path(each))) for each in (found if many else [found])]
            table[name] = mapped if many else mapped[0]


class _Redirected:
    """A finder whose finds in the working tree are sought in the earlier tree instead."""

    def __init__(self, finder: Any, places: TreePlaces) -> None:
        self._finder = finder
        self._places = places

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        find = getattr(self._finder, "find_spec", None)
        spec: ModuleSpec | None = find(name, path, target) if find is not None else None
        if spec is None or not any(self._is_ours(place) for place in _places_of(spec)):
            return spec
        return self._elsewhere(spec)

    def _is_ours(self, place: str) -> bool:
        return self._places.of_working_tree(Path(place))

    def _elsewhere(self, spec: ModuleSpec) -> ModuleSpec | None:
        mapped = [str(self._places.mapped(Path(each))) for each in _locations(spec)]
        there = [each for each in mapped if Path(each).is_dir()]
        if spec.origin is not None and spec.has_location:
            file = self._places.mapped(Path(spec.origin))
            if not file.is_file():
                return None
            below = there if spec.submodule_search_locations is not None else None
            return spec_from_file_location(spec.name, file, submodule_search_locations=below)
        if not there:
            return None
        found = ModuleSpec(spec.name, None, is_package=True)
        found.submodule_search_locations = there
        return found


def _places_of(spec: ModuleSpec) -> list[str]:
    return [*([spec.origin] if spec.origin and spec.has_location else []), *_locations(spec)]


def _locations(spec: ModuleSpec) -> list[str]:
    return [str(each) for each in spec.submodule_search_locations or ()]
