"""Projects with a random history: modules, branches and merges, dependencies, and all kinds of
changes, so that what touches one thing is in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.projects import ModuleFiles, ProjectFiles
from tests.runtime.support import new_project, sql

COLUMNS = "id serial PRIMARY KEY, kind varchar(9) CHECK (kind IN ('x', 'y')), size int DEFAULT 0"
STATELESS = {
    "check": "ALTER TABLE {table} ADD CHECK (size < {number} AND kind IN ('x', 'y'))",
    "comment": "COMMENT ON TABLE {table} IS '{id}'",
    "default": "ALTER TABLE {table} ALTER size SET DEFAULT {number}",
    "rows": "UPDATE {table} SET size = size + 1",
    "view": "CREATE VIEW v_{id} AS SELECT id FROM {table} WHERE kind = 'x'",
}


@dataclass
class Table:
    """A table as it is in the end: its name, its columns, and the last revision that touched it."""

    name: str
    last: str
    columns: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)


class Generated:
    """A project, whose revisions are in `parents` with all that each needs, by id."""

    def __init__(self, directory: Path, seed: int) -> None:
        self._random = Random(seed)
        self.files: ProjectFiles = new_project(directory)
        self.parents: dict[str, tuple[str, ...]] = {}
        self.module_of: dict[str, str] = {}
        self._modules = [self.files.module(name) for name in ("alpha", "beta", "gamma")]
        self._heads: dict[str, list[str]] = {module.name: [] for module in self._modules}
        self._tables: list[Table] = []
        self._enums: dict[str, str] = {}
        self._number = 0
        for _ in range(24):
            self._revise(self._random.choice(self._modules))
        for module in self._modules:
            if len(self._heads[module.name]) > 1:
                self._merge(module)

    def ancestors(self, ids: list[str]) -> set[str]:
        """`ids` and all that they need."""
        found: set[str] = set()
        waiting = list(ids)
        while waiting:
            id_ = waiting.pop()
            if id_ not in found:
                found.add(id_)
                waiting.extend(self.parents[id_])
        return found

    def _revise(self, module: ModuleFiles) -> None:
        heads, chance = self._heads[module.name], self._random.random()
        if len(heads) > 1 and chance < 0.3:
            self._merge(module)
            return
        own = [id_ for id_, name in self.module_of.items() if name == module.name]
        branches = bool(own) and chance > 0.9
        down = self._random.choice(own if branches else heads) if own else None
        id_ = self._new(module)
        statements, needs = self._change(id_)
        below = self.ancestors([down]) if down is not None else set()
        depends_on = tuple(need for need in needs if need not in below)
        upgrade = sql(*statements) if statements else "pass"
        module.revision(id_, down=down, depends_on=depends_on or None, upgrade=upgrade)
        self.parents[id_] = (*((down,) if down is not None else ()), *depends_on)
        if down in heads:
            heads.remove(down)
        heads.append(id_)

    def _merge(self, module: ModuleFiles) -> None:
        heads = tuple(self._heads[module.name])
        id_ = self._new(module)
        module.revision(id_, down=heads)
        self.parents[id_] = heads
        self._heads[module.name] = [id_]

    def _new(self, module: ModuleFiles) -> str:
        self._number += 1
        id_ = f"{module.name[0]}{self._number:02}"
        self.module_of[id_] = module.name
        return id_

    def _change(self, id_: str) -> tuple[list[str], list[str]]:
        """Statements, and the revisions that they need."""
        kinds = [self._empty, self._create, self._enum]
        if self._tables:
            kinds += [self._on_a_table] * 8
        if self._enums:
            kinds.append(self._label)
        return self._random.choice(kinds)(id_)

    def _empty(self, _: str) -> tuple[list[str], list[str]]:
        return [], []

    def _create(self, id_: str) -> tuple[list[str], list[str]]:
        table = Table(f"t_{id_}", id_)
        self._tables.append(table)
        return [f"CREATE TABLE {table.name} ({COLUMNS})"], []

    def _enum(self, id_: str) -> tuple[list[str], list[str]]:
        self._enums[f"e_{id_}"] = id_
        return [f"CREATE TYPE e_{id_} AS ENUM ('one')"], []

    def _label(self, id_: str) -> tuple[list[str], list[str]]:
        name = self._random.choice(sorted(self._enums))
        before, self._enums[name] = self._enums[name], id_
        return [f"ALTER TYPE {name} ADD VALUE 'of_{id_}'"], [before]

    def _on_a_table(self, id_: str) -> tuple[list[str], list[str]]:
        table = self._random.choice(self._tables)
        before, table.last = table.last, id_
        return [self._alter(table, id_)], [before]

    def _alter(self, table: Table, id_: str) -> str:
        choices = [*STATELESS, "rows", "add", "index", "rename"]
        choices += ["drop", "rename column"] if table.columns else []
        choices += ["again", "again"] if table.gone else []
        choices += ["drop index"] if table.indexes else []
        choice = self._random.choice(choices)
        if choice in STATELESS:
            return STATELESS[choice].format(table=table.name, id=id_, number=self._number)
        return _altered(table, id_, choice)


def _altered(table: Table, id_: str, choice: str) -> str:
    alter = f"ALTER TABLE {table.name}"
    match choice:
        case "add":
            table.columns.append(f"c_{id_}")
            return f"{alter} ADD c_{id_} text NOT NULL DEFAULT 'q'"
        case "drop":
            table.gone.append(table.columns.pop())
            return f"{alter} DROP {table.gone[-1]}"
        case "again":
            table.columns.append(table.gone.pop())
            return f"{alter} ADD {table.columns[-1]} text NOT NULL DEFAULT 'q'"
        case "rename column":
            old, table.columns[-1] = table.columns[-1], f"r_{id_}"
            return f"{alter} RENAME {old} TO r_{id_}"
        case "index":
            table.indexes.append(f"ix_{id_}")
            return f"CREATE INDEX ix_{id_} ON {table.name} (size) WHERE kind = 'x'"
        case "drop index":
            return f"DROP INDEX {table.indexes.pop()}"
    table.name = f"t_{id_}"
    return f"{alter} RENAME TO t_{id_}"
