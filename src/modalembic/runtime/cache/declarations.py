"""What a Python file does beside declaring tables.

An `env.py` imports the models for autogenerate. What they say of tables does not bear on what the
revisions do; a naming convention, a type that compiles in its own way or a listener may. So a file
that `env.py` alone has reached is known by what is left of it without its tables.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

_COLUMNS = frozenset({"Column", "mapped_column"})
_TABLE_NAMES = frozenset({"__tablename__", "__table__"})
# A class or a table with one of these says more than what its columns are.
_MORE = frozenset({"MetaData", "naming_convention", "registry", "metadata"})
# What importing these leaves behind is the same whoever does it first.
_QUIET = frozenset({"sqlalchemy", "alembic", "typing_extensions", *sys.stdlib_module_names})


def without_declarations(source: bytes, module: str, loaded: Mapping[str, Path]) -> str | None:
    """A digest of the file `module` (its dotted name) without its tables, its comments, and imports
    of what is `loaded` in any case: modules of the project with their files. None where it does not
    parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    kept = [ast.dump(node) for node in tree.body if not _is_silent(node)]
    is_package = module in loaded and loaded[module].name == "__init__.py"
    imports = sorted(set(_other_imports(tree, module, loaded, is_package=is_package)))
    return sha256("\n".join((*imports, "", *kept)).encode("utf-8", "surrogatepass")).hexdigest()


def _absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".") if is_package else module.split(".")[:-1]
    parts = parts[: len(parts) - node.level + 1]
    return ".".join((*parts, *([node.module] if node.module else [])))


def _is_silent(node: ast.stmt) -> bool:
    """Whether a top-level statement is a table, a docstring or an import."""
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.ClassDef():
            return not node.decorator_list and _declares(node) and not _says_more(node)
        case ast.Assign(value=ast.Call() as call) | ast.AnnAssign(value=ast.Call() as call):
            return _last_name(call.func) == "Table" and not any(
                isinstance(each, ast.Call) and _last_name(each.func) in _MORE
                for each in ast.walk(call)
            )
    return False


def _declares(node: ast.ClassDef) -> bool:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) if name in _TABLE_NAMES:
                return True
            case (
                ast.Assign(value=ast.Call(func=function))
                | ast.AnnAssign(value=ast.Call(func=function))
            ) if _last_name(function) in _COLUMNS:
                return True
    return any(keyword.arg == "table" for keyword in node.keywords)


def _says_more(node: ast.ClassDef) -> bool:
    """Whether a class has a MetaData or a registry of its own, or is a base with `metadata`."""
    for each in ast.walk(node):
        match each:
            case ast.Call(func=function) if _last_name(function) in _MORE:
                return True
            case ast.keyword(arg="naming_convention"):
                return True
    assigned = (target for s in node.body for target in _targets(s))
    return any(isinstance(target, ast.Name) and target.id in _MORE for target in assigned)


def _targets(statement: ast.stmt) -> list[ast.expr]:
    if isinstance(statement, ast.Assign):
        return statement.targets
    return [statement.target] if isinstance(statement, ast.AnnAssign) else []


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _other_imports(
    tree: ast.Module, module: str, loaded: Mapping[str, Path], *, is_package: bool
) -> Iterator[str]:
    """What is imported that may leave something behind: neither quiet nor `loaded` anyway."""
    own = {name.partition(".")[0] for name in loaded}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(node, module, is_package=is_package)
            names = [(source, alias.name) for alias in node.names]
        else:
            continue
        for source, symbol in names:
            top = source.partition(".")[0]
            if top in own:
                if not _is_loaded(source, symbol, loaded):
                    yield f"{source} {symbol}"
            elif top not in _QUIET:
                yield top


def _is_loaded(source: str, symbol: str, loaded: Mapping[str, Path]) -> bool:
    if f"{source}.{symbol}" in loaded:
        return True
    path = loaded.get(source)
    if path is None or symbol == "*":
        return path is not None
    # Of a package, it may be a module that nobody had imported by then.
    below = path.parent / symbol
    is_module = path.name == "__init__.py" and (
        below.is_dir() or below.with_name(f"{symbol}.py").is_file()
    )
    return not symbol or not is_module
