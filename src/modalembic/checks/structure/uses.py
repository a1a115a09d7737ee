"""Who in the project still uses the old place of what has moved: by imports, through modules that
are imported, and by strings that are a dotted name as a whole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from modalembic.checks.structure.shims import Shim, imported
from modalembic.modules.own_files import python_files
from modalembic.modules.packages import dotted_name
from modalembic.project import Project
from modalembic.syntax import parse

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?::[^\W\d]\w*(?:\.[^\W\d]\w*)*)?")
_IN_TEXT = re.compile(r"(?<![\w./-])[^\W\d]\w*(?:[.:][^\W\d]\w*)+(?![\w/-])")


@dataclass(frozen=True, order=True)
class Use:
    """A line that uses an old place."""

    path: Path
    line: int


@dataclass(frozen=True)
class Uses:
    """Who uses a shim: `of_names` who uses which of its names, `of_file` who uses the module itself
    (and so all of it, perhaps). Of a package only its names are re-exports; whoever imports it
    needs something else of it."""

    shim: Shim
    of_names: dict[str, set[Use]]
    of_file: set[Use]

    def of(self, name: str) -> tuple[Use, ...]:
        """The uses of a name, sorted."""
        found = set(self.of_names.get(name, ()))
        return tuple(sorted(found if self.shim.is_package else found | self.of_file))

    @property
    def all(self) -> tuple[Use, ...]:
        """All uses, sorted."""
        named = {use for uses in self.of_names.values() for use in uses}
        return tuple(sorted(named if self._names_only else named | self.of_file))

    @property
    def _names_only(self) -> bool:
        return self.shim.is_package and self.shim.marked and bool(self.shim.names)


def uses_of(project: Project, shims: Sequence[Shim]) -> tuple[Uses, ...]:
    """The uses of each of `shims` in the project, tests and revisions included, and the files that
    `move_files` names. A file does not use itself."""
    found = {shim.name: Uses(shim, {}, set()) for shim in shims}
    if not found:
        return ()
    own = {shim.path: shim.name for shim in shims}
    words = {name.rpartition(".")[2].encode() for name in found}
    parsed = tuple(_parsed(project, words))
    tasks = {name for _, tree in parsed for name in _task_names(tree)}
    for path, tree in parsed:
        for dotted, line in _mentioned(project, path, tree, tasks):
            _note(found, own.get(path), dotted, Use(path, line), tree)
    for dotted, use in _in_other_files(project):
        _note(found, None, dotted, use, None)
    return tuple(found[shim.name] for shim in shims)


def _parsed(project: Project, words: Iterable[bytes]) -> Iterator[tuple[Path, ast.Module]]:
    """The files that have one of `words`."""
    for path in python_files(project.root):
        source = path.read_bytes()
        if not any(word in source for word in words):
            continue
        try:
            yield path, parse(source, str(path))
        except SyntaxError:
            continue


def _note(
    found: dict[str, Uses], own: str | None, dotted: str, use: Use, tree: ast.Module | None
) -> None:
    """Note the use of a dotted name, of whichever shim it is."""
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        uses = found.get(".".join(parts[:count]))
        if uses is None or uses.shim.name == own:
            continue
        _note_in(uses, parts[count:], use, tree)
        return


def _note_in(uses: Uses, rest: Sequence[str], use: Use, tree: ast.Module | None) -> None:
    names = uses.shim.names
    if not rest:
        uses.of_file.add(use)
        through = _attributes(tree) if uses.shim.is_package and tree is not None else set()
        used: Iterable[str] = through & set(names)
    else:
        used = names if rest[0] == "*" else [name for name in names if name == rest[0]]
        if not used and not uses.shim.marked:
            uses.of_file.add(use)
    for name in used:
        uses.of_names.setdefault(name, set()).add(use)


def _mentioned(
    project: Project, path: Path, tree: ast.Module, tasks: set[str]
) -> Iterator[tuple[str, int]]:
    is_package = path.stem == "__init__"
    package = dotted_name(path.parent, project.search) or ""
    module = package if is_package else ".".join(filter(None, (package, path.stem)))
    for dotted, line, whole in imported(tree, module, is_package=is_package):
        if whole:
            yield dotted, line
    for node in ast.walk(tree):
        match node:
            case ast.Attribute():
                chain = _chain(node)
                if chain is not None:
                    yield chain, node.lineno
            case ast.Constant(value=str() as text) if "." in text and text not in tasks:
                if _DOTTED.fullmatch(text):
                    yield text.replace(":", "."), node.lineno


def _chain(node: ast.expr) -> str | None:
    """`a.b.c` of an expression that is just that."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            before = _chain(value)
            return None if before is None else f"{before}.{attribute}"
    return None


def _attributes(tree: ast.Module) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _task_names(tree: ast.Module) -> Iterator[str]:
    """What is given as a `name` in a decorator: by it a task is known, and it names no place."""
    for node in ast.walk(tree):
        for decorator in getattr(node, "decorator_list", ()):
            for keyword in getattr(decorator, "keywords", ()):
                match keyword:
                    case ast.keyword(arg="name", value=ast.Constant(value=str() as name)):
                        yield name


def _in_other_files(project: Project) -> Iterator[tuple[str, Use]]:
    patterns = project.configuration.move_files
    for path in sorted({found for each in patterns for found in project.root.glob(each)}):
        if not path.is_file() or path.suffix in {".py", ".pyi"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            for match in _IN_TEXT.finditer(line):
                yield match.group().replace(":", "."), Use(path, number)
