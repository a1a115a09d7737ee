"""The application's context, for an `env.py` that uses Flask's `current_app`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modalembic.errors import AdoptRefused
from modalembic.modules.packages import find_spec
from modalembic.syntax import parse

VARIABLE = "FLASK_APP"
_DOTENV = (".env", ".flaskenv")
_USUAL = ("wsgi", "app")
_APPLICATIONS = ("app", "application")
_FACTORIES = ("create_app", "make_app")


@dataclass(frozen=True)
class _Named:
    """What `flask` is told: a module, maybe a name in it, and where it was told."""

    module: str
    name: str
    told: str


def find_context(root: Path, search: Sequence[Path], environ: Mapping[str, str], env: Path) -> str:
    """The application or its factory, as the configuration names it: what `flask` itself would
    take, from FLASK_APP (in `environ`, `.env` or `.flaskenv`), else from `wsgi.py` or `app.py`.

    Raises AdoptRefused where that is nothing, or a factory that needs arguments.
    """
    for named in _named(root, environ):
        found = _in_module(named, search)
        if found is not None:
            return found
        if named.told:
            raise _unknown(f"{named.told} leads to no application that can be found", env)
    raise _unknown(f"{VARIABLE} is not set", env)


def _named(root: Path, environ: Mapping[str, str]) -> Iterator[_Named]:
    if environ.get(VARIABLE):
        yield _parsed(environ[VARIABLE], f"{VARIABLE}={environ[VARIABLE]}")
        return
    for name in _DOTENV:
        value = _in_dotenv(root / name)
        if value:
            yield _parsed(value, f"{VARIABLE}={value} in {name}")
            return
    for module in _USUAL:
        if (root / f"{module}.py").is_file() or (root / module / "__init__.py").is_file():
            yield _Named(module, "", "")


def _in_dotenv(path: Path) -> str | None:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in lines:
        key, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and key.strip() == VARIABLE:
            return value.partition(" #")[0].strip().strip("\"'") or None
    return None


def _parsed(value: str, told: str) -> _Named:
    module, _, name = value.partition(":")
    parts = Path(module.strip()).with_suffix("").parts if module.strip().endswith(".py") else None
    if parts is not None:
        parts = parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts
        module = ".".join(part for part in parts if part not in {".", "/"})
    return _Named(module.strip(), name.strip(), told)


def _in_module(named: _Named, search: Sequence[Path]) -> str | None:
    spec = find_spec(named.module, search)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    try:
        tree = parse(Path(spec.origin).read_bytes(), spec.origin)
    except (OSError, SyntaxError):
        return None
    name = _plain_name(named.name) if named.name else _usual_name(tree)
    return None if name is None else f"{named.module}:{name}"


def _plain_name(name: str) -> str | None:
    """`create_app` of `create_app()`; None where it is given arguments."""
    try:
        node = ast.parse(name, mode="eval").body
    except SyntaxError:
        return None
    match node:
        case ast.Call(func=ast.Name(id=function), args=[], keywords=[]):
            return function
        case ast.Name(id=found):
            return found
    return None


def _usual_name(tree: ast.Module) -> str | None:
    """As Flask looks for it: an application of the usual name, another one, a factory."""
    bound: dict[str, ast.stmt] = {}
    for statement in tree.body:
        for name in _bound_by(statement):
            bound[name] = statement
    for name in _APPLICATIONS:
        if name in bound and not isinstance(bound[name], ast.FunctionDef):
            return name
    made = [name for name, statement in bound.items() if _makes_flask(statement)]
    if len(made) == 1:
        return made[0]
    return next((name for name in _FACTORIES if name in bound), None)


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            yield name
        case ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name for alias in names)


def _makes_flask(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name == "Flask"
    return False


def _unknown(why: str, env: Path) -> AdoptRefused:
    return AdoptRefused(
        f"env.py uses Flask's current_app, and {why}; nothing was written",
        hint="name the application or a factory without arguments: --context shop:create_app",
        path=env,
    )
