"""The documentation as data: pages, headings, code blocks, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and where it begins."""

    page: Page
    language: str
    text: str
    line: int

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The text without its blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(
            Block(self, match[1], match[2], self.text.count("\n", 0, match.start()) + 1)
            for match in _FENCE.finditer(self.text)
        )

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The anchors of the headings, as GitHub makes them."""
        found: dict[str, int] = {}
        anchors = set()
        for _, heading in _HEADING.findall(self.prose):
            anchor = _NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-")
            count = found[anchor] = found.get(anchor, -1) + 1
            anchors.add(f"{anchor}-{count}" if count else anchor)
        return frozenset(anchors)

    @property
    def links(self) -> tuple[str, ...]:
        return tuple(_LINK.findall(self.prose))

    def headings(self, level: int) -> tuple[str, ...]:
        """The headings of one level, without backticks."""
        return tuple(
            text.replace("`", "")
            for marks, text in _HEADING.findall(self.prose)
            if len(marks) == level
        )

    def section(self, heading: str) -> str:
        """The text from a heading of the second level to the next one."""
        parts = re.split(r"^## +(.+?) *$", self.text, flags=re.MULTILINE)
        sections = dict(zip(parts[1::2], parts[2::2], strict=True))
        return next(text for name, text in sections.items() if name.replace("`", "") == heading)


def page(name: str) -> Page:
    """The page at `name` below `docs`."""
    return Page(DOCS / name)


def all_pages() -> tuple[Page, ...]:
    """Every page there is, the README and the changelog included."""
    paths = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
    return tuple(Page(path) for path in paths)


def all_blocks(*languages: str) -> tuple[Block, ...]:
    """Every block in one of `languages`."""
    return tuple(b for page in all_pages() for b in page.blocks if b.language in languages)


def first_cells(text: str) -> Iterator[tuple[str, ...]]:
    """What stands in backticks in the first cell of each row of the tables in `text`."""
    for line in text.splitlines():
        if line.startswith("| `"):
            yield tuple(re.findall(r"`([^`]+)`", line.split("|")[1]))
