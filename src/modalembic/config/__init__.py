"""`[tool.modalembic]`, `modalembic.toml`, environment variables, defaults: one frozen value."""

from modalembic.config.duration import parse_duration
from modalembic.config.load import load_configuration
from modalembic.config.settings import (
    Configuration,
    ManifestShape,
    ModuleTable,
    Tier,
)

__all__ = [
    "Configuration",
    "ManifestShape",
    "ModuleTable",
    "Tier",
    "load_configuration",
    "parse_duration",
]
