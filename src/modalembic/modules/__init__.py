"""Which modules exist, what they require, and where each keeps its revisions."""

from modalembic.modules.discovery import Discovery, discover
from modalembic.modules.module import RESERVED_NAMES, Module, Origin

__all__ = ["RESERVED_NAMES", "Discovery", "Module", "Origin", "discover"]
