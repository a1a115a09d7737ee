"""Applications of tests are all called `app`: each test imports its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def forgotten(*packages: str) -> Iterator[None]:
    """`packages`, and what lies below, not imported before the block, and forgotten after it."""
    kept = {name: module for name, module in sys.modules.items() if _is_below(name, packages)}
    for name in kept:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if _is_below(name, packages)]:
            del sys.modules[name]
        sys.modules.update(kept)


def _is_below(name: str, packages: tuple[str, ...]) -> bool:
    return name.partition(".")[0] in packages
