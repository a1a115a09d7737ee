"""The module in whose history something new, changed or dropped belongs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from modalembic.authoring.autogenerate.relevant import DEFAULT_SCHEMA
from modalembic.errors import NoOwner
from modalembic.postgres.catalog.fixing.sides import Found, everything, group, keys_of
from modalembic.postgres.catalog.names import qualified
from modalembic.project import Project
from modalembic.runtime.touches import DROP, Touches

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Catalog, Difference
    from modalembic.runtime.drift.sides import Sides
    from modalembic.runtime.models.loaded import LoadedModels, ModelTable


@dataclass(frozen=True)
class Owners:
    """Tables belong to the owner of their model; what only migrations make, to the module that
    touched it last; types, sequences and functions to the module that made them, and new ones to
    the lowest module that needs them. `renamed` are the old names of tables by their new ones."""

    project: Project
    loaded: LoadedModels
    touches: Touches
    models: Catalog
    before: Catalog
    renamed: Mapping[str, str]

    def of_table(self, name: str) -> str:
        """The module of the table or view with a qualified name. Raises NoOwner."""
        model = self._models.get(name)
        if model is not None:
            if model.owner is None:
                raise _no_owner(model)
            return model.owner
        touched = self.touches.of_name(self.renamed.get(name, name))
        if touched:
            return self.project.graph.revisions[touched[-1]].module
        return self._lowest([f"relation {name}"])

    def of(self, difference: Difference) -> str:
        """The module of the object that differs. Raises NoOwner."""
        if difference.table is not None and not self._is_of_view(difference):
            return self.of_table(difference.table)
        if difference.object == "schema":
            return self._of_schema(difference.name)
        return self.of_keys(difference.name, self.keys(difference))

    def of_keys(self, name: str, keys: Iterable[str]) -> str:
        """The module of an object with a qualified name that others require by `keys`."""
        created = self.created_by(name)
        if created is not None:
            return self.project.graph.revisions[created].module
        return self._lowest(keys)

    def created_by(self, name: str) -> str | None:
        """The revision that created the object which has a qualified name in the end."""
        return next((self.touches.creators.get(i) for i in self.ids_of(name)), None)

    def ids_of(self, name: str) -> Iterator[str]:
        """The identities of what has a qualified name in the end."""
        for id_, last in self.touches.last_seen.items():
            if last.names[-1] == name and DROP not in last.how:
                yield id_

    def keys(self, difference: Difference) -> frozenset[str]:
        """The keys by which others require the object that differs."""
        named = group(difference.object), difference.name
        if named[0] == "schema":
            return frozenset({f"schema {difference.name}"})
        found: Found | None = self._ours.get(named) or self._theirs.get(named)
        return frozenset(keys_of(named, found)) if found is not None else frozenset()

    @cached_property
    def _ours(self) -> dict[tuple[str, str], Found]:
        return dict(everything(self.models))

    @cached_property
    def _theirs(self) -> dict[tuple[str, str], Found]:
        return dict(everything(self.before))

    @cached_property
    def _models(self) -> dict[str, ModelTable]:
        return {
            qualified(each.table.schema or DEFAULT_SCHEMA, each.table.name): each
            for each in self.loaded.tables
        }

    def _is_of_view(self, difference: Difference) -> bool:
        return ("view", difference.table) in self._ours and difference.table not in self._models

    def _of_schema(self, name: str) -> str:
        created = self.created_by(name)
        if created is not None:
            return self.project.graph.revisions[created].module
        tables = [t for t in self._models if t.startswith(f"{name}.")]
        return self._first({self.of_table(table) for table in tables})

    def _lowest(self, keys: Iterable[str]) -> str:
        """The first module, in the order of modules, one of whose tables needs one of `keys`."""
        needed = _users({*keys}, (self.models, self.before))
        return self._first({self.of_table(name) for name in needed if name in self._models})

    def _first(self, users: Collection[str]) -> str:
        order = self.project.module_order
        for name in order:
            if name in users:
                return name
        found = {each.module for each in self.loaded.metadatas if each.module is not None}
        owners = {each.owner for each in self.loaded.tables if each.owner is not None}
        candidates = [name for name in order if name in found] or [n for n in order if n in owners]
        return candidates[0] if candidates else order[0]


def owners_of(project: Project, sides: Sides, renamed: Mapping[str, str] | None = None) -> Owners:
    """Those of a project with these models and migrations."""
    return Owners(
        project,
        sides.loaded,
        sides.made.touches,
        sides.models.catalog,
        sides.made.catalog,
        renamed or {},
    )


def _users(keys: set[str], catalogs: Iterable[Catalog]) -> set[str]:
    """The qualified names of the tables that need one of `keys`, by other objects too."""
    found: set[str] = set()
    for catalog in catalogs:
        wanted, grown = set(keys), True
        while grown:
            grown = False
            for named, each in everything(catalog):
                if wanted.isdisjoint(getattr(each.value, "requires", ())):
                    continue
                if named[0] == "table":
                    found.add(named[1])
                elif each.of is not None:
                    found.add(qualified(each.of.schema, each.of.name))
                else:
                    more = keys_of(named, each) - wanted
                    wanted |= more
                    grown = grown or bool(more)
    return found


def _no_owner(model: ModelTable) -> NoOwner:
    return NoOwner(
        f"table {model.key!r} belongs to no module; nothing was written",
        hint="define its model in a module, or re-export it from one: what is defined in a "
        "central place is nobody's",
        path=model.definition.path,
        line=model.definition.line,
    )
