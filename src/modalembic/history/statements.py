"""What a revision's file says, cut into statements: calls of operations and SQL in strings.

This serves to find the line that speaks of an object, and nothing else: what a revision *does*
cannot be told from its source (names that are computed, SQL from elsewhere, helper functions).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from modalembic.syntax import NotLiteral, constants, evaluate, parse

# Which argument of an operation is the table, by position and by keyword.
_TABLE_ARGUMENT = {
    "add_column": (0, "table_name"),
    "alter_column": (0, "table_name"),
    "batch_alter_table": (0, "table_name"),
    "create_check_constraint": (1, "table_name"),
    "create_exclude_constraint": (1, "table_name"),
    "create_foreign_key": (1, "source_table"),
    "create_index": (1, "table_name"),
    "create_primary_key": (1, "table_name"),
    "create_table": (0, "table_name"),
    "create_table_comment": (0, "table_name"),
    "create_unique_constraint": (1, "table_name"),
    "drop_column": (0, "table_name"),
    "drop_constraint": (1, "table_name"),
    "drop_index": (1, "table_name"),
    "drop_table": (0, "table_name"),
    "drop_table_comment": (0, "table_name"),
    "rename_table": (0, "old_table_name"),
}
_OF_COLUMNS = frozenset({"add_column", "alter_column", "batch_alter_table", "create_table"})

_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_NAME = rf"(?P<name>{_IDENTIFIER}(?:\.{_IDENTIFIER})*)"
_OBJECT = re.compile(
    r"\b(?P<verb>CREATE|ALTER|DROP|COMMENT\s+ON)\s+(?:OR\s+REPLACE\s+)?"
    r"(?:(?:TEMP|TEMPORARY|UNLOGGED|FOREIGN|RECURSIVE|MATERIALIZED|EVENT)\s+)*"
    r"(?P<kind>TABLE|COLUMN|VIEW|TYPE|DOMAIN|SEQUENCE|FUNCTION|PROCEDURE|AGGREGATE|SCHEMA"
    r"|EXTENSION|STATISTICS|COLLATION|INDEX)\s+"
    rf"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?{_NAME}",
    re.IGNORECASE,
)
_OF_TABLE = re.compile(
    r"\b(?P<verb>CREATE|ALTER|DROP|COMMENT\s+ON)\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+|CONSTRAINT\s+)*"
    r"(?P<kind>INDEX|TRIGGER|POLICY|RULE|CONSTRAINT)\b.*?"
    rf"\b(?:ON\s+(?!UPDATE\b|DELETE\b|INSERT\b|SELECT\b)|TO\s+(?!\w+\s*;))(?:ONLY\s+)?{_NAME}",
    re.IGNORECASE | re.DOTALL,
)
_RENAMABLE = frozenset({"DOMAIN", "FUNCTION", "SEQUENCE", "TABLE", "TYPE", "VIEW"})
_RENAMED = re.compile(rf"\bRENAME\s+TO\s+{_NAME}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with the name of the object that it makes or changes (for an index or a trigger,
    its table), and its schema where it is said. `former` is what it was called before this renamed
    it; `creates` says that it makes the object, `columns` that it may speak of its columns."""

    subject: str
    text: str
    line: int
    creates: bool = False
    columns: bool = False
    former: str | None = None
    schema: str | None = None

    def line_of(self, word: str) -> int | None:
        """The line on which `word` stands, in quotes if it does anywhere; None: on none."""
        found = re.search(rf"""["']{re.escape(word)}["']""", self.text) or re.search(
            rf"(?<!\w){re.escape(word)}(?!\w)", self.text
        )
        return None if found is None else self.line + self.text.count("\n", 0, found.start())

    def has(self, words: str) -> bool:
        """Whether it has the words, in any case."""
        return words.lower() in " ".join(self.text.lower().split())


def read_statements(source: bytes, path: str) -> tuple[Statement, ...]:
    """The statements of a revision's file in the order of its lines, but for those of `downgrade`.
    A file that cannot be parsed has none."""
    try:
        tree = parse(source, path)
    except SyntaxError:
        return ()
    text = source.decode("utf-8", "replace")
    reader = _Reader(text.splitlines(keepends=True), constants(tree))
    return tuple(sorted(reader.read(tree), key=lambda each: each.line))


