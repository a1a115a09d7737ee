"""From the notes that Postgres took to values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from modalembic.runtime.touches import RevisionTouches, Touched, Touches

NOTES = """
SELECT n.what, n.class || '/' || n.id, n.kind, n.name, n.ref_class || '/' || n.ref_id, n.revision
  FROM pg_modalembic.note AS n ORDER BY n.n
"""
_END = "end"


def touches_of(rows: Iterable[tuple[Any, ...]], ignore_tables: Collection[str] = ()) -> Touches:
    """The touches that the rows of `NOTES` tell of, without those of tables whose name (not
    qualified) is in `ignore_tables`.

    What comes before the first revision (in `env.py`) and after the last is left out.
    """
    revisions: dict[str, RevisionTouches] = {}
    notes = _Notes()
    ignored: set[str] = set()
    for what, id_, kind, name, reference, revision in rows:
        if what == _END:
            revisions[revision] = notes.revision(revision, ignored)
            notes = _Notes()
        elif what == "begin":
            notes = _Notes()
        elif what == "lost":
            return Touches(unknown=name)
        elif name is not None and _last(name) in ignore_tables:
            ignored.add(id_)
        else:
            notes.add(what, id_, kind, name, reference)
    return Touches(tuple(revisions.values()))


@dataclass
class _Notes:
    """The notes of one revision while they are gathered."""

    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[str, None]] = field(default_factory=dict)
    how: dict[str, set[str]] = field(default_factory=dict)
    refers: set[tuple[str, str]] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)

    def add(self, what: str, id_: str, kind: str, name: str, reference: str | None) -> None:
        if what == "refer":
            assert reference is not None
            self.refers.add((id_, reference))
        elif what == "read":
            self.reads.add(id_)
        else:
            self.kinds[id_] = kind
            names = self.names.setdefault(id_, {})
            names.pop(name, None)
            names[name] = None
            self.how.setdefault(id_, set()).add(what)

    def revision(self, revision: str, ignored: set[str]) -> RevisionTouches:
        return RevisionTouches(
            revision,
            tuple(
                Touched(id_, self.kinds[id_], tuple(self.names[id_]), tuple(sorted(how)))
                for id_, how in self.how.items()
            ),
            tuple(sorted(pair for pair in self.refers if not ignored.intersection(pair))),
            tuple(sorted(self.reads - self.how.keys() - ignored)),
        )


def _last(name: str) -> str:
    """The last part of a qualified name, without its quotes."""
    if not name.endswith('"'):
        return name.rpartition(".")[2]
    return name[:-1].rpartition('."')[2].replace('""', '"')
