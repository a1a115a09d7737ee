"""Labels of enums that have another name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modalembic.authoring.autogenerate.items import Call
from modalembic.authoring.autogenerate.layout import without_parameters
from modalembic.postgres.catalog.names import qualified

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Catalog, Difference


@dataclass(frozen=True)
class LabelRename:
    """A label of the enum with a qualified name; `alike`: the one has the other's place."""

    enum: str
    labels: tuple[str, str]
    alike: bool

    @property
    def told(self) -> tuple[str, str]:
        """The old name and the new one, as `--rename` takes them."""
        prefix = self.enum.removeprefix("public.")
        return f"{prefix}.{self.labels[0]}", f"{prefix}.{self.labels[1]}"

    @property
    def call(self) -> Call:
        """The operation."""
        return self._call(*self.labels)

    @property
    def back(self) -> Call:
        """What undoes it."""
        return self._call(*reversed(self.labels))

    def _call(self, old: str, new: str) -> Call:
        one, other = (label.replace("'", "''") for label in (old, new))
        sql = f"ALTER TYPE {self.enum} RENAME VALUE '{one}' TO '{other}'"
        return Call(f"op.execute({without_parameters(sql)!r})")


def label_renames(
    models: Catalog, before: Catalog, differences: Iterable[Difference]
) -> Iterator[LabelRename]:
    """Every label that is gone with every new one of its enum."""
    new = {qualified(enum.schema, enum.name): enum.labels for enum in models.enums}
    old = {qualified(enum.schema, enum.name): enum.labels for enum in before.enums}
    for each in differences:
        if (each.object, each.part) != ("enum", "labels"):
            continue
        ours, theirs = new[each.name], old[each.name]
        for one in theirs:
            for other in ours:
                if one not in ours and other not in theirs:
                    same = len(ours) == len(theirs) and ours.index(other) == theirs.index(one)
                    yield LabelRename(each.name, (one, other), same)
