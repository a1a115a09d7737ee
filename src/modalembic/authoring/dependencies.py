"""Writing a revision's `depends_on` as it is meant: ids for labels, and nothing that is needed
already. Only names in one assignment change; the rest of the file stays byte for byte."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from modalembic.authoring.assignment import Edit, Positions, assigned_value, edited
from modalembic.checks.history.dependencies import can_be_written, mended
from modalembic.errors import RevisionFileError
from modalembic.history.header import ComputedHeader, read_header
from modalembic.project import Project

_Names = Mapping[str, str | None]


def write_dependencies(project: Project) -> tuple[Path, ...]:
    """Mend the `depends_on` of every revision that can be mended without choice; the files that
    were written. Left alone: a computed header, and a file of an installed package."""
    written = []
    for revision, names in mended(project.graph):
        path = Path(revision.path)
        if not can_be_written(project, revision):
            continue
        before = path.read_bytes()
        after = with_dependencies(before, revision.path, names)
        if after is not None:
            path.write_bytes(after)
            written.append(path)
    return tuple(written)


def with_dependencies(source: bytes, path: str, names: _Names) -> bytes | None:
    """`source`, a revision file, with each name in its `depends_on` written as `names` has it, or
    taken out where that is None. None where it cannot be done so that nothing else changes."""
    value = assigned_value(source, path, "depends_on")
    if value is None:
        return None
    after = edited(source, _edits(value, names, Positions(source)))
    return after if _is_as_meant(source, after, path, names) else None


def _edits(value: ast.expr, names: _Names, at: Positions) -> Iterator[Edit]:
    """What to replace with what."""
    elements = value.elts if isinstance(value, ast.Tuple | ast.List | ast.Set) else [value]
    texts = [_written(element, names, at) for element in elements]
    kept = [number for number, text in enumerate(texts) if text is not None]
    if not kept:
        yield at.begin(value), at.end(value), b"None"
        return
    for number, (element, text) in enumerate(zip(elements, texts, strict=True)):
        if text is not None:
            yield at.begin(element), at.end(element), text
        elif number < kept[-1]:
            yield at.begin(element), at.begin(elements[number + 1]), b""
        else:
            yield at.end(elements[number - 1]), at.end(element), b""
    rest = at.source[at.end(elements[-1]) : at.end(value)]
    if isinstance(value, ast.Tuple) and len(kept) == 1 and b"," not in rest:
        end = at.end(elements[kept[0]])
        yield end, end, b","


def _written(element: ast.expr, names: _Names, at: Positions) -> bytes | None:
    """The text for an element, in its own quotes; None if it has to go."""
    text = at.source[at.begin(element) : at.end(element)]
    if not (isinstance(element, ast.Constant) and isinstance(element.value, str)):
        return text
    name = names.get(element.value, element.value)
    if name is None or name == element.value:
        return None if name is None else text
    quote = text[:1] if text[:1] in {b"'", b'"'} else b'"'
    return quote + name.encode() + quote


def _is_as_meant(before: bytes, after: bytes, path: str, names: _Names) -> bool:
    try:
        old, new = read_header(before, path), read_header(after, path)
    except (ComputedHeader, RevisionFileError):
        return False
    wanted = {name for name in names.values() if name is not None}
    same = old._replace(depends_on=(), line=0) == new._replace(depends_on=(), line=0)
    return same and set(new.depends_on) == wanted
