"""Which module imports which, at run time, as grimp reads it from the source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modalembic.checks.places import is_own
from modalembic.history.computed import search_path
from modalembic.modules.ownership import Territory
from modalembic.modules.packages import find_spec
from modalembic.project import Project

if TYPE_CHECKING:
    from grimp import ImportGraph

# Below a module, what may use others as it likes: tests, and revisions, which are never changed.
_FREE = frozenset({"tests", "test", "migrations", "versions", "conftest"})


@dataclass(frozen=True, order=True)
class CrossImport:
    """A file of the module `of` imports one of the module `to`. `importer` and `imported` are their
    dotted names."""

    of: str
    to: str
    imported: str
    importer: str
    path: Path
    line: int


def cross_imports(project: Project) -> tuple[CrossImport, ...]:
    """Every import at run time (what stands under TYPE_CHECKING is none) from one of the project's
    own modules to another module, sorted. Raises SyntaxError where a file does not parse."""
    packages = {module.name: module.package for module in project.modules if module.package}
    if not packages:
        return ()
    graph = _graph(project, sorted({name.partition(".")[0] for name in packages.values()}))
    territory = Territory.of_modules(project.modules)
    own = {
        name: package
        for name, package in packages.items()
        if (directory := project.by_name[name].directory) and is_own(project, directory)
    }
    return tuple(sorted(_crossing(project, graph, territory, own)))


def _graph(project: Project, roots: Iterable[str]) -> ImportGraph:
    import grimp
    from grimp.exceptions import SourceSyntaxError

    with search_path(project.search):
        try:
            return grimp.build_graph(
                *(root for root in roots if find_spec(root, project.search) is not None),
                exclude_type_checking_imports=True,
                cache_dir=None,
            )
        except SourceSyntaxError as error:
            where = (error.filename, error.lineno, None, error.text)
            raise SyntaxError("invalid syntax", where) from error


def _crossing(
    project: Project, graph: ImportGraph, territory: Territory, own: dict[str, str]
) -> Iterator[CrossImport]:
    for importer in graph.modules:
        of = territory.of(importer)
        if of is None or of not in own or _is_free(importer, own[of]):
            continue
        for imported in graph.find_modules_directly_imported_by(importer):
            to = territory.of(imported)
            if to is None or to == of:
                continue
            for detail in graph.get_import_details(importer=importer, imported=imported):
                path = _file(project, importer)
                yield CrossImport(of, to, imported, importer, path, detail["line_number"])


def _is_free(importer: str, package: str) -> bool:
    below = importer.removeprefix(package).strip(".").split(".")
    return bool(_FREE & set(below))


def _file(project: Project, dotted: str) -> Path:
    spec = find_spec(dotted, project.search)
    return Path(spec.origin) if spec is not None and spec.origin else project.root
