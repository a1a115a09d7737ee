"""Of all revisions that speak of an object, the one that made it what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.runtime.places.mentions import Mentions
from tests.projects import ProjectFiles

PEOPLE = """op.create_table(
    "people",
    sa.Column("id", sa.BigInteger()),
    sa.Column("name", sa.Text()),
)"""
ORDERS = """op.create_table(
    "orders",
    sa.Column("id", sa.BigInteger()),
    sa.Column("name", sa.Text()),
    sa.ForeignKeyConstraint(["people_id"], ["people.id"]),
)"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """People, whom orders refer to."""
    files = ProjectFiles(tmp_path / "shop").configure('modules = ["app/modules/*"]')
    people = files.module("people")
    people.revision("p1", upgrade=PEOPLE)
    people.revision("p2", down="p1", upgrade='op.create_index("ix", "people", ["name"])')
    orders = files.module("orders", requires=["people"])
    orders.revision("o1", depends_on="p1", upgrade=ORDERS)
    return files


def told(
    project: ProjectFiles,
    name: str,
    member: str | None = None,
    kind: str = "column",
    part: str | None = None,
) -> tuple[str, str] | None:
    """The revision and the text of the line."""
    mention = Mentions(project.load()).of(name, member, kind, part)
    if mention is None:
        return None
    lines = Path(mention.revision.path).read_text(encoding="utf-8").splitlines()
    return mention.revision.id, lines[mention.line - 1].strip()


def test_a_table_that_others_refer_to_is_not_theirs(project: ProjectFiles) -> None:
    assert told(project, "people", kind="table") == ("p1", '"people",')
    assert told(project, "people", "id") == ("p1", 'sa.Column("id", sa.BigInteger()),')


def test_a_column_stands_where_it_is_defined_and_not_in_its_index(project: ProjectFiles) -> None:
    assert told(project, "people", "name") == ("p1", 'sa.Column("name", sa.Text()),')


def test_an_index_stands_where_it_is_created(project: ProjectFiles) -> None:
    assert told(project, "people", "ix", "index") == (
        "p2",
        'op.create_index("ix", "people", ["name"])',
    )


def test_the_last_word_on_a_column_counts(project: ProjectFiles) -> None:
    change = 'op.alter_column("people", "name", nullable=False)'
    project.module("people").revision("p3", down="p2", upgrade=change)

    assert told(project, "people", "name") == ("p3", change)


def test_a_member_that_nobody_speaks_of_stands_where_its_table_is_created(
    project: ProjectFiles,
) -> None:
    assert told(project, "people", "shoes") == ("p1", '"people",')


def test_a_table_is_followed_through_its_names(project: ProjectFiles) -> None:
    rename = 'op.rename_table("people", "persons")'
    project.module("people").revision("p3", down="p2", upgrade=rename)

    assert told(project, "persons", "id") == ("p1", 'sa.Column("id", sa.BigInteger()),')


def test_a_comment_stands_where_it_is_made(project: ProjectFiles) -> None:
    comment = "op.execute(\"COMMENT ON COLUMN people.name IS 'in full'\")"
    project.module("people").revision("p3", down="p2", upgrade=comment)

    assert told(project, "people", "name", part="comment") == ("p3", comment)
    assert told(project, "people", "name", part="type") == ("p1", 'sa.Column("name", sa.Text()),')


def test_what_nobody_made_stands_nowhere(project: ProjectFiles) -> None:
    assert told(project, "towns", kind="table") is None
    assert told(project, "towns", "name") is None


def test_a_comment_is_not_what_made_a_trigger(project: ProjectFiles) -> None:
    project.module("extras").revision(
        "e1",
        depends_on="p1",
        upgrade="""op.execute("CREATE TRIGGER seen AFTER INSERT ON people EXECUTE FUNCTION f()")
op.execute("COMMENT ON TRIGGER seen ON people IS 'told'")""",
    )

    made = told(project, "people", "seen", kind="trigger", part="condition")
    explained = told(project, "people", "seen", kind="trigger", part="comment")

    assert made is not None
    assert made[1].startswith('op.execute("CREATE')
    assert explained is not None
    assert explained[1].startswith('op.execute("COMMENT')
