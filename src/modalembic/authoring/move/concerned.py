"""Which files a move concerns, found out in a hurry: by their text, then by Python's own parser.

LibCST takes a hundred times as long for its scopes, and most files have no use for what moves.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from modalembic.authoring.move.parsed import parse_source
from modalembic.authoring.move.relocations import Relocations
from modalembic.authoring.move.tree import SourceFile, SourceTree


def concerned(tree: SourceTree, relocations: Relocations) -> Iterator[SourceFile]:
    """The files in which something may have to change. Raises SourceUnreadable for one that has one
    of the names and does not parse."""
    for file in tree.mentioning(relocations.words):
        if _concerns(file, _parsed(tree.read(file.path), file), relocations):
            yield file


def imports_of(file: SourceFile, content: bytes) -> Iterator[tuple[str, int]]:
    """The dotted names that a file imports, wherever in it, each with its line: `m.a` for `from m
    import a`, `m.*` for a star import."""
    for node in ast.walk(_parsed(content, file)):
        for name in _imported(file, node):
            yield name, getattr(node, "lineno", 1)


def strings_of(file: SourceFile, content: bytes) -> Iterator[tuple[str, int]]:
    """The strings of a file that are dotted names as a whole, each with its line and with dots
    alone."""
    for node in ast.walk(_parsed(content, file)):
        match node:
            case ast.Constant(value=str() as text) if "." in text:
                dotted = text.replace(":", ".")
                if all(map(str.isidentifier, dotted.split("."))):
                    yield dotted, node.lineno


def _parsed(content: bytes, file: SourceFile) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(content, str(file.path))
        except (SyntaxError, ValueError, RecursionError):
            parse_source(content, file.path)  # says which line, in our words
            return ast.Module([], [])


def _concerns(file: SourceFile, tree: ast.Module, relocations: Relocations) -> bool:
    tops = {dotted.partition(".")[0] for dotted in relocations.targets}
    for node in ast.walk(tree):
        match node:
            case ast.Import() if any(alias.name.partition(".")[0] in tops for alias in node.names):
                return True
            case ast.ImportFrom():
                if any(_moves(name, relocations) for name in _imported(file, node)):
                    return True
            case ast.Constant(value=str() as text) if "." in text or ":" in text:
                if any(word in text for word in relocations.words):
                    return True
    return False


def _moves(name: str, relocations: Relocations) -> bool:
    name = name.removesuffix(".*")
    return relocations.find(name) is not None or relocations.contains(name)


def _imported(file: SourceFile, node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(names=names, level=level, module=module):
            origin = file.absolute(level, module or "")
            if origin is not None:
                yield from (f"{origin}.{alias.name}" for alias in names)
