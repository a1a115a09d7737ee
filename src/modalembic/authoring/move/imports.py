"""What becomes of one import statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst

from modalembic.authoring.move.parsed import dotted_of
from modalembic.authoring.move.relocations import Place, Relocations
from modalembic.authoring.move.replace import Smalls
from modalembic.authoring.move.statements import (
    Imported,
    import_from,
    import_module_node,
    imported,
    kept,
)
from modalembic.authoring.move.tree import SourceFile


@dataclass
class ImportStatement:
    """An import statement of `file` on its way. `origin` is the module of a `from … import`.

    `stay` are the names that it keeps, `names` those that come from other modules now, `modules`
    whole modules to import (each with what it is called, or None). `containers` are the names that
    it binds to modules or packages from which something moves: how they are used decides more.
    """

    file: SourceFile
    node: cst.Import | cst.ImportFrom
    column: int
    width: int
    stay: list[cst.ImportAlias] = field(default_factory=list)
    names: dict[str, list[Imported]] = field(default_factory=dict)
    modules: dict[tuple[str, str | None], None] = field(default_factory=dict)
    containers: dict[str, cst.ImportAlias] = field(default_factory=dict)
    origin: str | None = None
    changed: bool = False

    @property
    def aliases(self) -> Sequence[cst.ImportAlias]:
        """What it imports; nothing for a star."""
        return () if isinstance(self.node.names, cst.ImportStar) else self.node.names

    @property
    def is_relative(self) -> bool:
        """Whether it begins with dots."""
        return isinstance(self.node, cst.ImportFrom) and bool(self.node.relative)

    def sort(self, relocations: Relocations) -> None:
        """Decide about each name that needs no look at the rest of the file."""
        if isinstance(self.node, cst.ImportFrom):
            self._sort_from(relocations)
        else:
            self._sort_import(relocations)

    def bring(self, place: Place, local: str, comment: str | None = None) -> None:
        """Import `place` as `local`."""
        module, name = place.module, place.name
        if name is None:
            module, _, name = place.module.rpartition(".")
            if not module:
                self.modules[place.module, None if local == place.module else local] = None
                return
        given = Imported(name, local, comment)
        if given not in self.names.setdefault(module, []):
            self.names[module].append(given)

    def drop(self, alias: cst.ImportAlias) -> None:
        """Keep a name no longer."""
        self.stay = [each for each in self.stay if each is not alias]
        self.changed = True

    def result(self) -> Smalls:
        """The statements that stand for it."""
        if self._is_one_for_one():
            return [self._retargeted()]
        made: list[cst.BaseSmallStatement] = []
        if self.stay:
            made.append(self.node.with_changes(names=kept(self.stay, self.aliases)))
        for module, names in self.names.items():
            spelled = self._spelled(module)
            made.extend(
                import_from(spelled, together, column=self.column, width=self.width)
                for together in _apart(names)
            )
        made.extend(import_module_node(*module) for module in self.modules)
        return made

    def _sort_from(self, relocations: Relocations) -> None:
        assert isinstance(self.node, cst.ImportFrom)
        self.origin = self.file.absolute(len(self.node.relative), dotted_of(self.node.module) or "")
        if self.origin is None:
            self.stay = list(self.aliases)
            return
        for alias in self.aliases:
            full = f"{self.origin}.{alias.evaluated_name}"
            found = relocations.find(full)
            if found is not None:
                given = imported(alias)
                self.bring(found.place, given.local, given.comment)
                self.changed = True
                continue
            self.stay.append(alias)
            if relocations.contains(full):
                self.containers[alias.evaluated_alias or alias.evaluated_name] = alias

    def _sort_import(self, relocations: Relocations) -> None:
        tops = {dotted.partition(".")[0] for dotted in relocations.targets}
        for alias in self.aliases:
            dotted, local = alias.evaluated_name, alias.evaluated_alias
            found = relocations.find(dotted)
            if found is not None and found.place.name is None:
                self.modules[found.place.module, local] = None
                self.changed = True
            else:
                self.stay.append(alias)
            if local is None and dotted.partition(".")[0] in tops:
                self.containers[dotted.partition(".")[0]] = alias
            elif local is not None and relocations.contains(dotted):
                self.containers[local] = alias

    def _is_one_for_one(self) -> bool:
        """Whether only the module of a `from … import` differs."""
        return (
            isinstance(self.node, cst.ImportFrom)
            and not self.stay
            and not self.modules
            and len(self.names) == 1
            and len(self.aliases) == len(next(iter(self.names.values())))
        )

    def _retargeted(self) -> cst.ImportFrom:
        assert isinstance(self.node, cst.ImportFrom)
        ((module, names),) = self.names.items()
        spelled = import_from(self._spelled(module), names)
        same = all(
            new.name == alias.evaluated_name and new.local == (alias.evaluated_alias or new.name)
            for new, alias in zip(names, self.aliases, strict=True)
        )
        if not same:
            return import_from(self._spelled(module), names, column=self.column, width=self.width)
        changed = self.node.with_changes(
            module=spelled.module,
            relative=spelled.relative,
            whitespace_after_from=cst.SimpleWhitespace(" "),
            whitespace_before_import=cst.SimpleWhitespace(" "),
        )
        return self._wrapped_if_long(changed, module, names)

    def _wrapped_if_long(
        self, changed: cst.ImportFrom, module: str, names: Sequence[Imported]
    ) -> cst.ImportFrom:
        code = cst.Module([]).code_for_node(changed)
        if changed.lpar is not None or self.column + len(code) <= self.width:
            return changed
        return import_from(self._spelled(module), names, column=self.column, width=self.width)

    def _spelled(self, module: str) -> str:
        """The module as it is written here: relative where the statement was, if it is beside."""
        package = self.file.package
        if self.is_relative and package and module.startswith(f"{package}."):
            return module.removeprefix(package)
        return module


def _apart(names: Sequence[Imported]) -> list[list[Imported]]:
    """What stands in one statement each: a renamed name by itself, as sorters of imports want it,
    and the others together."""
    renamed = [[name] for name in names if name.local != name.name]
    plain = [name for name in names if name.local == name.name]
    return sorted([*([plain] if plain else []), *renamed], key=lambda each: each[0].name)
