"""Adding imports and definitions to a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from modalembic.authoring.move.carried import Carried, imports_at_top
from modalembic.authoring.move.names import names_in
from modalembic.authoring.move.order import import_key, is_sorted, sorted_runs
from modalembic.authoring.move.parsed import Parsed, dotted_of
from modalembic.authoring.move.replace import line_of, with_lines_above
from modalembic.authoring.move.statements import Imported, import_from, imported
from modalembic.authoring.move.toplevel import bindings, is_type_checking, small_statements
from modalembic.authoring.move.tree import SourceFile
from modalembic.errors import NameClash

_TYPE_CHECKING = Carried("typing", "TYPE_CHECKING", None)
_BLANK = cst.EmptyLine(indent=False)


def with_imports(
    file: SourceFile, module: cst.Module, wanted: Iterable[Carried], width: int
) -> cst.Module:
    """A file that imports what is `wanted` as well. Raises NameClash where a name is taken."""
    missing = _missing(file, module, wanted)
    future = [each for each in missing if each.module == "__future__"]
    early = [each for each in missing if not each.typing and each not in future]
    late = [each for each in missing if each.typing]
    if late and not _binds(module, "TYPE_CHECKING"):
        early = [_TYPE_CHECKING, *early]
    for each in future:
        module = _inserted(module, _after_docstring(module), [line_of(each.node(width))])
    for each in early:
        module = _with_early(file, module, each, width)
    return _with_late(file, module, late, width) if late else module


def with_definitions(
    module: cst.Module, statements: Sequence[cst.BaseStatement], names: Iterable[str]
) -> cst.Module:
    """A file with definitions more: at its end, or before the first of its own statements that
    uses one of `names`."""
    body: list[cst.CSTNode] = list(module.body)
    at = _first_use(module, frozenset(names))
    footer = module.footer
    for statement in statements:
        above = body[at - 1] if at else None
        body.insert(at, _spaced(statement, above))
        at += 1
    if at < len(body):
        body[at] = _spaced(body[at], body[at - 1])
    elif statements and any(line.comment for line in footer):
        first = at - len(statements)
        body[first] = with_lines_above(body[first], footer)
        footer = ()
    return module.with_changes(body=body, footer=footer, has_trailing_newline=True)


def end_of_imports(module: cst.Module) -> int:
    """The index behind the docstring and the imports at the top, `if TYPE_CHECKING:` included."""
    last = _after_docstring(module)
    for index, statement in enumerate(module.body):
        if is_type_checking(statement) or any(
            isinstance(small, cst.Import | cst.ImportFrom) for small in small_statements(statement)
        ):
            if index > last and not _only_imports(module.body[last:index]):
                break
            last = index + 1
    return last


def _only_imports(statements: Sequence[cst.CSTNode]) -> bool:
    """Whether nothing among these is a definition that an import may not stand before."""
    return not any(isinstance(each, cst.ClassDef | cst.FunctionDef) for each in statements)


def _missing(file: SourceFile, module: cst.Module, wanted: Iterable[Carried]) -> list[Carried]:
    at_top = list(imports_at_top(file, module))
    early = {(each.binds, each.means) for each, _ in at_top if not each.typing}
    late = {(each.binds, each.means) for each, _ in at_top if each.typing}
    missing: dict[tuple[str, tuple[str, str | None], str], Carried] = {}
    for each in wanted:
        key = (each.binds, each.means)
        # `import a.b` and `import a.c` bind one name and are both needed.
        whole = each.module if each.name is None and each.local is None else ""
        if key in early and not whole:
            continue
        if key in late and each.typing:
            continue
        _refuse_clash(file, module, each)
        known = missing.get((*key, whole))
        if known is None or (known.typing and not each.typing):
            missing[(*key, whole)] = each
    return list(missing.values())


def _refuse_clash(file: SourceFile, module: cst.Module, wanted: Carried) -> None:
    if wanted.module == "__future__":
        return
    means = {each.binds: each.means for each, _ in imports_at_top(file, module)}
    for binding in bindings(module):
        if binding.name != wanted.binds or means.get(binding.name) == wanted.means:
            continue
        if wanted.means == (file.module, wanted.name):
            continue
        raise NameClash(
            f"{file.path.name} has a {wanted.binds} of its own, and would need "
            f"{wanted.name or wanted.module} of {wanted.module} under that name; nothing was "
            "written",
            hint="rename one of the two first",
            path=file.path,
            line=_line(file, module, binding.name),
        )


def _line(file: SourceFile, module: cst.Module, name: str) -> int | None:
    parsed = Parsed(module.bytes, file.path)
    found = [binding for binding in bindings(parsed.module) if binding.name == name]
    return parsed.line(found[0].node) if found else None


def _with_early(file: SourceFile, module: cst.Module, wanted: Carried, width: int) -> cst.Module:
    joined = _joined(file, module, wanted, width)
    if joined is not None:
        return joined
    line = line_of(wanted.node(width))
    placed = _placed(file, module, line)
    if placed is not None:
        return placed
    return _inserted(module, _end_of_plain_imports(module), [line])


def _placed(
    file: SourceFile, module: cst.Module, line: cst.SimpleStatementLine
) -> cst.Module | None:
    """The import where it belongs among those that are there; None where these have no order."""
    own = (file.module or "").partition(".")[0]
    body: list[cst.CSTNode] = list(module.body)
    key = import_key(line, own)
    known = [
        (index, found)
        for index, statement in enumerate(body[: _end_of_plain_imports(module)])
        if (found := import_key(statement, own)) is not None
    ]
    if not known or key is None or not is_sorted(body[: known[-1][0] + 1], own):
        return None
    before = [(index, found) for index, found in known if found <= key]
    at = before[-1][0] + 1 if before else known[0][0]
    follower = next((found for index, found in known if index >= at), None)
    body.insert(at, line)
    if before and before[-1][1][0] == key[0]:
        return module.with_changes(body=body)
    if follower is not None and follower[0] == key[0]:
        lines = getattr(body[at + 1], "leading_lines", ())
        blank = [each for each in lines if each.comment is None]
        body[at] = line.with_changes(leading_lines=blank[:1])
        body[at + 1] = body[at + 1].with_changes(leading_lines=lines[len(blank[:1]) :])
    elif before:
        body[at] = line.with_changes(leading_lines=[_BLANK])
    else:
        lines = getattr(body[at + 1], "leading_lines", ())
        body[at] = line.with_changes(leading_lines=lines)
        body[at + 1] = body[at + 1].with_changes(leading_lines=[_BLANK])
    return module.with_changes(body=body)


def _joined(file: SourceFile, module: cst.Module, wanted: Carried, width: int) -> cst.Module | None:
    """The name in a statement that imports from its module already, where there is one without
    comments."""
    # isort gives every `as` a statement of its own.
    if wanted.name is None or wanted.comment or wanted.local is not None:
        return None
    for index, statement in enumerate(module.body):
        match statement:
            case cst.SimpleStatementLine(body=[cst.ImportFrom() as node]):
                changed = _with_name(file, node, wanted, width)
            case _:
                changed = None
        if changed is not None:
            body = list(module.body)
            body[index] = body[index].with_changes(body=[changed])
            return module.with_changes(body=body)
    return None


def _with_name(
    file: SourceFile, node: cst.ImportFrom, wanted: Carried, width: int
) -> cst.ImportFrom | None:
    origin = file.absolute(len(node.relative), dotted_of(node.module) or "")
    code = cst.Module([]).code_for_node(node)
    if origin != wanted.module or "#" in code or isinstance(node.names, cst.ImportStar):
        return None
    names = [imported(alias) for alias in node.names]
    if any(name.explicit or name.local != name.name for name in names):
        return None
    given = wanted.imported
    in_order = names == sorted(names, key=_order)
    names = sorted([*names, given], key=_order) if in_order else [*names, given]
    return import_from(code.split()[1], names, width=width)


def _order(name: Imported) -> tuple[int, str]:
    """As isort and ruff sort names: constants, classes, the rest."""
    text = name.name
    return (0 if text.isupper() and len(text) > 1 else 1 if text[:1].isupper() else 2, text)


def _with_late(
    file: SourceFile, module: cst.Module, wanted: Sequence[Carried], width: int
) -> cst.Module:
    """Imports for type checkers, in the block that is there or in a new one."""
    for index, statement in enumerate(module.body):
        if isinstance(statement, cst.If) and is_type_checking(statement):
            block = statement.body
            if isinstance(block, cst.IndentedBlock):
                body: list[cst.CSTNode] = list(module.body)
                filled = block.with_changes(body=_filled(file, block.body, wanted, width))
                body[index] = statement.with_changes(body=filled)
                return module.with_changes(body=body)
    made = cst.If(
        cst.Name("TYPE_CHECKING"),
        cst.IndentedBlock(_filled(file, (), wanted, width)),
        leading_lines=[_BLANK],
    )
    return _inserted(module, _end_of_plain_imports(module), [made])


def _filled(
    file: SourceFile, lines: Sequence[cst.CSTNode], wanted: Sequence[Carried], width: int
) -> list[cst.BaseStatement]:
    """The lines of a block with more imports."""
    inner = cst.Module(list(lines))  # type: ignore[arg-type]
    own = (file.module or "").partition(".")[0]
    ordered = is_sorted(lines, own)
    for each in wanted:
        joined = _joined(file, inner, each, width - 4)
        line = line_of(each.node(width - 4))
        inner = joined or inner.with_changes(body=[*inner.body, line])
    return list(sorted_runs(inner, own, width - 4).body) if ordered else list(inner.body)


def _inserted(module: cst.Module, at: int, new: Sequence[cst.CSTNode]) -> cst.Module:
    body: list[cst.CSTNode] = list(module.body)
    new = list(new)
    if at == 1 and at == _after_docstring(module) and new:
        new[0] = new[0].with_changes(leading_lines=[_BLANK])
    if 0 < at < len(body) and at == _after_docstring(module):
        body[at] = body[at].with_changes(leading_lines=_at_least_one(body[at]))
    body[at:at] = new
    return module.with_changes(body=body)


def _at_least_one(statement: cst.CSTNode) -> Sequence[cst.EmptyLine]:
    lines = tuple(getattr(statement, "leading_lines", ()))
    return lines if lines and lines[0].comment is None else (_BLANK, *lines)


def _end_of_plain_imports(module: cst.Module) -> int:
    last = _after_docstring(module)
    for index, statement in enumerate(module.body[: end_of_imports(module)]):
        if any(
            isinstance(small, cst.Import | cst.ImportFrom) for small in small_statements(statement)
        ):
            last = index + 1
    return last


def _after_docstring(module: cst.Module) -> int:
    match module.body[:1]:
        case [cst.SimpleStatementLine(body=[cst.Expr(value=cst.BaseString())])]:
            return 1
    return 0


def _binds(module: cst.Module, name: str) -> bool:
    return any(binding.name == name for binding in bindings(module))


def _first_use(module: cst.Module, names: frozenset[str]) -> int:
    start = end_of_imports(module)
    for index, statement in enumerate(module.body[start:], start):
        if names & names_in(statement):
            return index
    return len(module.body)


def _spaced(statement: cst.CSTNode, above: cst.CSTNode | None) -> cst.CSTNode:
    """A statement with the blank lines above it that formatters ask for."""
    lines = list(getattr(statement, "leading_lines", ()))
    while lines and lines[0].comment is None:
        lines.pop(0)
    large = any(isinstance(each, cst.ClassDef | cst.FunctionDef) for each in (statement, above))
    blank = [] if above is None else [_BLANK, _BLANK] if large else [_BLANK]
    return statement.with_changes(leading_lines=[*blank, *lines])
