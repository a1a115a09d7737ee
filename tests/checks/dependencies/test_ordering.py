"""Which touches are ordered, for random histories of several modules on a real Postgres."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modalembic.checks.dependencies import ordered
from modalembic.checks.dependencies.ordering import ancestry_of, contests
from modalembic.errors import UnknownModule
from modalembic.project import Project
from modalembic.runtime.touches import Touches
from tests.projects import ProjectFiles
from tests.runtime.recordings import recorded
from tests.runtime.support import new_project, sql

TABLES = ("t0", "t1", "t2")
TOUCHES = (
    "ALTER TABLE {} ADD COLUMN c{} int",
    "CREATE INDEX ON {} (id) WHERE id > {}",
    "UPDATE {} SET id = {}",
    "COMMENT ON TABLE {} IS '{}'",
    "DO $$BEGIN DELETE FROM {} WHERE id = {}; END$$",
)
NO_TOUCHES = (
    "CREATE TABLE r{1} (id int REFERENCES {0})",
    "CREATE VIEW v{1} AS SELECT * FROM {0}",
    "SELECT * FROM {0} WHERE id = {1}",
)


@dataclass(frozen=True)
class Deed:
    """A revision to write: its module, what it follows and depends on, its statement, and the table
    that this touches."""

    module: str
    down: str | None
    needs: tuple[str, ...]
    statement: str
    touched: str | None


@st.composite
def histories(draw: st.DrawFn) -> Mapping[str, Deed]:
    """Revisions by id, each after what it needs."""
    made: dict[str, Deed] = {}
    last: dict[str, str] = {}
    for number in range(draw(st.integers(2, 7))):
        module = draw(st.sampled_from(("alpha", "beta", "gamma")))
        table = draw(st.sampled_from(TABLES))
        touches = draw(st.booleans())
        pattern = draw(st.sampled_from(TOUCHES if touches else NO_TOUCHES))
        needs = draw(st.frozensets(st.sampled_from(["k0", *made]), max_size=2))
        made[f"{module}{number}"] = Deed(
            module,
            last.get(module),
            tuple(sorted({"k0"} | {each for each in needs if not each.startswith(module)})),
            pattern.format(table, number),
            table if touches else None,
        )
        last[module] = f"{module}{number}"
    return made


def written(directory: Path, history: Mapping[str, Deed]) -> Project:
    files = new_project(directory)
    tables = sql(*(f"CREATE TABLE {table} (id int PRIMARY KEY)" for table in TABLES))
    files.module("core").revision("k0", upgrade=tables)
    for id_, deed in history.items():
        module = files.module(deed.module)
        module.revision(id_, down=deed.down, depends_on=deed.needs, upgrade=sql(deed.statement))
    return files.load()


def needs_of(history: Mapping[str, Deed], id_: str) -> set[str]:
    if id_ not in history:
        return {id_}
    deed = history[id_]
    parents = (*deed.needs, *((deed.down,) if deed.down is not None else ()))
    return {id_}.union(*(needs_of(history, parent) for parent in parents))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories())
def test_exactly_the_pairs_that_no_way_orders_are_found(
    history: Mapping[str, Deed], make_database: Callable[[], str]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        project = written(Path(directory), history)
        touches = recorded(project, make_database())
    expected = {
        (f"public.{deed.touched}", frozenset((one, other)))
        for (one, deed), (other, second) in combinations(history.items(), 2)
        if deed.touched is not None
        and deed.touched == second.touched
        and one not in needs_of(history, other)
        and other not in needs_of(history, one)
    }
    found = [
        (contest.name, frozenset(pair))
        for contest in contests(touches, ancestry_of(project))
        for pair in contest.pairs
    ]
    assert len(found) == len(set(found))
    assert set(found) == expected


class TestATableThatMoved:
    @pytest.fixture
    def shop(self, tmp_path: Path) -> ProjectFiles:
        files = new_project(tmp_path)
        crm = files.module("crm").revision("c1", upgrade=sql("CREATE TABLE customers (id int)"))
        crm.revision("c2", down="c1", upgrade=sql("COMMENT ON TABLE customers IS 'x'"))
        files.module("billing").revision("b1", depends_on="c1")
        return files

    def answer(self, shop: ProjectFiles, url: str, owner: str | None) -> bool | None:
        project = shop.load()
        return ordered(project, recorded(project, url), "public.customers", owner)

    def test_is_not_ordered_before_the_transfer(
        self, shop: ProjectFiles, database_url: str
    ) -> None:
        assert self.answer(shop, database_url, "billing") is False

    def test_is_ordered_after_it(self, shop: ProjectFiles, database_url: str) -> None:
        shop.module("billing").revision("b2", down="b1", depends_on="c2")
        assert self.answer(shop, database_url, "billing") is True

    def test_is_no_more_ordered_when_the_old_owner_goes_on(
        self, shop: ProjectFiles, make_database: Callable[[], str]
    ) -> None:
        billing = shop.module("billing").revision("b2", down="b1", depends_on="c2")
        shop.module("crm").revision("c3", down="c2", upgrade=sql("TRUNCATE customers"))
        assert self.answer(shop, make_database(), "billing") is False
        billing.revision("b3", down="b2", upgrade=sql("TRUNCATE customers"))
        assert self.answer(shop, make_database(), None) is False

    def test_may_be_asked_for_without_a_new_owner(
        self, shop: ProjectFiles, database_url: str
    ) -> None:
        assert self.answer(shop, database_url, None) is True

    def test_of_an_unknown_owner_is_an_error(self, shop: ProjectFiles, database_url: str) -> None:
        with pytest.raises(UnknownModule):
            self.answer(shop, database_url, "nobody")

    def test_is_not_known_where_nothing_was_recorded(self, shop: ProjectFiles) -> None:
        unknown = Touches(unknown="no superuser")
        assert ordered(shop.load(), unknown, "public.customers", "billing") is None


def test_a_pair_that_competes_under_two_names_is_told_once(
    tmp_path: Path, database_url: str
) -> None:
    files = new_project(tmp_path)
    files.module("core").revision("k0", upgrade=sql("CREATE TABLE t (id int)"))
    files.module("alpha").revision("a1", depends_on="k0", upgrade=sql("TRUNCATE t"))
    rename = sql("ALTER TABLE t RENAME TO u", "ALTER TABLE u RENAME TO t")
    files.module("beta").revision("b1", depends_on="k0", upgrade=rename)
    project = files.load()
    (contest,) = contests(recorded(project, database_url), ancestry_of(project))
    assert (contest.name, contest.pairs) == ("public.t", (("a1", "b1"),))
