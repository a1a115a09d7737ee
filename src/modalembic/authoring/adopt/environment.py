"""What an `env.py` says of itself, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from modalembic.errors import AdoptRefused
from modalembic.modules.packages import find_spec
from modalembic.syntax import constants, parse

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_URL = "sqlalchemy.url"


@dataclass(frozen=True)
class Unread:
    """An expression in `env.py` that only running the file would tell."""

    line: int
    source: str


@dataclass(frozen=True)
class Environment:
    """`metadata` as the configuration names it, or why it cannot be told (`unread`); None both:
    there is none. `models` are the modules that are imported for their tables. `takes_given` says
    whether the file connects to the database that it is given, `needs_context` whether it uses
    Flask's `current_app`."""

    metadata: str | None
    unread: Unread | None
    models: tuple[str, ...]
    takes_given: bool
    needs_context: bool


def read_environment(path: Path, search: Sequence[Path], root: Path) -> Environment:
    """What the `env.py` at `path` says; `search` is where it imports from.

    Raises AdoptRefused where it does not parse, or runs migrations in a loop, as Alembic's and
    Flask-Migrate's templates `multidb` do: for several databases.
    """
    try:
        tree = parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        raise AdoptRefused(
            f"env.py does not parse: {error.msg}; nothing was written",
            path=path,
            line=error.lineno,
        ) from error
    _refuse_several(tree, path)
    imports = _Imports(tree, search)
    given = _target_metadata(tree)
    metadata = None if given is None else imports.object(given)
    unread = None
    if given is not None and metadata is None:
        unread = Unread(given.lineno, ast.unparse(given))
    models = imports.for_their_tables(root)
    if not models and metadata is not None:
        models = imports.own(metadata.partition(":")[0], root)
    return Environment(metadata, unread, models, _takes_given(tree), _uses_current_app(tree))


def _refuse_several(tree: ast.Module, path: Path) -> None:
    for node in ast.walk(tree):
        if isinstance(node, _LOOPS):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and _name_of(call.func) == "run_migrations":
                    raise AdoptRefused(
                        "env.py runs migrations in a loop (several databases or schemas, as the "
                        "template multidb has it), and a run of modalembic is one version table of "
                        "one database; nothing was written",
                        hint="let env.py choose one by -x key=value and run them one by one; then "
                        "adopt each as a project of its own",
                        path=path,
                        line=call.lineno,
                    )


def _target_metadata(tree: ast.Module) -> ast.expr | None:
    """The expression behind `target_metadata`, of the first `configure` that has one; None where
    there is none, or it is None."""
    names = constants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name_of(node.func) in {"configure", "run", "run_async"}:
            for keyword in node.keywords:
                if keyword.arg == "target_metadata":
                    value = keyword.value
                    if isinstance(value, ast.Name):
                        value = names.get(value.id, value)
                    none = isinstance(value, ast.Constant) and value.value is None
                    return None if none else value
    return None


def _takes_given(tree: ast.Module) -> bool:
    """Whether the file mentions the connection in `config.attributes`, or takes the URL that the
    configuration has and does not write another one over it."""
    overwrites = any(_overwrites(node) for node in _unguarded(tree))
    reads_url = False
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[key, *_]) | (
                ast.Subscript(value=owner, slice=key)
            ) if _is_text(key, "connection") and _name_of(owner) == "attributes":
                return True
            case ast.Call(func=function, args=[key, *_]) if _is_text(key, _URL):
                reads_url = reads_url or _name_of(function) == "get_main_option"
            case ast.Call(func=function) if _name_of(function) in {
                "engine_from_config",
                "async_engine_from_config",
            }:
                reads_url = True
            case ast.ImportFrom(module="modalembic"):
                return True
    return reads_url and not overwrites


def _unguarded(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those below an `if` that looks at the URL first."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and any(_is_text(n, _URL) for n in ast.walk(child.test)):
            continue
        yield from _unguarded(child)


def _overwrites(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=function, args=[key, value]) if _is_text(key, _URL):
            kept = any(_is_text(each, _URL) for each in ast.walk(value))
            return _name_of(function) == "set_main_option" and not kept
        case ast.Assign(targets=[ast.Subscript(slice=key)]):
            return _is_text(key, _URL)
        case ast.Call(func=function, keywords=keywords) if _name_of(function) in {
            "engine_from_config",
            "async_engine_from_config",
        }:
            return any(keyword.arg == "url" for keyword in keywords)
        case ast.Dict(keys=keys):
            return any(key is not None and _is_text(key, _URL) for key in keys)
    return False


def _uses_current_app(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] in {"flask", "quart"}
        and any(alias.name == "current_app" for alias in node.names)
        for node in ast.walk(tree)
    )


def _is_text(node: ast.AST, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _name_of(node: ast.expr) -> str | None:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return None


class _Imports:
    """The names that the file imports, as dotted names."""

    def __init__(self, tree: ast.Module, search: Sequence[Path]) -> None:
        self._search = search
        self._tree = tree
        self._names: dict[str, tuple[str, str | None]] = {}
        for node in ast.walk(tree):
            for name, place in _bound(node):
                self._names[name] = place

    def object(self, node: ast.expr) -> str | None:
        """An imported name, or an attribute of one, as `module:attribute`."""
        path: list[str] = []
        while isinstance(node, ast.Attribute):
            path.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._names:
            return None
        module, attribute = self._names[node.id]
        path = [attribute, *path] if attribute is not None else path
        while path and find_spec(f"{module}.{path[0]}", self._search) is not None:
            module = f"{module}.{path.pop(0)}"
        if len(path) > 1 and path[-1] == "metadata":
            path.pop()
        return f"{module}:{'.'.join(path)}" if path else None

    def for_their_tables(self, root: Path) -> tuple[str, ...]:
        """The project's modules whose names the file imports and never uses: what `env.py` does so
        that every table is known."""
        used = {
            node.id
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        found: list[str] = []
        for node in ast.walk(self._tree):
            match node:
                case ast.Import(names=names):
                    unused = [a for a in names if (a.asname or a.name).split(".")[0] not in used]
                    found += [alias.name for alias in unused]
                case ast.ImportFrom(module=str(module), level=0, names=names):
                    for alias in names:
                        if (alias.asname or alias.name) not in used:
                            found.append(self._module_of(module, alias.name))
        own = [name for module in found for name in self.own(module, root)]
        return tuple(dict.fromkeys(own))

    def own(self, module: str, root: Path) -> tuple[str, ...]:
        """The module, if it is a file of the project."""
        spec = find_spec(module, self._search)
        if spec is None or spec.origin is None:
            return ()
        origin = Path(spec.origin)
        own = origin.is_relative_to(root) and "site-packages" not in origin.parts
        return (module,) if own else ()

    def _module_of(self, module: str, name: str) -> str:
        below = f"{module}.{name}"
        return below if name != "*" and find_spec(below, self._search) is not None else module


def _bound(node: ast.AST) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """What an import binds: the name, with its module and the attribute of it."""
    match node:
        case ast.Import(names=names):
            for alias in names:
                top = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or top, (top, None)
        case ast.ImportFrom(module=str(module), level=0, names=names):
            for alias in names:
                yield alias.asname or alias.name, (module, alias.name)
