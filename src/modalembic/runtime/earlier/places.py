"""Which paths are the working tree's, and what stands for them in the earlier tree."""

from __future__ import annotations

import os
import site
import sysconfig
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# modalembic's own.
PACKAGE = Path(__file__).resolve().parents[2]
_ENVIRONMENT = frozenset({"site-packages", "dist-packages"})


@dataclass(frozen=True)
class TreePlaces:
    """Tells paths of the working tree at `top` from those of the tree at `laid_out`.

    An environment inside of the working tree (`.venv`) is none of it, and neither is modalembic's
    own package. `copies` are directories elsewhere that an installation filled from the working
    tree.
    """

    top: Path
    laid_out: Path
    copies: frozenset[Path] = frozenset()

    def of_working_tree(self, path: Path) -> bool:
        """Whether what is at `path`, or what it links to, is the working tree's."""
        if path.parent in self.copies:
            return True
        real = Path(os.path.realpath(path))
        return self._is_inside(real) and not any(
            real.is_relative_to(place) for place in self._apart
        )

    def mapped(self, path: Path) -> Path:
        """What stands for `path`: its place in the earlier tree where it is the working tree's,
        else itself."""
        real = Path(os.path.realpath(path))
        if not self._is_inside(real) or not self.of_working_tree(path):
            return path
        return self.laid_out / real.relative_to(self.top)

    def mapped_all(self, entries: Iterable[str]) -> list[str]:
        """The entries of a search path, mapped, each once. An empty one is the directory that
        Python runs in."""
        return list(dict.fromkeys(str(self.mapped(Path(entry or "."))) for entry in entries))

    def _is_inside(self, real: Path) -> bool:
        return (
            real.is_relative_to(self.top)
            and not real.is_relative_to(self.laid_out)
            and not _ENVIRONMENT & set(real.parts)
        )

    @cached_property
    def _apart(self) -> Collection[Path]:
        paths = sysconfig.get_paths()
        named = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
        named += [*site.getsitepackages(), site.getusersitepackages()]
        return frozenset([PACKAGE, *(Path(os.path.realpath(name)) for name in named)])