class _Reader:
    def __init__(self, lines: list[str], names: Mapping[str, ast.expr]) -> None:
        self._lines = lines
        self._names = names

    def read(self, node: ast.AST) -> Iterator[Statement]:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.FunctionDef(name="downgrade") | ast.Expr(value=ast.Constant()):
                    continue
                case ast.With(items=[ast.withitem(context_expr=ast.Call() as call)]):
                    found = self._operation(call, child)
                    yield from (found,) if found is not None else self.read(child)
                case ast.Call():
                    found = self._operation(child, child)
                    yield from (found,) if found is not None else self.read(child)
                case ast.Constant(value=str()) | ast.JoinedStr():
                    yield from self._sql(child)
                case _:
                    yield from self.read(child)

    def _operation(self, call: ast.Call, whole: ast.stmt | ast.expr) -> Statement | None:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name not in _TABLE_ARGUMENT:
            return None
        position, keyword = _TABLE_ARGUMENT[name]
        table = self._argument(call, position, keyword)
        if table is None:
            return None
        renamed = name == "rename_table"
        other = self._argument(call, 1, "new_table_name") if renamed else None
        schema = self._keyword(call, "source_schema" if "source" in keyword else "schema")
        return Statement(
            other or table,
            self._segment(whole),
            whole.lineno,
            creates=name == "create_table",
            columns=name in _OF_COLUMNS,
            former=table if other is not None else None,
            schema=schema,
        )

    def _keyword(self, call: ast.Call, keyword: str) -> str | None:
        given = [each.value for each in call.keywords if each.arg == keyword]
        try:
            value = evaluate(given[0], self._names) if given else None
        except NotLiteral:
            return None
        return value if isinstance(value, str) else None

    def _argument(self, call: ast.Call, position: int, keyword: str) -> str | None:
        given = [each.value for each in call.keywords if each.arg == keyword]
        given += call.args[position : position + 1]
        try:
            value = evaluate(given[0], self._names) if given else None
        except NotLiteral:
            return None
        return value.rpartition(".")[2] if isinstance(value, str) else None

    def _sql(self, node: ast.expr) -> Iterator[Statement]:
        # A line break that is written as one stands before a word.
        text, line = re.sub(r"\\[nrt]", "  ", self._segment(node)), node.lineno
        text = re.sub(r"""\\(["'])""", r"\1", text)
        for part in text.split(";"):
            found = _defining(part)
            if found is not None:
                begin = len(part) - len(part.lstrip("\"'rfbuRFBU \t\r\n"))
                start = line + part.count("\n", 0, begin)
                yield replace(found, text=part[begin:], line=start)
            line += part.count("\n")

    def _segment(self, node: ast.stmt | ast.expr) -> str:
        end = node.end_lineno or node.lineno
        lines = self._lines[node.lineno - 1 : end]
        # Offsets of the syntax tree count bytes.
        last = lines[-1].encode()[: node.end_col_offset].decode("utf-8", "replace")
        lines = [*lines[:-1], last]
        return lines[0].encode()[node.col_offset :].decode("utf-8", "replace") + "".join(lines[1:])


def _defining(sql: str) -> Statement | None:
    """What the text says, if it is a statement that defines something."""
    found = _OBJECT.search(sql)
    if found is None or found["kind"].upper() == "INDEX":
        match = _OF_TABLE.search(sql) or found
        if match is None:
            return None
        parts = _parts(match["name"])
        return Statement(parts[-1], sql, 1, schema=parts[-2] if len(parts) > 1 else None)
    parts, kind = _parts(found["name"]), found["kind"].upper()
    if kind == "COLUMN":
        return Statement(parts[-2], sql, 1) if len(parts) > 1 else None
    renamed = _RENAMED.search(sql) if kind in _RENAMABLE else None
    verb = found["verb"].upper()
    return Statement(
        _parts(renamed["name"])[-1] if renamed is not None else parts[-1],
        sql,
        1,
        creates=verb == "CREATE",
        columns=not verb.startswith("COMMENT"),
        former=parts[-1] if renamed is not None else None,
        schema=parts[-2] if len(parts) > 1 else None,
    )


def _parts(name: str) -> list[str]:
    return [_raw(part) for part in re.findall(_IDENTIFIER, name)]


def _raw(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
