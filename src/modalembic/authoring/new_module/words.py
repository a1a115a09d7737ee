"""A module's name in the spellings that source needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """`dev_tools` as it is, as `DevTools`, as `Dev tools`, as `DEV_TOOLS`."""

    name: str

    @property
    def class_name(self) -> str:
        """As a class is called."""
        return "".join(part[:1].upper() + part[1:] for part in self.name.split("_"))

    @property
    def title(self) -> str:
        """As a person writes it."""
        text = self.name.replace("_", " ").strip()
        return text[:1].upper() + text[1:]

    @property
    def upper(self) -> str:
        """As a constant is called."""
        return self.name.upper()

    def instead_of(self, other: Words, source: str) -> str:
        """`source` that names the module `other`, naming this one."""
        spellings = ((other.name, self.name), (other.class_name, self.class_name))
        return _replaced(source, (*spellings, (other.upper, self.upper)))

    def in_text_of(self, other: Words, text: str) -> str:
        """`text`, for people or a value, that names the module `other`, naming this one."""
        spellings = ((other.name, self.name), (other.title, self.title))
        return _replaced(text, (*spellings, (other.class_name, self.class_name)))


def _replaced(text: str, spellings: Iterable[tuple[str, str]]) -> str:
    return next((text.replace(old, new) for old, new in spellings if old in text), text)
