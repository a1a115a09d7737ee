"""What a revision does that no catalog shows."""

from __future__ import annotations

import ast
from pathlib import Path

from modalembic.history.revision import Revision
from modalembic.syntax import is_empty, parse

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def does_nothing(revision: Revision) -> bool:
    """Whether the `upgrade` of a revision is empty, as that of a transfer or of a merge. What
    cannot be read may do something."""
    try:
        tree = parse(Path(revision.path).read_bytes(), revision.path)
    except (OSError, SyntaxError):
        return False
    functions = [n for n in tree.body if isinstance(n, _Function) and n.name == "upgrade"]
    return len(functions) == 1 and is_empty(functions[0].body)
