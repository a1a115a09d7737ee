"""Source laid out as formatters leave it: one field in each line, double quotes."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_WIDTH = 80
_INDENT = "    "


@dataclass(frozen=True)
class Listed:
    """A display: a list, tuple, set or dict with its elements as source. It goes into one line if
    it is short, else each element has one."""

    begin: str
    elements: tuple[str, ...]
    end: str

    @property
    def on_one_line(self) -> str:
        """The display as it is short."""
        comma = "," if self.begin == "(" and len(self.elements) == 1 else ""
        return f"{self.begin}{', '.join(self.elements)}{comma}{self.end}"

    @property
    def on_several(self) -> str:
        """The display with an element in each line."""
        return "\n".join((self.begin, *(f"{_INDENT}{each}," for each in self.elements), self.end))


Value = str | Listed


def quoted(text: str) -> str:
    """A string as source, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def as_source(node: ast.AST) -> str:
    """A node as source, with double quotes where it is a plain string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return quoted(node.value)
    return ast.unparse(node)


def call(function: str, fields: Mapping[str, Value]) -> str:
    """A call with keywords."""
    return _laid_out(f"{function}(", {f"{key}=": value for key, value in fields.items()}, ")")


def dictionary(fields: Mapping[str, Value]) -> str:
    """A dict display with strings for keys."""
    return _laid_out("{", {f"{quoted(key)}: ": value for key, value in fields.items()}, "}")


def _laid_out(begin: str, fields: Mapping[str, Value], end: str) -> str:
    lines = [begin]
    for key, value in fields.items():
        text = value if isinstance(value, str) else value.on_one_line
        if isinstance(value, Listed) and len(_INDENT + key + text) > _WIDTH:
            text = value.on_several
        lines.append(indented(f"{key}{text},", _INDENT))
    return "\n".join([*lines, end])


def indented(text: str, by: str) -> str:
    """`text` with each of its lines moved to the right."""
    return "\n".join(by + line for line in text.split("\n"))


def placed(holder: str, placeholder: str, text: str) -> str:
    """`holder` with `text` for its placeholder, every line indented as the first one is."""
    lines = []
    for line in holder.split("\n"):
        by = line[: len(line) - len(line.lstrip())]
        lines.append(line.replace(placeholder, indented(text, by).lstrip()))
    return "\n".join(lines)


def joined_imports(imports: Iterable[str]) -> tuple[str, ...]:
    """Import statements sorted, those from one module in one line."""
    plain = sorted({line for line in imports if line.startswith("import ")})
    names: dict[str, set[str]] = {}
    for line in imports:
        if not line.startswith("import "):
            module, _, name = line.removeprefix("from ").partition(" import ")
            names.setdefault(module, set()).add(name)
    return (
        *plain,
        *(f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)),
    )
