"""The project that the state machine works on: modules on disk, and what is known of each revision.

Every revision makes or changes a table that its module owns, and notes itself in `witness.ran`, in
its own transaction, in both directions.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from modalembic.postgres.url import DatabaseURL
from tests.projects import ModuleFiles, ProjectFiles
from tests.runtime.support import ENV

WITNESS = (
    "CREATE SCHEMA witness",
    "CREATE TABLE witness.ran (id bigserial, revision text, direction text)",
)


@dataclass(frozen=True)
class Made:
    """A revision as it was written: what it stands on, what it does and what undoes that, and what
    of the former stands in an `autocommit_block`. `edits` counts how often its meaning was changed
    since, `comments` how often only its text."""

    id: str
    module: str
    down: str | None
    depends_on: tuple[str, ...]
    do: tuple[str, ...]
    undo: tuple[str, ...]
    block: tuple[str, ...] = ()
    edits: int = 0
    comments: int = 0

    @property
    def parents(self) -> tuple[str, ...]:
        return (*((self.down,) if self.down else ()), *self.depends_on)


@dataclass
class Shop:
    """A project and all of its revisions, those of modules that are away as well."""

    files: ProjectFiles
    url: str
    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    revisions: dict[str, Made] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)  # to the module that owns it
    away: set[str] = field(default_factory=set)

    @classmethod
    def in_directory(cls, directory: Path, url: str) -> Shop:
        """An empty project; `url` is where stock Alembic finds the database."""
        files = ProjectFiles(directory).configure()
        return cls(files.file("migrations/env.py", ENV), url)

    @property
    def present(self) -> list[str]:
        """The modules that are on this machine."""
        return [name for name in self.requires if name not in self.away]

    def head(self, module: str) -> str | None:
        """The last revision of a module."""
        own = self.of(module)
        return own[-1].id if own else None

    def of(self, module: str) -> list[Made]:
        """The revisions of a module, oldest first."""
        return [made for made in self.revisions.values() if made.module == module]

    def discovered(self) -> list[Made]:
        """The revisions that are on this machine, each after those that it stands on."""
        return [made for made in self.revisions.values() if made.module not in self.away]

    def add_module(self, requires: Sequence[str]) -> str:
        """A module with its first revision, on top of what it requires."""
        name = f"mod{len(self.requires)}"
        self.requires[name] = tuple(requires)
        self.files.module(name, requires=list(requires))
        heads = tuple(head for each in requires if (head := self.head(each)) is not None)
        self._write_table(name, heads)
        self._write_alembic()
        return name

    def add_revision(self, module: str, table: str | None, depends_on: Iterable[str] = ()) -> None:
        """A revision on top of a module's: it changes `table`, or makes another one."""
        if table is None:
            self._write_table(module, tuple(depends_on))
            return
        id_ = self._next_id()
        self._keep(
            Made(
                id_,
                module,
                self.head(module),
                tuple(depends_on),
                (f"ALTER TABLE {table} ADD COLUMN c_{id_} int DEFAULT {len(self.revisions)}",),
                (f"ALTER TABLE {table} DROP COLUMN c_{id_}",),
            )
        )

    def add_index(self, table: str) -> None:
        """A revision of the table's owner that leaves its transaction."""
        id_, module, row = self._next_id(), self.tables[table], len(self.revisions) + 10
        self._keep(
            Made(
                id_,
                module,
                self.head(module),
                (),
                (f"ALTER TABLE {table} ADD COLUMN c_{id_} int",),
                (
                    f"ALTER TABLE {table} DROP COLUMN c_{id_}",
                    f"DROP INDEX i_{id_}",
                    f"DELETE FROM {table} WHERE id = {row}",
                ),
                (
                    f"CREATE INDEX CONCURRENTLY i_{id_} ON {table} (id)",
                    f"INSERT INTO {table} VALUES ({row})",
                ),
            )
        )

    def move(self, table: str, owner: str) -> None:
        """`table` is `owner`'s from now on: an empty revision of his stands on the old owner's
        head, so that what comes later comes after what came before."""
        before = self.head(self.tables[table])
        assert before is not None
        self._keep(Made(self._next_id(), owner, self.head(owner), (before,), (), ()))
        self.tables[table] = owner

    def edit(self, id_: str, *, meaning: bool) -> None:
        """A revision's file is changed: what it does (never to the catalog), or its comments."""
        made = self.revisions[id_]
        self._keep(
            replace(made, edits=made.edits + 1)
            if meaning
            else replace(made, comments=made.comments + 1)
        )

    def take_away(self, module: str) -> None:
        """The module is not on this machine any more."""
        self._place(module).parent.mkdir(exist_ok=True)
        shutil.move(self.files.root / "app/modules" / module, self._place(module))
        self.away.add(module)
        self._write_alembic()

    def bring_back(self, module: str) -> None:
        """The module is there again."""
        shutil.move(self._place(module), self.files.root / "app/modules" / module)
        self.away.discard(module)
        self._write_alembic()

    def needed_by_others(self, module: str) -> bool:
        """Whether a module that is there requires this one, or has a revision that does."""
        own = {made.id for made in self.of(module)}
        return any(
            module in self.requires[other] for other in self.present if other != module
        ) or any(own & set(made.parents) for made in self.discovered() if made.module != module)

    def ancestors(self, ids: Iterable[str]) -> set[str]:
        """`ids` and everything that they stand on."""
        found: set[str] = set()
        pending = list(ids)
        while pending:
            id_ = pending.pop()
            if id_ not in found:
                found.add(id_)
                pending += self.revisions[id_].parents
        return found

    def maximal(self, ids: Iterable[str]) -> set[str]:
        """Those of `ids` on which none of the others stands."""
        among = set(ids)
        below = {parent for id_ in among for parent in self.revisions[id_].parents}
        return among - self.ancestors(below)

    def lasts(self, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that no other one follows in its own branch."""
        among = set(ids)
        return among - {self.revisions[id_].down for id_ in among}

    def _place(self, module: str) -> Path:
        return self.files.root.parent / "away" / module

    def _next_id(self) -> str:
        return f"r{len(self.revisions):03}"

    def _write_table(self, module: str, depends_on: tuple[str, ...]) -> None:
        id_ = self._next_id()
        name = f"t_{id_}"
        self.tables[name] = module
        self._keep(
            Made(
                id_,
                module,
                self.head(module),
                depends_on,
                (f"CREATE TABLE {name} (id int PRIMARY KEY)", f"INSERT INTO {name} VALUES (1)"),
                (f"DROP TABLE {name}",),
            )
        )

    def _keep(self, made: Made) -> None:
        self.revisions[made.id] = made
        ModuleFiles(self.files, made.module, f"app/modules/{made.module}").revision(
            made.id,
            down=made.down,
            depends_on=made.depends_on or None,
            upgrade=_body(made, "upgrade", made.do),
            downgrade=_body(made, "downgrade", made.undo),
        )

    def _write_alembic(self) -> None:
        """What stock Alembic is told."""
        places = " ".join(f"app/modules/{name}/migrations/versions" for name in self.present)
        self.files.file(
            "alembic.ini",
            "[alembic]\nscript_location = migrations\npath_separator = space\n"
            f"version_locations = {places}\n"
            f"sqlalchemy.url = {DatabaseURL.parse(self.url).sqlalchemy.replace('%', '%%')}\n",
        )


def _body(made: Made, direction: str, statements: Sequence[str]) -> str:
    noted = f"INSERT INTO witness.ran (revision, direction) VALUES ('{made.id}', '{direction}')"
    lines = [f"op.execute({statement!r})" for statement in statements]
    if direction == "upgrade" and made.block:
        lines.append("with op.get_context().autocommit_block():")
        lines += [f"    op.execute({statement!r})" for statement in made.block]
    lines.append(f"op.execute({noted!r})")
    lines += [f"op.execute('SELECT {number}')" for number in range(made.edits)]
    lines += [f"# comment {number}" for number in range(made.comments)]
    return "\n".join(lines)
