"""What a module says of itself, and how the application finds the modules."""

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass, field
from typing import Literal

import app.modules

Tier = Literal["core", "optional", "internal"]


@dataclass(frozen=True)
class ModuleDefinition:
    code: str
    name: str
    tier: Tier | None = None
    requires: list[str] = field(default_factory=list)
    description: str = ""
    # The older spelling of `tier`, still found in a few definitions.
    is_core: bool = False
    is_internal: bool = False

    @property
    def effective_tier(self) -> Tier:
        if self.tier is not None:
            return self.tier
        if self.is_core:
            return "core"
        return "internal" if self.is_internal else "optional"


def load_definitions() -> dict[str, ModuleDefinition]:
    """Every module's definition, by code, in alphabetical order."""
    definitions = {}
    for package in pkgutil.iter_modules(app.modules.__path__):
        if package.ispkg:
            manifest = importlib.import_module(f"app.modules.{package.name}.definition")
            definitions[manifest.definition.code] = manifest.definition
    return definitions


def import_models() -> None:
    """Import all models: relationships name classes of other modules by string."""
    for code in load_definitions():
        name = f"app.modules.{code}.models"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)
