"""Random histories of a project and a database: modules come and go, revisions are written, edited,
run, undone and interrupted, tables move. After every step the database has to be right."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from tests.cli.commandline import Outcome
from tests.crash.proxy import Moment, Point, Proxy
from tests.crash.trials import HARMS, KILLED
from tests.crash.zygote import Zygote
from tests.runtime.support import execute
from tests.soak.looks import Look, catalog_of, look
from tests.soak.shop import WITNESS, Shop

MOST_MODULES = 5
MOST_REVISIONS = 40
# Of a run with a few revisions; a larger number comes to nothing, which is a plain run.
MOST_MESSAGES = 150
REFUSED = 2

choices = st.integers(min_value=0, max_value=10_000)
messages = st.integers(min_value=1, max_value=MOST_MESSAGES)
moments = st.sampled_from(Moment)
harms = st.sampled_from(sorted(HARMS))


@dataclass
class Bench:
    """What all machines of a test share. `steps` counts what was done, by rule, `struck` the
    crashes that came about."""

    end: float
    directory: Path
    database: Callable[[str], AbstractContextManager[str]]
    zygote: Zygote
    steps: Counter[str] = field(default_factory=Counter)
    numbers: Any = field(default_factory=itertools.count)
    struck: int = 0


class Machine(RuleBasedStateMachine):
    """One project and one database. `bench` is set by a subclass."""

    bench: Bench

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.root = self.bench.directory / f"project{next(self.bench.numbers)}"
        self.url = self.stack.enter_context(self.bench.database("template0"))
        self.shop = Shop.in_directory(self.root / "shop", self.url)
        execute(self.url, *WITNESS)
        self.catalogs: dict[frozenset[str], str] = {}
        # Revisions whose meaning was changed after this database had run them.
        self.edited: set[str] = set()
        # Where in the order of all runs stock Alembic's stand, and what of them no run of
        # modalembic has seen as yet.
        self.stock_runs: set[int] = set()
        self.unseen: set[str] = set()
        self._seen: Look | None = None

    def teardown(self) -> None:
        self.stack.close()
        shutil.rmtree(self.root, ignore_errors=True)

    # --- the project ---------------------------------------------------------------------------

    @initialize(second=st.booleans())
    def begin(self, second: bool) -> None:
        self.shop.add_module([])
        if second:
            self.shop.add_module(["mod0"])

    @precondition(lambda self: len(self.shop.requires) < MOST_MODULES)
    @rule(among=st.integers(min_value=0, max_value=7))
    def a_module_is_made(self, among: int) -> None:
        present = self.shop.present
        self.shop.add_module([name for bit, name in enumerate(present) if among >> bit & 1])
        self.count("module made")

    @precondition(lambda self: self.room and self.shop.present)
    @rule(module=choices, table=choices, other=choices, depends=st.booleans())
    def a_revision_is_written(self, module: int, table: int, other: int, depends: bool) -> None:
        shop = self.shop
        owner = pick(shop.present, module)
        own = [name for name, each in shop.tables.items() if each == owner]
        head = shop.head(pick(shop.present, other))
        needs = [head] if depends and head and shop.revisions[head].module != owner else []
        shop.add_revision(owner, pick([*own, None], table), needs)
        self.count("revision written")

    @precondition(lambda self: self.room)
    @rule(table=choices)
    def an_index_is_to_be_built_concurrently(self, table: int) -> None:
        there = [name for name, each in self.shop.tables.items() if each not in self.shop.away]
        if not there:
            return
        self.shop.add_index(pick(there, table))
        self.count("index written")

    @precondition(lambda self: self.room and len(self.shop.present) > 1)
    @rule(table=choices, owner=choices)
    def a_table_moves(self, table: int, owner: int) -> None:
        shop = self.shop
        movable = [name for name, each in shop.tables.items() if each not in shop.away]
        if not movable:
            return
        moved = pick(movable, table)
        others = [name for name in shop.present if name != shop.tables[moved]]
        shop.move(moved, pick(others, owner))
        self.count("table moved")

    @rule(revision=choices, meaning=st.booleans())
    def a_revision_is_edited(self, revision: int, meaning: bool) -> None:
        there = [made.id for made in self.shop.discovered()]
        if not there:
            return
        edited = pick(there, revision)
        self.shop.edit(edited, meaning=meaning)
        if meaning and edited in self.look().applied - self.unseen:
            self.edited.add(edited)
        self.count("revision edited")

    @rule(module=choices)
    def a_module_is_taken_away(self, module: int) -> None:
        free = [name for name in self.shop.present if not self.shop.needed_by_others(name)]
        if len(self.shop.present) < 2 or not free:
            return
        self.shop.take_away(pick(free, module))
        self.count("module taken away")

    @precondition(lambda self: self.shop.away)
    @rule(module=choices)
    def a_module_is_brought_back(self, module: int) -> None:
        back = pick(sorted(self.shop.away), module)
        if set(self.shop.requires[back]) & self.shop.away:
            return
        self.shop.bring_back(back)
        self.count("module brought back")

    # --- runs ----------------------------------------------------------------------------------

    @rule()
    def everything_is_upgraded(self) -> None:
        self.upgrade("heads")
        self.count("upgrade")

    @rule(revision=choices, kind=st.sampled_from(["{module}", "{module}@head", "{id}"]))
    def a_part_is_upgraded(self, revision: int, kind: str) -> None:
        if not self.pending:
            return
        made = pick(self.shop.discovered(), revision)
        if made.module in self.look().uninstalled:
            return
        wanted = kind.format(module=made.module, id=made.id)
        reached = made.id if kind == "{id}" else self.shop.head(made.module)
        if self.upgrade(wanted):
            assert reached in self.look().applied, wanted
        self.count("upgrade of a part")

    @rule(
        revision=choices,
        kind=st.sampled_from(["{module}@base", "{module}@-1", "{id}", "base"]),
        cascade=st.booleans(),
    )
    def something_is_undone(self, revision: int, kind: str, cascade: bool) -> None:
        if not self.look().applied:
            return
        before = self.look()
        more = ["--cascade"] if cascade else []
        outcome = self.run("downgrade", self.named(revision, kind), *more)
        self.assert_done_or_refused(outcome, before)
        assert self.look().applied <= before.applied
        self.count("downgrade")

    @rule(module=choices)
    def a_module_is_uninstalled(self, module: int) -> None:
        if not self.look().applied:
            return
        before = self.look()
        name = pick(self.shop.present, module)
        outcome = self.run("uninstall", name, "--yes", "--no-backup")
        self.assert_done_or_refused(outcome, before)
        own = self.own(name)
        if outcome.code == 0:
            assert self.look().applied == before.applied - own
            assert name in self.look().uninstalled
        self.count("uninstall" if outcome.code == 0 else "uninstall refused")

    @rule(module=choices)
    def a_module_is_installed(self, module: int) -> None:
        if not self.look().uninstalled - self.shop.away:
            return
        before = self.look()
        name = pick(sorted(before.uninstalled - self.shop.away), module)
        outcome = self.run("install", name)
        self.assert_done_or_refused(outcome, before)
        assert before.applied <= self.look().applied
        if outcome.code == 0:
            assert self.shop.head(name) in self.look().applied
        self.count("install")

    @rule(table=choices, concurrently=st.booleans(), number=messages, moment=moments, harm=harms)
    def an_upgrade_is_interrupted(
        self, table: int, concurrently: bool, number: int, moment: Moment, harm: str
    ) -> None:
        # There is something to do, most of the time.
        if concurrently:
            self.an_index_is_to_be_built_concurrently(table)
        elif self.shop.present:
            self.shop.add_revision(pick(self.shop.present, table), None)
        before = self.look()
        outcome = self.interrupted(Point(0, "", number, moment), harm, "upgrade", "heads")
        assert outcome.code in {0, REFUSED, KILLED}, outcome.said
        assert before.applied <= self.look().applied
        if outcome.code == 0:
            self.assert_everything_ran()
        self.count(f"upgrade, {harm}")

    @rule(
        revision=choices,
        kind=st.sampled_from(["{module}@base", "{module}@-1"]),
        number=messages,
        moment=moments,
        harm=harms,
    )
    def a_downgrade_is_interrupted(
        self, revision: int, kind: str, number: int, moment: Moment, harm: str
    ) -> None:
        if not self.look().applied:
            return
        before = self.look()
        command = ("downgrade", self.named(revision, kind), "--cascade")
        outcome = self.interrupted(Point(0, "", number, moment), harm, *command)
        assert outcome.code in {0, REFUSED, KILLED}, outcome.said
        assert self.look().applied <= before.applied
        self.count(f"downgrade, {harm}")

    @rule(module=choices, number=messages, moment=moments, harm=harms)
    def an_uninstallation_is_interrupted(
        self, module: int, number: int, moment: Moment, harm: str
    ) -> None:
        if not self.look().applied:
            return
        before = self.look()
        name = pick(self.shop.present, module)
        command = ("uninstall", name, "--yes", "--no-backup")
        outcome = self.interrupted(Point(0, "", number, moment), harm, *command)
        assert outcome.code in {0, REFUSED, KILLED}, outcome.said
        after = self.look()
        own = self.own(name)
        # All of it or nothing, and the fact with it.
        assert after.applied in (before.applied, before.applied - own)
        if name not in before.uninstalled and own & before.applied:
            assert (name in after.uninstalled) == (after.applied != before.applied)
        self.count(f"uninstall, {harm}")

    @rule(module=choices, number=messages, moment=moments, harm=harms)
    def an_installation_is_interrupted(
        self, module: int, number: int, moment: Moment, harm: str
    ) -> None:
        before = self.look()
        gone = sorted(before.uninstalled - self.shop.away)
        if not gone:
            return
        name = pick(gone, module)
        outcome = self.interrupted(Point(0, "", number, moment), harm, "install", name)
        assert outcome.code in {0, REFUSED, KILLED}, outcome.said
        after = self.look()
        assert before.applied <= after.applied
        # What runs of it belongs to a module that is installed.
        if self.own(name) & (after.applied - before.applied):
            assert name not in after.uninstalled
        if outcome.code == 0:
            assert self.shop.head(name) in after.applied
        self.count(f"install, {harm}")

    @precondition(lambda self: not self.shop.away)
    @rule()
    def stock_alembic_upgrades(self) -> None:
        before = self.look()
        pending = [made for made in self.shop.discovered() if made.id not in before.applied]
        # It knows no module that is uninstalled, and of what leaves its transaction it may leave
        # a part.
        if before.uninstalled or not pending or any(made.block for made in pending):
            return
        outcome = self.stock("upgrade", "heads")
        after = self.look()
        if outcome.code != 0:
            assert after == before, outcome.said
            self.count("stock alembic failed")
            return
        self.stock_runs |= set(range(len(before.ran), len(after.ran)))
        self.unseen |= after.applied - before.applied
        self.count("stock alembic upgrade")

    # --- questions -----------------------------------------------------------------------------

    @precondition(lambda self: not self.shop.away)
    @rule()
    def stock_alembic_sees_the_same_heads(self) -> None:
        shown = self.stock("current")
        assert shown.code == 0, shown.said
        seen = {line.split()[0] for line in shown.out.splitlines() if line.strip()}
        # It shows each branch's last revision, those that a dependency implies as well.
        assert seen == self.shop.lasts(self.look().applied), shown.out
        self.count("stock alembic current")

    @rule()
    def an_upgrade_in_strict_mode_runs(self) -> None:
        if self.edited_here or not self.pending:
            return
        self.upgrade("heads", "--strict")
        self.count("strict upgrade")

    @rule()
    def an_upgrade_in_strict_mode_is_refused(self) -> None:
        if not self.edited_here:
            return
        before = self.look()
        outcome = self.run("upgrade", "heads", "--strict")
        assert outcome.code == REFUSED, outcome.said
        if not self.lacking() and not self.of_nobody():
            assert any(id_ in outcome.err for id_ in self.edited), outcome.said
        assert self.look() == before
        self.count("strict upgrade refused")

    @rule()
    def edits_are_accepted(self) -> None:
        if not self.edited_here or self.of_nobody():
            return
        there = sorted(self.edited_here)
        options = [option for id_ in there for option in ("--accept", id_)]
        outcome = self.run("repair", *options)
        assert outcome.code == 0, outcome.said
        self.edited -= set(there)
        self.count("edits accepted")

    @rule()
    def doctor_names_what_is_wrong(self) -> None:
        outcome = self.run("doctor")
        assert outcome.code in {0, 1}, outcome.said
        for id_ in self.edited_here:
            assert id_ in outcome.out, outcome.said
        if not self.edited_here and not self.shop.away and not self.lacking():
            assert outcome.code == 0, outcome.said
        self.count("doctor")

    # --- what holds after every step -----------------------------------------------------------

    @invariant()
    def version_rows_are_the_maximal_applied_revisions(self) -> None:
        seen = self.look()
        assert set(seen.versions) == self.shop.maximal(seen.applied)
        assert self.shop.ancestors(seen.applied) == seen.applied, "something below was skipped"

    @invariant()
    def nothing_ran_twice_and_the_history_tells_all_of_it(self) -> None:
        seen = self.look()
        for id_, directions in seen.directions.items():
            turns = list(
                itertools.islice(itertools.cycle(("upgrade", "downgrade")), len(directions))
            )
            assert directions == turns, f"{id_}: {directions}"
        ours = [run for index, run in enumerate(seen.ran) if index not in self.stock_runs]
        assert list(seen.history) == ours

    @invariant()
    def the_history_knows_what_is_applied(self) -> None:
        seen = self.look()
        assert seen.recorded - self.unseen == seen.applied - self.unseen
        # What was undone runs anew as it is then.
        self.edited &= seen.applied

    @invariant()
    def the_catalog_is_that_of_a_fresh_database(self) -> None:
        seen = self.look()
        key = frozenset(seen.applied)
        if key not in self.catalogs:
            self.catalogs[key] = self.fresh(key)
        assert seen.catalog == self.catalogs[key]

    # --- help ----------------------------------------------------------------------------------

    @property
    def room(self) -> bool:
        return len(self.shop.revisions) < MOST_REVISIONS

    def look(self) -> Look:
        """What the database says since the last command."""
        if self._seen is None:
            self._seen = look(self.url)
        return self._seen

    @property
    def pending(self) -> bool:
        """Whether there is a revision here that has not run."""
        return not {made.id for made in self.shop.discovered()} <= self.look().applied

    def fresh(self, applied: frozenset[str]) -> str:
        """The catalog that these revisions make of an empty database, played without modalembic."""
        ordered = [made for made in self.shop.revisions.values() if made.id in applied]
        with (
            self.bench.database("template0") as url,
            connect(DatabaseURL.parse(url)) as connection,
        ):
            for made in ordered:
                for statement in (*made.do, *made.block):
                    connection.execute(statement.encode())
            return catalog_of(connection)

    def run(self, *arguments: str) -> Outcome:
        """`modalembic ARGUMENTS` on the database."""
        self._seen = None
        options = ("--database", self.url)
        return self.bench.zygote.run(
            *options, *arguments, cwd=self.shop.files.root, environ=self.shop.files.environ
        )

    def stock(self, *arguments: str) -> Outcome:
        """`alembic ARGUMENTS` on the database."""
        self._seen = None
        return self.bench.zygote.run(*arguments, cwd=self.shop.files.root, program="alembic")

    def interrupted(self, point: Point, harm: str, *arguments: str) -> Outcome:
        """The same, with harm done at `point`."""
        self._seen = None
        with Proxy(DatabaseURL.parse(self.url), point, HARMS[harm]) as proxy:
            started = self.bench.zygote.start(
                "--database",
                proxy.url,
                *arguments,
                cwd=self.shop.files.root,
                environ=self.shop.files.environ,
            )
            proxy.victim = started.pid
            outcome = started.finish()
        assert "Traceback" not in outcome.err, outcome.err
        self.bench.struck += proxy.struck.is_set()
        self.settle()
        for id_ in self.look().half:
            self.finish(id_)
        return outcome

    def finish(self, id_: str) -> None:
        """Do what the next run, or the command that it names, makes of a revision that left its
        transaction and was interrupted."""
        outcome = self.run("upgrade", id_)
        if outcome.code == REFUSED:
            assert "hint: modalembic repair\n" in outcome.err, outcome.said
            repair = self.run("repair")
            assert repair.code == 0, repair.said
            outcome = self.run("upgrade", id_)
            self.count("repair")
        assert outcome.code == 0, outcome.said
        self.count("half done, finished")

    def settle(self) -> None:
        """Wait until no backend of the interrupted run is left: what one does until it notices is
        no longer a step of the machine."""
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        with connect(DatabaseURL.parse(self.url)) as connection:
            for _ in range(600):
                if connection.execute(others).fetchone() == (0,):
                    return
                connection.execute("SELECT pg_sleep(0.01)")
        raise AssertionError("a backend stays")

    def upgrade(self, *arguments: str) -> bool:
        """An upgrade that nothing happens to; whether it ran. It may be refused only where modules
        are wanted that lack what they need, and where rows are of nobody that is known."""
        before, may_refuse = self.look(), self.lacking() or self.of_nobody()
        outcome = self.run("upgrade", *arguments)
        if may_refuse:
            self.assert_done_or_refused(outcome, before)
        else:
            assert outcome.code == 0, outcome.said
        if outcome.code == 0 and arguments[0] == "heads":
            self.assert_everything_ran()
        if self.look().ran != before.ran:
            # A run that has something to do takes down what stock Alembic has run before it.
            self.unseen.clear()
        return outcome.code == 0

    def lacking(self) -> set[str]:
        """The modules that are here and installed, and need what was uninstalled."""
        shop, uninstalled = self.shop, self.look().uninstalled
        found: set[str] = set()
        for name in shop.present:
            needed = {shop.revisions[id_].module for id_ in shop.ancestors(self.own(name))}
            if name not in uninstalled and (needed | set(shop.requires[name])) & uninstalled:
                found.add(name)
        return found

    def of_nobody(self) -> set[str]:
        """What stock Alembic has run, no run of modalembic has seen, and is not here any more."""
        away = {made.id for name in self.shop.away for made in self.shop.of(name)}
        return self.unseen & away

    def own(self, module: str) -> set[str]:
        return {made.id for made in self.shop.of(module)}

    def assert_done_or_refused(self, outcome: Outcome, before: Look) -> None:
        """What is refused has changed nothing."""
        assert outcome.code in {0, REFUSED}, outcome.said
        if outcome.code == REFUSED:
            assert self.look() == before, outcome.said

    def assert_everything_ran(self) -> None:
        """What is on this machine, and installed, has run."""
        seen = self.look()
        wanted = {made.id for made in self.shop.discovered() if made.module not in seen.uninstalled}
        assert wanted <= seen.applied

    def named(self, revision: int, kind: str) -> str:
        """A target."""
        made = pick(self.shop.discovered(), revision)
        return kind.format(module=made.module, id=made.id)

    @property
    def edited_here(self) -> set[str]:
        """What was edited since this database has run it, and is on this machine."""
        here = {made.id for made in self.shop.discovered()}
        return self.edited & here

    def count(self, what: str) -> None:
        self.bench.steps[what] += 1


def pick(among: list[Any], number: int) -> Any:
    """One of `among`, by any number."""
    return among[number % len(among)]
