"""Every code of an error or a warning has its section, and every section its code."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

from modalembic import errors
from modalembic.errors import ModalembicError, ProjectWarning
from tests.docs.pages import ROOT, page


def _classes(root: type[ModalembicError]) -> Iterator[type[ModalembicError]]:
    yield root
    for child in root.__subclasses__():
        yield from _classes(child)


def _error_codes() -> set[str]:
    return {cls.code for cls in _classes(ModalembicError) if cls.__module__ == errors.__name__}


def _warning_codes() -> Iterator[str]:
    """The first argument of each `ProjectWarning(…)` in the source; where it is a parameter, what
    the function's callers in the file give for it."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        tree = ast.parse(path.read_bytes())
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in calls:
            if not (isinstance(call.func, ast.Name) and call.func.id == ProjectWarning.__name__):
                continue
            code = call.args[0]
            if isinstance(code, ast.Constant):
                yield str(code.value)
                continue
            yield from _given_by_callers(tree, calls, call)


def _given_by_callers(tree: ast.Module, calls: list[ast.Call], inner: ast.Call) -> Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and inner in ast.walk(function):
            for call in calls:
                name = getattr(call.func, "attr", getattr(call.func, "id", None))
                if name == function.name and isinstance(call.args[0], ast.Constant):
                    yield str(call.args[0].value)


def test_every_error_code_has_a_section_and_every_section_a_code() -> None:
    assert set(page("reference/errors.md").headings(3)) == _error_codes()


def test_no_two_errors_share_a_code() -> None:
    classes = [cls for cls in _classes(ModalembicError) if cls.__module__ == errors.__name__]
    assert len({cls.code for cls in classes}) == len(classes)


def test_every_error_says_what_it_is() -> None:
    assert [cls.__name__ for cls in _classes(ModalembicError) if not inspect.getdoc(cls)] == []


def test_every_warning_code_has_a_section_and_every_section_a_code() -> None:
    codes = set(_warning_codes())
    assert "unmatched-pattern" in codes
    assert set(page("reference/warnings.md").headings(2)) == codes
