"""How Postgres spells catalogs, asked of the scratch server once and then kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modalembic.postgres.catalog import Catalog, ScratchNormaliser, load, to_document
from modalembic.postgres.catalog.comparing.normalise import Values
from modalembic.postgres.catalog.document import VERSION
from modalembic.runtime.cache.keys import base_key
from modalembic.runtime.cache.store import digest_of

if TYPE_CHECKING:
    from modalembic.runtime.scratch.server import Scratch

KIND = "rebuilt"


class KeptNormaliser:
    """A `Normaliser` that works on the server of `scratch`, which is started when something is not
    known yet. `has_valued` says whether values were compared: those may be others tomorrow."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self.has_valued = False

    def rebuilt(self, catalog: Catalog) -> Catalog:
        """As the protocol says. Raises RebuildFailed, and what starting the server raises."""
        store = self._scratch.store
        if not store.keeps:
            return self._working.rebuilt(catalog)
        key = digest_of([base_key(self._scratch.identity), to_document(catalog)])
        entry = store.find(KIND, key)
        if entry is not None:
            return load({"version": VERSION, **entry.body})
        made = self._working.rebuilt(catalog)
        store.put(KIND, key, {}, to_document(made))
        return made

    def same_values(self, catalog: Catalog, pairs: Sequence[Values]) -> tuple[bool, ...]:
        """As the protocol says."""
        self.has_valued = True
        return self._working.same_values(catalog, pairs)

    @property
    def _working(self) -> ScratchNormaliser:
        server = self._scratch.server
        return ScratchNormaliser(server.connection, server.place)
