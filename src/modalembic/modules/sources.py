"""The application's source as data: files found by dotted name, parsed, and names followed from
file to file. Nothing is imported.

Where a name comes from is decided as Python would, as far as the text tells: imports (absolute,
relative, `as`, `*`), assignments of one name to another, and definitions. What stands under
`if TYPE_CHECKING:` does not exist at run time, and so not here. (grimp builds import graphs from
source in much the same way; it knows modules but not the names in them.)
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from modalembic.modules.packages import find_spec
from modalembic.syntax import NotLiteral, evaluate

_SKIPPED = frozenset({"__main__", "conftest", "tests", "test"})


@dataclass(frozen=True, slots=True)
class Import:
    """A name bound by an import. `attribute` is None where the name is the module itself."""

    module: str
    attribute: str | None
    line: int
    itself: bool = False
    """Said of `import X as X`, the explicit way to re-export (PEP 484)."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Where a name leads: `name` in `module`; None: the module itself. `file` is None outside the
    project's own source."""

    module: str
    name: str | None
    file: SourceFile | None


@dataclass
class SourceFile:
    """One parsed file: what its top level binds, `if` and `try` included."""

    module: str
    path: Path
    text: bytes
    tree: ast.Module
    imports: dict[str, Import] = field(default_factory=dict)
    stars: list[Import] = field(default_factory=list)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)
    statements: list[ast.stmt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._read(self.tree.body)

    @property
    def is_package(self) -> bool:
        """Whether this is the `__init__.py` of a package."""
        return self.path.name == "__init__.py"

    @property
    def package(self) -> str:
        """What a relative import starts from."""
        return self.module if self.is_package else self.module.rpartition(".")[0]

    def defines(self, name: str) -> bool:
        """Whether the file itself gives `name` its value."""
        return name in self.classes or name in self.values or name in self.functions

    @cached_property
    def all(self) -> tuple[str, ...] | None:
        """`__all__`; None where there is none, or none that can be read."""
        names: list[str] = []
        found = False
        for statement in self.statements:
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id="__all__")], value=value)
                    | ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value)
                    | ast.AugAssign(target=ast.Name(id="__all__"), value=value)
                ):
                    try:
                        names.extend(str(name) for name in evaluate(value, self.values))
                    except (NotLiteral, TypeError):
                        return None
                    found = True
        return tuple(names) if found else None

    def _read(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.Import():
                    self._import(statement)
                case ast.ImportFrom():
                    self._import_from(statement)
                case ast.If():
                    self._read(run_time_branches(statement))
                case ast.Try() | ast.TryStar():
                    for handler in statement.handlers:
                        self._read(handler.body)
                    self._read((*statement.body, *statement.orelse, *statement.finalbody))
                case ast.With() | ast.For() | ast.While():
                    self._read(statement.body)
                    self.statements.append(statement)
                case _:
                    self._bind(statement)
                    self.statements.append(statement)

    def _bind(self, statement: ast.stmt) -> None:
        match statement:
            case ast.ClassDef(name=name):
                self.classes[name] = statement
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self.functions[name] = statement
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        self.values[target.id] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self.values[name] = value

    def _import(self, statement: ast.Import) -> None:
        for alias in statement.names:
            if alias.asname is not None:
                self.imports[alias.asname] = Import(alias.name, None, statement.lineno)
            else:
                top = alias.name.partition(".")[0]
                self.imports[top] = Import(top, None, statement.lineno)

    def _import_from(self, statement: ast.ImportFrom) -> None:
        module = statement.module or ""
        if statement.level:
            parts = self.package.split(".")
            kept = parts[: len(parts) - statement.level + 1]
            module = ".".join((*kept, module)) if module else ".".join(kept)
        for alias in statement.names:
            imported = Import(module, alias.name, statement.lineno, alias.asname == alias.name)
            if alias.name == "*":
                self.stars.append(imported)
            else:
                self.imports[alias.asname or alias.name] = imported


def run_time_branches(statement: ast.If) -> list[ast.stmt]:
    """The statements of an `if` that can run; those under TYPE_CHECKING cannot."""
    match statement.test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return statement.orelse
        case ast.UnaryOp(
            op=ast.Not(),
            operand=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"),
        ):
            return statement.body
    return [*statement.body, *statement.orelse]


class Sources:
    """The project's source files by dotted name.

    The project's own are the packages below `search`, and the top-level packages in `tops`,
    wherever those are installed; all else (SQLAlchemy itself, say) is never opened. `leave_out` are
    directories whose files are no models, such as version locations.
    """

    def __init__(
        self, search: Sequence[Path], tops: Iterable[str], leave_out: Iterable[Path] = ()
    ) -> None:
        self._search = search
        self._tops = frozenset(tops)
        self._leave_out = frozenset(str(path) for path in leave_out)
        self._directories: dict[str, list[str]] = {}
        self._files: dict[str, SourceFile | None] = {}
        self._resolved: dict[tuple[str, str], Symbol | None] = {}
        self.unreadable: dict[str, tuple[Path, int | None]] = {}
        """Modules whose file does not parse, with the line."""

    def below(self, module: str) -> Iterator[tuple[str, Path]]:
        """The file of `module` and, where it is a package, all below it: dotted names and paths, in
        order. Tests, hidden directories and directories left out are passed over."""
        path = self.path(module)
        if path is not None:
            yield module, path
        if path is None or path.name == "__init__.py":
            for directory in self._subdirectories(module):
                yield from self._walk(module, directory)

    def path(self, module: str) -> Path | None:
        """The file of `module`; None where there is none, or it is a directory without
        `__init__.py`."""
        parent, _, name = module.rpartition(".")
        for directory in self._subdirectories(parent) if parent else self._roots(module):
            for candidate in (f"{directory}/{name}/__init__.py", f"{directory}/{name}.py"):
                if os.path.isfile(candidate):  # noqa: PTH113 - twice as fast, and 300 modules wait
                    return Path(candidate)
        return None

    def file(self, module: str) -> SourceFile | None:
        """The parsed file of `module`; None where there is none or it does not parse."""
        if module not in self._files:
            self._files[module] = self._parse(module)
        return self._files[module]

    def resolve(self, file: SourceFile, name: str, depth: int = 0) -> Symbol | None:
        """What `name` in `file` is: followed through imports and renamings to its definition. None
        where the source does not tell."""
        if depth > 30:
            return None
        key = (file.module, name)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(file, name, depth)
        return self._resolved[key]

    def _resolve(self, file: SourceFile, name: str, depth: int) -> Symbol | None:
        renamed = file.values.get(name)
        if isinstance(renamed, ast.Name | ast.Attribute):
            return self.resolve_expression(file, renamed, depth + 1) or Symbol(
                file.module, name, file
            )
        if file.defines(name):
            return Symbol(file.module, name, file)
        imported = file.imports.get(name)
        if imported is not None:
            return self._imported(imported, depth)
        for star in file.stars:
            target = self.file(star.module)
            if target is not None and name in self.public_names(target):
                return self.resolve(target, name, depth + 1)
        return None

    def resolve_expression(self, file: SourceFile, node: ast.expr, depth: int = 0) -> Symbol | None:
        """As `resolve`, for `name` or `package.module.name`."""
        if isinstance(node, ast.Name):
            return self.resolve(file, node.id, depth)
        if isinstance(node, ast.Attribute):
            owner = self.resolve_expression(file, node.value, depth)
            if owner is not None and owner.name is None:
                return self._imported(Import(owner.module, node.attr, node.lineno), depth)
        return None

    def public_names(self, file: SourceFile, depth: int = 0) -> tuple[str, ...]:
        """What `from file import *` gives."""
        if file.all is not None:
            return file.all
        names = dict.fromkeys((*file.imports, *file.classes, *file.values, *file.functions))
        for star in file.stars:
            target = self.file(star.module)
            if target is not None and depth < 10:
                names.update(dict.fromkeys(self.public_names(target, depth + 1)))
        return tuple(name for name in names if not name.startswith("_"))

    def _imported(self, imported: Import, depth: int) -> Symbol | None:
        if imported.attribute is None:
            return Symbol(imported.module, None, self.file(imported.module))
        target = self.file(imported.module)
        if target is not None:
            found = self.resolve(target, imported.attribute, depth + 1)
            if found is not None:
                return found
        submodule = f"{imported.module}.{imported.attribute}"
        file = self.file(submodule)
        if file is not None:
            return Symbol(submodule, None, file)
        if target is None:
            return Symbol(imported.module, imported.attribute, None)
        return None

    def _parse(self, module: str) -> SourceFile | None:
        path = self.path(module)
        if path is None:
            return None
        try:
            text = path.read_bytes()
            return SourceFile(module, path, text, ast.parse(text, str(path)))
        except (SyntaxError, ValueError, OSError, RecursionError) as error:
            self.unreadable[module] = (path, getattr(error, "lineno", None))
            return None

    def _roots(self, top: str) -> list[str]:
        """The directories in which the top-level module or package `top` is looked for."""
        for root in self._search:
            if (root / top).is_dir() or (root / f"{top}.py").is_file():
                return [str(root)]
        spec = find_spec(top, self._search) if top in self._tops else None
        if spec is None:
            return []
        if spec.submodule_search_locations:
            return [str(Path(place).parent) for place in spec.submodule_search_locations]
        return [] if spec.origin is None else [str(Path(spec.origin).parent)]

    def _subdirectories(self, package: str) -> list[str]:
        """The directories of `package`: one, or several of a namespace."""
        if package not in self._directories:
            parent, _, name = package.rpartition(".")
            above = self._subdirectories(parent) if parent else self._roots(package)
            below = (f"{directory}/{name}" for directory in above)
            self._directories[package] = [place for place in below if Path(place).is_dir()]
        return self._directories[package]

    def _walk(self, package: str, directory: str) -> Iterator[tuple[str, Path]]:
        with os.scandir(directory) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
        for entry in entries:
            name = entry.name.removesuffix(".py")
            if name in _SKIPPED or name.startswith("test_") or not name.isidentifier():
                continue
            if entry.name.endswith(".py") and name != "__init__":
                yield f"{package}.{name}", Path(entry.path)
            elif name != "__pycache__" and entry.is_dir() and entry.path not in self._leave_out:
                inner = Path(entry.path, "__init__.py")
                if inner.is_file():
                    yield f"{package}.{name}", inner
                yield from self._walk(f"{package}.{name}", entry.path)
