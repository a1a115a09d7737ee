"""`ModuleDefinition`: the manifest of a module, for applications that have no shape of their own.

modalembic reads the call in a module's `definition.py` from the source and never imports it; the
class is here so that the application can use the same value when it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class ModuleDefinition:
    """What a module is: `name` (as in targets), `tier`, the names of the modules that it
    `requires`, the `components` that it has (None: it does not say), and `paths` that differ from
    the conventions (`migrations`, `models`; relative to the module). With `auto_install=False` a
    database has it only after `modalembic install`."""

    name: str
    tier: Literal["core", "optional", "internal"] = "optional"
    requires: tuple[str, ...] | list[str] = ()
    components: tuple[str, ...] | list[str] | None = None
    description: str = ""
    auto_install: bool = True
    paths: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
