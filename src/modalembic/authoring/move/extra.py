"""Dotted names in files that are no Python: settings, documentation, deployment."""

from __future__ import annotations

import re

from modalembic.authoring.files import as_bytes, as_text
from modalembic.authoring.move.relocations import Relocations
from modalembic.authoring.move.strings import relocated_text
from modalembic.authoring.move.tree import SourceTree

# A pattern such as `app.tasks.*` may be one of names by which Celery knows tasks.
_DOTTED = re.compile(
    r"(?<![\w./-])[^\W\d]\w*+(?:\.[^\W\d]\w*+)++(?::[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+)?+"
    r"(?![\w/-]|\.\*)"
)


def rewrite_extra_files(
    tree: SourceTree, patterns: tuple[str, ...], relocations: Relocations, keep: frozenset[str]
) -> None:
    """Rewrite the dotted names in the files below the project that `patterns` name. `keep` are the
    names of tasks."""

    def changed(match: re.Match[str]) -> str:
        text = match.group()
        return text if text in keep else relocated_text(text, relocations) or text

    for path in sorted({found for pattern in patterns for found in tree.root.glob(pattern)}):
        if not path.is_file() or path.suffix in {".py", ".pyi"}:
            continue
        before = as_text(tree.read(path))
        after = _DOTTED.sub(changed, before)
        if after != before:
            tree.write(path, as_bytes(after))
