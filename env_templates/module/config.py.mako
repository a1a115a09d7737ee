"""The settings of the ${title.lower()} module."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ${class_name}Settings:
    """What can be set from outside, with its defaults."""
