"""The bodies of revision files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import render_op
from sqlalchemy.dialects.postgresql import DOMAIN, ENUM

from modalembic.authoring.autogenerate.danger import danger_of
from modalembic.authoring.autogenerate.items import Call, Item, Rank, Statement, Undoing
from modalembic.authoring.autogenerate.layout import (
    INDENT,
    comment,
    laid_out_expression,
    quoted,
    without_parameters,
)

if TYPE_CHECKING:
    from alembic.operations.ops import MigrateOperation
    from alembic.runtime.migration import MigrationContext

    from modalembic.authoring.autogenerate.groups import Group


# Schemas are dropped when they are empty, and what has got its old name back is not there any more.
_LAST = (Rank.OBJECT, Rank.RENAME)


@dataclass(frozen=True)
class Body:
    """`upgrade` and `downgrade`, as `NewRevision` has them, and the imports that they need."""

    upgrades: str
    downgrades: str
    imports: str


class Writer:
    """Writes operations as `env.py`, which configured `context`, wants them, in lines of
    `width`."""

    def __init__(self, context: MigrationContext, width: int = 88) -> None:
        self._autogenerate = AutogenContext(context, autogenerate=False)
        self._autogenerate.opts = {**context.opts, "render_item": self._render}
        self._given = context.opts.get("render_item")
        self._width = width

    def body(self, group: Group, undoing: Undoing, by_hand: Sequence[str]) -> Body:
        """The body of a revision; `by_hand` is what is left to do."""
        self._autogenerate.imports.clear()
        up = [line for item in group.items for line in self._upgrade(item)]
        for text in by_hand:
            up += comment(text, self._width)
        down = [line for each in undoing.first for line in self._action(each)]
        backwards = group.items[::-1]
        others = [item for item in backwards if item.rank not in _LAST]
        down += [line for item in others for line in self._action(item.down)]
        down += [line for each in undoing.last for line in self._action(each)]
        down += [
            line for item in backwards if item.rank in _LAST for line in self._action(item.down)
        ]
        return Body(_joined(up), _joined(down), "\n".join(sorted(self._autogenerate.imports)))

    def source(self, action: MigrateOperation | Call) -> tuple[str, str]:
        """The source of one operation, and the imports that it needs."""
        self._autogenerate.imports.clear()
        lines = "\n".join(self._action(action))
        return lines, "\n".join(sorted(self._autogenerate.imports))

    def _upgrade(self, item: Item) -> Iterator[str]:
        danger = danger_of(item)
        if danger is not None:
            yield from comment(danger.remark, self._width)
        yield from self._action(item.up)

    def _action(self, action: MigrateOperation | Statement | Call | None) -> Iterator[str]:
        if isinstance(action, Statement):
            if action.remark is not None:
                yield from comment(action.remark, self._width)
            if action.sql is not None and action.alone:
                yield "with op.get_context().autocommit_block():"
                for line in executed(action.sql, self._width - 2 * INDENT):
                    yield " " * INDENT + line
            elif action.sql is not None:
                yield from executed(action.sql, self._width - INDENT)
        elif isinstance(action, Call):
            yield from laid_out_expression(action.source, self._width - INDENT).split("\n")
        elif action is not None:
            for text in render_op(self._autogenerate, action):
                if text.startswith("#"):
                    yield text
                else:
                    yield from laid_out_expression(text, self._width - INDENT).split("\n")

    def _render(self, kind: str, value: Any, context: AutogenContext) -> Any:
        """What `env.py` writes itself; what Alembic writes so that it cannot be run."""
        found = self._given(kind, value, context) if self._given is not None else False
        if found is not False or kind != "type":
            return found
        if isinstance(value, DOMAIN):
            return self._domain(value)
        if isinstance(value, ENUM):
            return self._enum(value)
        module = type(value).__module__
        if not module.startswith("sqlalchemy.") and not context.opts.get("user_module_prefix"):
            context.imports.add(f"import {module}")
        return False

    def _enum(self, value: ENUM) -> str:
        """As SQLAlchemy writes it itself, but for `create_type`, which older ones leave out."""
        self._autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        labels = "".join(f"{label!r}, " for label in value.enums)
        schema = f", schema={value.schema!r}" if value.schema else ""
        return f"postgresql.ENUM({labels}name={value.name!r}{schema}, create_type=False)"

    def _domain(self, value: DOMAIN) -> str:
        from alembic.autogenerate.render import _repr_type

        self._autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        schema = f", schema={value.schema!r}" if value.schema else ""
        inner = _repr_type(value.data_type, self._autogenerate)
        return f"postgresql.DOMAIN({value.name!r}, {inner}{schema}, create_type=False)"


def executed(sql: str, width: int) -> list[str]:
    """`op.execute(…)` of one statement; one that is too long for a line, in pieces."""
    text = without_parameters(sql)
    line = f"op.execute({quoted(text)})"
    if len(line) <= width:
        return [line]
    whole = " " * INDENT + quoted(text)
    pieces = [text] if len(whole) <= width else _pieces(text, width - INDENT - 2)
    return ["op.execute(", *(" " * INDENT + quoted(piece) for piece in pieces), ")"]


def _pieces(text: str, width: int) -> list[str]:
    """`text` cut behind spaces and line ends; no piece is longer than `width` if that can be."""
    pieces: list[str] = []
    for line in text.splitlines(keepends=True):
        piece = ""
        for word in re.findall(r"\S*\s*", line):
            if piece and len(quoted(piece + word.rstrip())) - 2 > width - 1:
                pieces.append(piece)
                piece = ""
            piece += word
        pieces.append(piece)
    return pieces


def _joined(lines: Iterable[str]) -> str:
    """Lines as a template has them: all but the first indented. `pass` for a body of nothing."""
    found = [*lines]
    if not any(line and not line.startswith("#") for line in found):
        found.append("pass")
    pad = " " * INDENT
    return "\n".join([found[0], *found[1:]]).replace("\n", f"\n{pad}") if found else "pass"
