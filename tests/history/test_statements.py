"""What a revision's file says, cut into statements."""

from __future__ import annotations

import pytest

from modalembic.history.statements import Statement, read_statements


def read(upgrade: str, downgrade: str = "pass") -> list[Statement]:
    body = "".join(f"    {line}\n" for line in upgrade.splitlines())
    source = f'"""About people."""\n\ndef upgrade():\n{body}\n\ndef downgrade():\n    {downgrade}\n'
    return list(read_statements(source.encode(), "r1.py"))


@pytest.mark.parametrize(
    ("upgrade", "subject"),
    [
        ('op.create_table("people", sa.Column("id", sa.Integer()))', "people"),
        ('op.add_column("people", sa.Column("name", sa.Text()))', "people"),
        ('op.create_index("ix", "people", ["name"])', "people"),
        ('op.drop_index("ix", table_name="people")', "people"),
        ('op.create_foreign_key("fk", "people", "towns", ["town"], ["id"])', "people"),
        ('op.rename_table("persons", "people")', "people"),
        ('with op.batch_alter_table("people") as batch:\n    batch.drop_column("name")', "people"),
        ('op.execute("CREATE TABLE IF NOT EXISTS app.people (id int)")', "people"),
        ('op.execute("ALTER TABLE ONLY people ADD town int REFERENCES towns")', "people"),
        ('op.execute("create unique index concurrently ix on people (name)")', "people"),
        ('op.execute("CREATE TRIGGER t AFTER UPDATE OF name ON people")', "people"),
        ('op.execute("CREATE POLICY p ON people USING (true)")', "people"),
        ('op.execute("CREATE RULE r AS ON UPDATE TO people DO NOTHING")', "people"),
        ("op.execute(\"COMMENT ON COLUMN people.name IS 'x'\")", "people"),
        ("op.execute(\"COMMENT ON CONSTRAINT k ON people IS 'x'\")", "people"),
        ('op.execute("CREATE OR REPLACE VIEW people AS SELECT 1")', "people"),
        ('op.execute("CREATE MATERIALIZED VIEW people AS SELECT 1")', "people"),
        ("op.execute('CREATE TABLE \"All people\" (id int)')", "All people"),
        ('op.execute(f"CREATE FUNCTION people({arguments}) RETURNS int")', "people"),
    ],
)
def test_a_statement_has_the_object_that_it_defines(upgrade: str, subject: str) -> None:
    assert [each.subject for each in read(upgrade)] == [subject]


@pytest.mark.parametrize(
    "upgrade",
    [
        'op.execute("UPDATE people SET name = 1")',
        'op.execute("SELECT 1 FROM people")',
        "op.create_table(name_of(people))",
        'print("people")',
    ],
)
def test_what_defines_nothing_is_no_statement(upgrade: str) -> None:
    assert read(upgrade) == []


def test_several_statements_of_one_string_stand_on_their_own_lines() -> None:
    script = 'op.execute("""\nCREATE TABLE a (x int);\nCREATE INDEX i\n  ON a (x);\n""")'

    assert [(each.subject, each.line) for each in read(script)] == [("a", 5), ("a", 6)]


def test_a_word_has_its_line_and_counts_most_in_quotes() -> None:
    (statement,) = read('op.create_table(\n    "people",\n    sa.Column("name", sa.Text()),\n)')

    assert statement.line == 4
    assert statement.line_of("name") == 6
    assert statement.line_of("town") is None


def test_a_table_that_is_renamed_has_its_former_name() -> None:
    found = read('op.execute("ALTER TABLE persons RENAME TO people")')

    assert [(each.subject, each.former) for each in found] == [("people", "persons")]


def test_what_a_downgrade_does_is_left_out() -> None:
    assert read("pass", 'op.drop_table("people")') == []


def test_a_file_that_is_not_python_says_nothing() -> None:
    assert read_statements(b"def upgrade(:", "r1.py") == ()
