"""TOML with line numbers, for messages.

`tomllib` gives no positions. But a statement of TOML is the shortest run of lines that parses by
itself, so the standard parser tells where each one ends, whatever its notation (dotted keys, inline
tables, headers, strings over several lines).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from modalembic.errors import ConfigurationError


def read_toml(path: Path) -> dict[str, Any]:
    """The document at `path`, not to be changed: it is kept, as a `pyproject.toml` is asked for
    more than once. Raises ConfigurationError with file and line where it is not TOML."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path.name} is not UTF-8: {error}", path=path) from error
    except OSError as error:
        raise ConfigurationError(f"{path.name}: {error.strerror}", path=path) from error
    try:
        return _parse(text)
    except tomllib.TOMLDecodeError as error:
        position = re.search(r"at line (\d+)", str(error))
        line = int(position[1]) if position else text.count("\n") + 1
        raise ConfigurationError(
            f"{path.name} is not valid TOML: {error}", path=path, line=line
        ) from error


@lru_cache(maxsize=2)
def _parse(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def tool_table(document: Mapping[str, Any], name: str) -> Any:
    """`[tool.NAME]` of a `pyproject.toml`, whatever it is; None where there is none."""
    tool = document.get("tool")
    return tool.get(name) if isinstance(tool, dict) else None


def line_of(path: Path, keys: tuple[str, ...]) -> int | None:
    """The line (1-based) of the first statement that brings `keys` into the document, or None."""
    try:
        return _lines(path.read_text(encoding="utf-8")).get(keys)
    except (OSError, UnicodeDecodeError):
        return None


@lru_cache(maxsize=2)
def _lines(text: str) -> Mapping[tuple[str, ...], int]:
    """Lines by keys; the tables of an array have their number, from 0, for a last key as well."""
    lines: dict[tuple[str, ...], int] = {}
    entries: Counter[tuple[str, ...]] = Counter()
    header: tuple[str, ...] = ()
    for line, source, document in _statements(text):
        if source.lstrip().startswith("["):
            header = max(_paths(document), key=len)
            for length in range(1, len(header) + 1):
                lines.setdefault(header[:length], line)
            if source.lstrip().startswith("[["):
                lines[*header, str(entries[header])] = line
                entries[header] += 1
        else:
            for path in _paths(document):
                lines.setdefault((*header, *path), line)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Line, source and value of each statement that stands alone."""
    begun, source = 1, ""
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        source += line
        try:
            document = tomllib.loads(source)
        except tomllib.TOMLDecodeError:
            continue
        if document:
            yield begun, source, document
        begun, source = number + 1, ""


def _paths(value: Any) -> Iterator[tuple[str, ...]]:
    """The ways to everything in a document; through a table of an array, too."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0]
    if isinstance(value, dict):
        for key, below in value.items():
            yield (key,)
            for path in _paths(below):
                yield (key, *path)
