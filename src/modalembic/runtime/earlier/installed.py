"""The distributions of the repository as they would be installed from the earlier tree.

What is installed here was installed from the working tree: its entry points are the working tree's,
and an installation that is not editable is a copy of its code. So each such distribution gets
metadata that the earlier tree declares, in a directory that stands in front of `sys.path`: of two
with one name, the first on the path counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.parse import unquote, urlparse

from modalembic.runtime.earlier.declared import (
    Declared,
    EntryPoints,
    declared_at,
    declared_in,
    names_in_working_tree,
    normalised,
)
from modalembic.runtime.earlier.tree import EarlierTree


@dataclass(frozen=True)
class Installed:
    """What takes the place of the installed distributions of the repository.

    `front` and `back` are directories for the two ends of `sys.path`; `copies` the directories that
    an installation filled with files of the working tree.
    """

    front: tuple[Path, ...]
    back: tuple[Path, ...]
    copies: frozenset[Path]


def install(tree: EarlierTree, root: Path, target: Path) -> Installed:
    """Write the metadata below `target`. `root` is the project's directory in the working tree."""
    ours = dict(_of_repository(tree.top, root))
    there = declared_in(tree.laid_out)
    front, back, copies = [target], [], set[Path]()
    for name, distribution in sorted(ours.items()):
        _write(target, name, distribution, there.get(name))
        copied = frozenset(_copied_from(distribution, tree.top))
        if copied:
            copies |= copied
            front += [there[name].code] if name in there else []
    gone = sorted(there.keys() - ours.keys() - names_in_working_tree(tree.top))
    for name in gone:
        _write(target, name, None, there[name])
        back.append(there[name].code)
    return Installed(tuple(front), tuple(back), frozenset(copies))


def _of_repository(top: Path, root: Path) -> Iterator[tuple[str, Distribution]]:
    """The installed distributions that come from the working tree, by normalised name: installed
    from a path in it, described by metadata in it, or of the name of the project itself."""
    own = {
        normalised(each.name)
        for directory in {root, top}
        if (each := declared_at(directory)) is not None
    }
    for distribution in distributions():
        name = normalised(distribution.name or "")
        if not name or name == "modalembic":
            continue
        if name in own or _source(distribution, top) or _is_described_in(distribution, top):
            yield name, distribution


def _source(distribution: Distribution, top: Path) -> bool:
    """Whether it was installed from a path in the working tree (PEP 610)."""
    text = distribution.read_text("direct_url.json")
    try:
        url = urlparse(json.loads(text or "{}").get("url", ""))
    except (ValueError, AttributeError):
        return False
    path = Path(os.path.realpath(unquote(url.path)))
    return url.scheme == "file" and path.is_relative_to(top)


def _is_described_in(distribution: Distribution, top: Path) -> bool:
    """Whether its metadata is in the working tree: `NAME.egg-info` of an old editable install."""
    described = Path(os.path.realpath(str(distribution.locate_file(""))))
    return described.is_relative_to(top) and "site-packages" not in described.parts


def _copied_from(distribution: Distribution, top: Path) -> Iterator[Path]:
    """The directories outside of the working tree with Python files of the distribution, where it
    was not installed to be edited."""
    if _is_described_in(distribution, top):
        return
    for file in distribution.files or ():
        # An editable installation has a .pth file or a finder at most, beside other ones.
        if file.suffix == ".py" and len(file.parts) > 1 and file.parts[0] != "..":
            path = Path(os.path.realpath(str(distribution.locate_file(file))))
            yield path.parent


def _write(
    target: Path, name: str, installed: Distribution | None, declared: Declared | None
) -> None:
    version = installed.version if installed is not None else declared.version if declared else "0"
    directory = target / f"{name.replace('-', '_')}-{version}.dist-info"
    directory.mkdir(parents=True, exist_ok=True)
    metadata = installed.read_text("METADATA") if installed is not None else None
    metadata = metadata or f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (directory / "METADATA").write_text(metadata, encoding="utf-8")
    (directory / "entry_points.txt").write_text(_text(installed, declared), encoding="utf-8")


def _text(installed: Distribution | None, declared: Declared | None) -> str:
    if declared is None:  # a distribution that the earlier tree does not have
        return ""
    if declared.entry_points is None:
        return (installed.read_text("entry_points.txt") or "") if installed is not None else ""
    return _written(declared.entry_points)


def _written(entry_points: EntryPoints) -> str:
    return "\n".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in entry_points.items()
    )
