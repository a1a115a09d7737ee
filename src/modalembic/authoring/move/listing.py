"""`__all__`: adding names to it, and taking names out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst
from libcst.helpers import ensure_type

from modalembic.authoring.move.insert import end_of_imports
from modalembic.authoring.move.reexports import listed_names
from modalembic.authoring.move.statements import WIDTH


def with_listed(module: cst.Module, names: Iterable[str], *, create: bool) -> cst.Module:
    """A file whose `__all__` has `names` as well; where it has none, one is made if `create`."""
    index = _index(module)
    if index is None:
        return _with_new(module, sorted(set(names))) if create else module
    missing = [name for name in sorted(set(names)) if name not in listed_names(module)]
    if not missing:
        return module
    known = [*_names_at(module, index)]
    in_order = known == sorted(known)
    both = sorted([*known, *missing]) if in_order else [*known, *missing]
    return _with_value(module, index, both)


def without_listed(module: cst.Module, names: Iterable[str]) -> cst.Module:
    """A file whose `__all__` does not have `names`; without one where it would be empty."""
    gone = set(names)
    index = _index(module)
    if index is None or not gone & set(_names_at(module, index)):
        return module
    left = [name for name in _names_at(module, index) if name not in gone]
    if not left and all(isinstance(e.value, cst.SimpleString) for e in _elements(module, index)):
        return module.with_changes(body=[*module.body[:index], *module.body[index + 1 :]])
    return _with_value(module, index, left)


def _index(module: cst.Module) -> int | None:
    for index, statement in enumerate(module.body):
        match statement:
            case cst.SimpleStatementLine(
                body=[
                    cst.Assign(
                        targets=[cst.AssignTarget(target=cst.Name(value="__all__"))],
                        value=cst.List() | cst.Tuple(),
                    )
                    | cst.AnnAssign(
                        target=cst.Name(value="__all__"), value=cst.List() | cst.Tuple()
                    )
                ]
            ):
                return index
    return None


def _elements(module: cst.Module, index: int) -> Sequence[cst.BaseElement]:
    value = _value(module, index)
    assert isinstance(value, cst.List | cst.Tuple)
    return value.elements


def _value(module: cst.Module, index: int) -> cst.BaseExpression | None:
    small = ensure_type(module.body[index], cst.SimpleStatementLine).body[0]
    assert isinstance(small, cst.Assign | cst.AnnAssign)
    return small.value


def _names_at(module: cst.Module, index: int) -> list[str]:
    return [
        str(element.value.evaluated_value)
        for element in _elements(module, index)
        if isinstance(element.value, cst.SimpleString)
    ]


def _with_value(module: cst.Module, index: int, names: Sequence[str]) -> cst.Module:
    """The list with these names, each in the element that it has (and its comment), if any."""
    value = _value(module, index)
    assert isinstance(value, cst.List | cst.Tuple)
    old = {
        str(element.value.evaluated_value): element
        for element in value.elements
        if isinstance(element.value, cst.SimpleString)
    }
    line = ensure_type(module.body[index], cst.SimpleStatementLine)
    many_lines = "\n" in module.code_for_node(value)
    made = _rendered(value, names, many_lines=many_lines)
    elements = [
        element.with_changes(value=old[name].value) if name in old else element
        for name, element in zip(names, made.elements, strict=True)
    ]
    new = line.body[0].with_changes(value=made.with_changes(elements=elements))
    body = list(module.body)
    body[index] = line.with_changes(body=[new])
    return module.with_changes(body=body)


def _rendered(
    value: cst.List | cst.Tuple, names: Sequence[str], *, many_lines: bool
) -> cst.List | cst.Tuple:
    opening, closing = ("[", "]") if isinstance(value, cst.List) else ("(", ")")
    quoted = [f'"{name}"' for name in names]
    line = (
        f"{opening}{', '.join(quoted)}{',' if opening == '(' and len(names) == 1 else ''}{closing}"
    )
    if (many_lines and names) or len("__all__ = ") + len(line) > WIDTH:
        inner = "".join(f"    {name},\n" for name in quoted)
        line = f"{opening}\n{inner}{closing}"
    expression = cst.parse_expression(line)
    assert isinstance(expression, cst.List | cst.Tuple)
    return expression


def _with_new(module: cst.Module, names: Sequence[str]) -> cst.Module:
    made = _rendered(cst.List([]), names, many_lines=False)
    text = f"__all__ = {cst.Module([]).code_for_node(made)}\n"
    line = cst.parse_module(text).body[0]
    at = end_of_imports(module)
    body: list[cst.CSTNode] = list(module.body)
    if at:
        line = line.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    if at < len(body):
        body[at] = _apart(body[at])
    body.insert(at, line)
    return module.with_changes(body=body, has_trailing_newline=True)


def _apart(statement: cst.CSTNode) -> cst.CSTNode:
    lines = tuple(getattr(statement, "leading_lines", ()))
    if lines and lines[0].comment is None:
        return statement
    return statement.with_changes(leading_lines=(cst.EmptyLine(indent=False), *lines))
