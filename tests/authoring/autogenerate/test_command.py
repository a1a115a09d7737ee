"""`revision --autogenerate` as a command."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.authoring.autogenerate.shops import Shop, shop
from tests.runtime.isolation import forgotten
from tests.runtime.support import Result, modalembic, sql

TABLE = 'Table("t", M, Column("id", Integer){})'
JSON = Path(__file__).parents[3] / "docs/reference/json.md"


@pytest.fixture
def alone(tmp_path: Path, server_url: str) -> Shop:
    return shop(tmp_path / "shop", server_url, "core").models(core=TABLE.format(""))


def run(alone: Shop, *arguments: str) -> Result:
    """`revision --autogenerate ARGUMENTS`."""
    with forgotten("app"):
        return modalembic(alone.files, "revision", "--autogenerate", *arguments)


def shape(value: object) -> object:
    """A document's fields, whatever their values; of a list its first element's."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value[:1] if isinstance(each, dict)]
    return None


def test_it_says_what_it_wrote_and_what_is_next(alone: Shop) -> None:
    done = run(alone, "-m", "Make t")
    head = alone.files.load().graph.heads["core"][0]
    assert done.out.splitlines() == [
        f"wrote app/modules/core/migrations/versions/{head}_make_t.py",
        "wrote app/modules/core/migrations/versions/HEAD",
        "next: read what was written, then `modalembic upgrade heads`",
    ]
    assert done.code == 0
    again = run(alone, "-m", "Make t")
    assert (again.code, again.out) == (0, "")
    assert "there is nothing to write" in again.err


def test_a_dry_run_shows_the_diff_and_writes_nothing(alone: Shop) -> None:
    before = sorted(alone.files.root.glob("app/**/*.py"))
    shown = run(alone, "-m", "x", "--dry-run").out
    assert '+    op.create_table("t", sa.Column("id", sa.Integer(), nullable=True))\n' in shown
    assert sorted(alone.files.root.glob("app/**/*.py")) == before


def test_dangers_are_listed(alone: Shop) -> None:
    alone.models(core=TABLE.format(', Column("a", Integer)')).generated()
    alone.models(core=TABLE.format(', Column("b", Text, nullable=False)'))
    lines = run(alone, "-m", "x").err.splitlines()
    assert any(line.endswith("of core drops column t.a with its values") for line in lines)
    assert any(line.startswith("look at it: ") for line in lines)


def test_the_document_is_as_documented(alone: Shop) -> None:
    document = run(alone, "-m", "Make t", "--format", "json").document
    (made,) = document["revisions"]
    assert made["revision"] == alone.files.load().graph.heads["core"][0]
    assert (made["module"], made["down_revision"], made["depends_on"]) == ("core", "core1", [])
    section = JSON.read_text().partition("## revision --autogenerate")[2]
    documented = json.loads(section.partition("```json\n")[2].partition("```")[0])
    made["depends_on"] = documented["revisions"][0]["depends_on"]
    assert shape(document) == shape(documented)


def test_without_a_terminal_nobody_is_asked(alone: Shop) -> None:
    alone.generated()
    alone.models(core=TABLE.format("").replace('"t"', '"u"'))
    done = run(alone, "-m", "x")
    assert (done.code, done.out) == (2, "")
    assert "--rename t=u keeps the rows" in done.err
    assert run(alone, "-m", "x", "--rename", "t=u").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-m", ""),
        ("-m", "x", "--transfer", "core"),
        ("-m", "x", "--table", "t"),
        ("-m", "x", "--module", "nobody"),
        ("-m", "x", "--rename", "t"),
    ],
)
def test_what_makes_no_sense_is_refused(alone: Shop, arguments: tuple[str, ...]) -> None:
    before = sorted(alone.files.root.glob("app/**/*"))
    done = run(alone, *arguments)
    assert (done.code, done.out) == (2, "")
    assert sorted(alone.files.root.glob("app/**/*")) == before


def test_renames_are_for_autogenerate_alone(
    alone: Shop,
) -> None:
    done = modalembic(alone.files, "revision", "--module", "core", "-m", "x", "--no-rename")
    assert done.code == 2
    assert "are for --autogenerate" in done.err


class TestADatabaseThatIsNamed:
    @pytest.fixture
    def lagging(self, alone: Shop, database_url: str) -> str:
        """It has the first revision, and not the second one."""
        assert modalembic(alone.files, "upgrade", "heads", url=database_url).code == 0
        second = sql("CREATE TABLE u (id int)")
        alone.files.module("core").revision("core2", down="core1", upgrade=second)
        return database_url

    def test_may_lag(self, lagging: str, alone: Shop) -> None:
        alone.models(core=TABLE.format("") + '\nTable("u", M, Column("id", Integer))')
        done = run(alone, "-m", "x", "--database", lagging)
        assert done.code == 0, done.err
        assert "the database lags (core by 1)" in done.err
        assert alone.drift() == []

    def test_has_to_be_what_its_revisions_make(self, lagging: str, alone: Shop) -> None:
        with psycopg.connect(lagging, autocommit=True) as connection:
            connection.execute("CREATE TABLE by_hand (id int)")
        done = run(alone, "-m", "x", "--database", lagging)
        assert (done.code, done.out) == (2, "")
        assert "table public.by_hand is too much" in done.err
