"""What each revision touches, as Postgres notes it while the revisions run."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.catalog import Connection, read_catalog
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.recording import TouchRecorder
from modalembic.runtime.touches import Touches
from tests.runtime.recordings import (
    line_of,
    names,
    reads,
    recorded,
    references,
    shown,
    touched_last,
)
from tests.runtime.support import ENV, body, execute, fetch, sql

SETUP = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE a (id serial PRIMARY KEY, name text, mood mood);
CREATE TABLE b (id int PRIMARY KEY, a int CONSTRAINT b_a REFERENCES a ON DELETE CASCADE);
CREATE INDEX a_name ON a (name);
CREATE TRIGGER a_nothing BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE POLICY a_policy ON a USING (true);
CREATE STATISTICS a_statistics ON id, name FROM a;
CREATE VIEW v AS SELECT id FROM a;
CREATE MATERIALIZED VIEW m AS SELECT id FROM b;
CREATE TABLE p (at int NOT NULL, n int) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 (at int NOT NULL, n int);
CREATE TABLE parent (id int);
CREATE TABLE child () INHERITS (parent);
CREATE SEQUENCE free;
"""

if TYPE_CHECKING:
    import psycopg

A, B, P = "public.a", "public.b", "public.p"

ALTERS_A = (
    "ALTER TABLE a ADD COLUMN more int",
    "ALTER TABLE a ALTER COLUMN name TYPE varchar(50)",
    "ALTER TABLE a ADD CHECK (id > 0)",
    "ALTER TABLE a RENAME COLUMN name TO title",
    "ALTER TABLE a RENAME CONSTRAINT a_pkey TO a_key",
    "ALTER TABLE a ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE a ALTER COLUMN name SET STATISTICS 10",
    "CREATE INDEX ON a (id, name)",
    "CREATE UNIQUE INDEX ON a (lower(name))",
    "ALTER INDEX a_name RENAME TO a_named",
    "DROP INDEX a_name",
    "CREATE TRIGGER other BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION nothing()",
    "ALTER TRIGGER a_nothing ON a RENAME TO a_something",
    "DROP TRIGGER a_nothing ON a",
    "CREATE POLICY other ON a USING (true)",
    "DROP POLICY a_policy ON a",
    "CREATE RULE other AS ON DELETE TO a WHERE OLD.id = 1 DO INSTEAD NOTHING",
    "CREATE RULE r AS ON INSERT TO a DO ALSO NOTHING; DROP RULE r ON a",
    "CREATE STATISTICS other ON id, name FROM a",
    "DROP STATISTICS a_statistics",
    "COMMENT ON TABLE a IS 'said'",
    "COMMENT ON COLUMN a.name IS 'said'",
    "COMMENT ON INDEX a_name IS 'said'",
    "COMMENT ON CONSTRAINT a_pkey ON a IS 'said'",
    "COMMENT ON TRIGGER a_nothing ON a IS 'said'",
    "ALTER SEQUENCE a_id_seq INCREMENT BY 5",
    "ALTER SEQUENCE free OWNED BY a.id",
    "GRANT SELECT ON a TO PUBLIC",
    "GRANT SELECT (name) ON a TO PUBLIC",
    "GRANT USAGE ON SEQUENCE a_id_seq TO PUBLIC",
    "SET LOCAL session_replication_role = replica; ALTER TABLE a ADD COLUMN more int",
    "DO $$BEGIN EXECUTE 'ALTER TABLE a ADD COLUMN more int'; END$$",
    "SAVEPOINT s; ALTER TABLE b ADD COLUMN x int; ROLLBACK TO s; ALTER TABLE a ADD COLUMN x int",
)
CHANGES_ROWS_OF_A = (
    "INSERT INTO a (name) VALUES ('x')",
    "UPDATE a SET name = 'x'",
    "WITH gone AS (DELETE FROM a RETURNING id) SELECT count(*) FROM gone",
    "DO $$BEGIN UPDATE a SET name = 'x'; END$$",
    "SELECT setval('a_id_seq', 10)",
    "INSERT INTO v VALUES (7)",
)
NO_TOUCH = (
    "SELECT * FROM a",
    "SELECT * FROM a FOR UPDATE",
    "LOCK TABLE a",
    "CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (1); DROP TABLE t",
    "SET LOCAL lock_timeout = 0",
    "ANALYZE a",
    "CREATE TABLE IF NOT EXISTS a (id int)",
    "SELECT nextval('free')",
)


@pytest.fixture
def role(server: psycopg.Connection[Any], database_url: str) -> Iterator[str]:
    """A role that can log in, and no more."""
    name = f"modalembic_limited_{secrets.token_hex(4)}"
    server.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'".encode())
    yield name
    execute(database_url, f"DROP OWNED BY {name} CASCADE")
    server.execute(f"DROP ROLE {name}".encode())


def as_role(url: str, role: str) -> str:
    """The URL with another user."""
    return replace(DatabaseURL.parse(url), user=role, password=role).conninfo


@pytest.mark.parametrize("statement", ALTERS_A)
def test_what_alters_a_table_or_a_part_of_it_touches_it_alone(
    tmp_path: Path, database_url: str, statement: str
) -> None:
    assert {name for name, _ in touched_last(tmp_path, database_url, SETUP, sql(statement))} - {
        "public.free"
    } == {A}


@pytest.mark.parametrize("statement", CHANGES_ROWS_OF_A)
def test_what_changes_rows_touches_the_table_even_where_there_are_none(
    tmp_path: Path, database_url: str, statement: str
) -> None:
    assert touched_last(tmp_path, database_url, SETUP, sql(statement)) == {(A, "rows")}


def test_truncate_touches_what_it_empties(tmp_path: Path, database_url: str) -> None:
    found = touched_last(tmp_path, database_url, SETUP, sql("TRUNCATE a CASCADE"))
    assert found == {(A, "rows"), (B, "rows")}


@pytest.mark.parametrize("statement", NO_TOUCH)
def test_what_looks_or_locks_touches_nothing(
    tmp_path: Path, database_url: str, statement: str
) -> None:
    assert touched_last(tmp_path, database_url, SETUP, sql(statement)) == set()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE TABLE c (id int, a int REFERENCES a)", {("public.c", "create")}),
        ("ALTER TABLE p2 ADD FOREIGN KEY (n) REFERENCES a", {("public.p2", "alter")}),
        ("ALTER TABLE b DROP CONSTRAINT b_a", {(B, "alter")}),
        ("ALTER TABLE b VALIDATE CONSTRAINT b_a", {(B, "alter")}),
        ("DROP MATERIALIZED VIEW m; DROP TABLE b", {("public.m", "drop"), (B, "drop")}),
        ("CREATE VIEW w AS SELECT * FROM a", {("public.w", "create")}),
        ("CREATE TABLE c AS SELECT * FROM a", {("public.c", "create")}),
        ("CREATE TABLE c (LIKE a INCLUDING ALL)", {("public.c", "create")}),
        ("INSERT INTO b SELECT id FROM a", {(B, "rows")}),
        ("REFRESH MATERIALIZED VIEW m", {("public.m", "alter")}),
    ],
)
def test_the_other_side_is_not_touched(
    tmp_path: Path, database_url: str, statement: str, expected: set[tuple[str, str]]
) -> None:
    found = touched_last(tmp_path, database_url, SETUP, sql(statement))
    assert {(name, how.removeprefix("alter ").removesuffix(" rows")) for name, how in found} == (
        expected
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DROP TABLE a CASCADE", {A, B, "public.v"}),
        ("DROP TYPE mood CASCADE", {"public.mood", A}),
        ("DROP FUNCTION nothing() CASCADE", {"public.nothing()", A}),
        ("ALTER TYPE mood ADD VALUE 'glad'", {"public.mood"}),
        ("DELETE FROM a USING b", {A}),
        ("ALTER TABLE parent ADD COLUMN n int", {"public.parent", "public.child"}),
        ("ALTER TABLE child ADD COLUMN n int", {"public.child"}),
        ("UPDATE parent SET id = 1", {"public.parent", "public.child"}),
        ("ALTER TABLE p ADD COLUMN x int", {P}),
        ("ALTER TABLE p1 ADD CHECK (n > 0)", {P, "public.p1"}),
        ("CREATE INDEX ON p (n)", {P}),
        ("INSERT INTO p VALUES (1, 1)", {P, "public.p1"}),
        ("CREATE TABLE p3 PARTITION OF p DEFAULT", {P, "public.p3"}),
        ("ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (10) TO (20)", {P, "public.p2"}),
        ("ALTER TABLE p DETACH PARTITION p1", {P, "public.p1"}),
        ("DROP TABLE p1", {P, "public.p1"}),
        ("ALTER VIEW v RENAME TO w", {"public.w"}),
        ("CREATE OR REPLACE VIEW v AS SELECT id, name FROM a", {"public.v"}),
        ("ALTER SEQUENCE free CYCLE", {"public.free"}),
    ],
)
def test_all_that_is_changed_is_touched(
    tmp_path: Path, database_url: str, statement: str, expected: set[str]
) -> None:
    found = touched_last(tmp_path, database_url, SETUP, sql(statement))
    assert {name for name, _ in found} == expected


def test_rows_that_a_foreign_key_cascades_to_are_changed(tmp_path: Path, database_url: str) -> None:
    rows = sql("INSERT INTO a (id) VALUES (1); INSERT INTO b VALUES (1, 1)")
    found = touched_last(tmp_path, database_url, SETUP, rows, sql("DELETE FROM a"))
    assert found == {(A, "rows"), (B, "rows")}


def test_a_table_is_the_same_through_renames(tmp_path: Path, database_url: str) -> None:
    touches = recorded(
        line_of(
            tmp_path,
            sql("CREATE TABLE old (id int)"),
            sql("ALTER TABLE old RENAME TO new"),
            sql("CREATE SCHEMA s", "ALTER TABLE new SET SCHEMA s"),
            sql("ALTER SCHEMA s RENAME TO t"),
            sql("COMMENT ON TABLE t.new IS 'x'"),
        ),
        database_url,
    )
    ids = {t.id for r in touches.revisions for t in r.touched if t.kind == "table"}
    assert len(ids) == 1
    assert touches.by_object[ids.pop()] == ("r0", "r1", "r2", "r3", "r4")
    assert touches.of_name("t.new") == ("r0", "r1", "r2", "r3", "r4")
    assert touches.by_name["public.new"] == ("r1", "r2")
    assert touches.by_name["s.new"] == ("r2", "r3")


def test_a_table_that_is_made_again_is_another_one_of_that_name(
    tmp_path: Path, database_url: str
) -> None:
    touches = recorded(
        line_of(tmp_path, sql("CREATE TABLE t ()"), sql("DROP TABLE t"), sql("CREATE TABLE t ()")),
        database_url,
    )
    assert sorted(touches.by_object.values()) == [("r0", "r1"), ("r2",)]
    assert touches.by_name["public.t"] == ("r0", "r1", "r2")
    assert touches.of_name("public.t") == ("r0", "r1", "r2")


def test_names_are_as_sql_spells_them(tmp_path: Path, database_url: str) -> None:
    create = sql('CREATE SCHEMA "My.Schema"', 'CREATE TABLE "My.Schema"."The ""table""" (id int)')
    touches = recorded(line_of(tmp_path, create), database_url)
    assert ('"My.Schema"."The ""table"""', "create") in shown(touches, "r0")


class TestReferences:
    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            ("ALTER TABLE p2 ADD FOREIGN KEY (n) REFERENCES b", {"public.p2 -> public.b"}),
            ("CREATE TABLE c (m mood)", {"public.c -> public.mood"}),
            ("CREATE TABLE c (m mood[])", {"public.c -> public.mood"}),
            ("CREATE TABLE c (a a)", {"public.c -> public.a"}),
            ("CREATE TABLE c (n int DEFAULT nextval('free'))", {"public.c -> public.free"}),
            ("CREATE DOMAIN d AS mood", {"public.d -> public.mood"}),
            ("CREATE VIEW w AS SELECT * FROM v JOIN b USING (id)", {"w -> v", "w -> b"}),
            (
                "CREATE TRIGGER t BEFORE INSERT ON b FOR EACH ROW EXECUTE FUNCTION nothing()",
                {"public.b -> public.nothing()", "public.b -> public.a"},
            ),
            ("CREATE FUNCTION f(m mood) RETURNS int LANGUAGE sql AS 'SELECT 1'", {"f -> mood"}),
            ("CREATE POLICY q ON b USING (EXISTS (SELECT FROM p))", {"b -> p", "b -> a"}),
            ("CREATE TABLE c () INHERITS (parent)", {"public.c -> public.parent"}),
            ("CREATE EXTENSION citext; CREATE TABLE c (n citext)", {"public.c -> citext"}),
        ],
    )
    def test_are_what_the_objects_depend_on(
        self, tmp_path: Path, database_url: str, statement: str, expected: set[str]
    ) -> None:
        touches = recorded(line_of(tmp_path, sql(SETUP), sql(statement)), database_url)
        found = {each.replace("public.", "") for each in references(touches, "r1")}
        assert {each.replace("(mood)", "") for each in found} - {"c -> a_id_seq"} == {
            each.replace("public.", "") for each in expected
        }

    def test_reading_is_told_apart(self, tmp_path: Path, database_url: str) -> None:
        touches = recorded(
            line_of(tmp_path, sql(SETUP), sql("INSERT INTO b SELECT id FROM v")), database_url
        )
        assert reads(touches, "r1") == {"public.a", "public.v"}
        assert references(touches, "r1") == set()


class TestARevisionThatCommitsByItself:
    def test_is_seen_in_an_autocommit_block(self, tmp_path: Path, database_url: str) -> None:
        block = body("""
            op.execute("UPDATE b SET a = NULL")
            with op.get_context().autocommit_block():
                op.execute("CREATE INDEX CONCURRENTLY a_id ON a (id)")
                op.execute("UPDATE p2 SET n = 1")
                op.execute("DO $$BEGIN DELETE FROM parent; END$$")
            op.execute("ALTER TABLE p ADD COLUMN x int")
        """)
        found = touched_last(tmp_path, database_url, SETUP, block)
        assert {name for name, _ in found} == {
            A, B, P, "public.p2", "public.parent", "public.child"
        }  # fmt: skip

    def test_may_drop_an_index_concurrently(self, tmp_path: Path, database_url: str) -> None:
        block = body("""
            with op.get_context().autocommit_block():
                op.execute("DROP INDEX CONCURRENTLY a_name")
        """)
        assert touched_last(tmp_path, database_url, SETUP, block) == {(A, "alter")}

    def test_may_go_on_after_a_failed_statement(self, tmp_path: Path, database_url: str) -> None:
        block = body("""
            with op.get_context().autocommit_block():
                try:
                    op.execute("INSERT INTO p2 VALUES (NULL, 1)")
                except sa.exc.IntegrityError:
                    op.execute("UPDATE a SET name = 'x'")
                op.execute("BEGIN")
                op.execute("UPDATE b SET a = NULL")
                op.execute("COMMIT")
        """)
        found = touched_last(tmp_path, database_url, SETUP, block)
        assert found == {(A, "rows"), (B, "rows")}

    def test_may_hold_a_block_that_commits(self, tmp_path: Path, database_url: str) -> None:
        block = body("""
            with op.get_context().autocommit_block():
                op.execute("DO $$BEGIN CREATE TABLE c (id int); COMMIT; END$$")
        """)
        assert touched_last(tmp_path, database_url, SETUP, block) == {("public.c", "create")}

    def test_is_seen_before_a_commit_in_sql(self, tmp_path: Path, database_url: str) -> None:
        found = touched_last(
            tmp_path, database_url, SETUP, sql("UPDATE a SET name = 'x'", "COMMIT", "SELECT 1")
        )
        assert found == {(A, "rows")}


class TestTheRecorder:
    def test_leaves_no_trace(self, tmp_path: Path, make_database: Callable[[], str]) -> None:
        recorded_url, plain_url = make_database(), make_database()
        recorded(line_of(tmp_path, sql(SETUP)), recorded_url)
        execute(plain_url, SETUP)
        left = "SELECT (SELECT count(*) FROM pg_event_trigger), to_regnamespace('pg_modalembic')"
        assert fetch(recorded_url, left) == [(0, None)]
        assert _catalog(recorded_url) == _catalog(plain_url)

    def test_sees_a_schema_that_goes(self, tmp_path: Path, database_url: str) -> None:
        touches = recorded(
            line_of(
                tmp_path,
                sql("CREATE SCHEMA s", "CREATE TABLE s.t (id int)"),
                sql("DROP SCHEMA s CASCADE"),
            ),
            database_url,
        )
        assert shown(touches, "r1") == {("s", "drop"), ("s.t", "drop")}

    def test_sees_what_another_role_does(
        self, tmp_path: Path, database_url: str, role: str
    ) -> None:
        touches = recorded(
            line_of(
                tmp_path,
                sql(f"CREATE SCHEMA s AUTHORIZATION {role}", "CREATE TABLE public.u ()"),
                sql(f"SET LOCAL ROLE {role}", "CREATE TABLE s.t (id int)", "RESET ROLE"),
                sql(f"GRANT SELECT ON public.u TO {role}"),
                sql(f"DROP OWNED BY {role}"),
            ),
            database_url,
        )
        assert names(touches, "r1") == {"s.t"}
        assert names(touches, "r3") == {"s", "s.t", "public.u"}

    def test_is_not_dropped_with_what_a_superuser_owns(
        self, tmp_path: Path, database_url: str, role: str, server: psycopg.Connection[Any]
    ) -> None:
        server.execute(f"ALTER ROLE {role} SUPERUSER".encode())
        url = as_role(database_url, role)
        touches = recorded(
            line_of(
                tmp_path,
                sql("CREATE SCHEMA s", "CREATE TABLE s.t (id int)"),
                sql("ALTER TABLE alembic_version OWNER TO pg_monitor",
                    "ALTER TABLE modalembic_history OWNER TO pg_monitor",
                    f"DROP OWNED BY {role}"),
            ),
            url,
        )  # fmt: skip
        assert shown(touches, "r1") == {("s", "drop"), ("s.t", "drop")}

    def test_gets_on_with_event_triggers_of_the_project(
        self, tmp_path: Path, database_url: str
    ) -> None:
        spoilsport = """
            CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION ''%', tg_tag; END';
            CREATE EVENT TRIGGER no ON sql_drop EXECUTE FUNCTION no();
        """.replace("''%'", "''%''")
        touches = recorded(line_of(tmp_path, sql(SETUP), sql(spoilsport)), database_url)
        assert names(touches, "r1") == {"public.no()"}
        assert fetch(database_url, "SELECT evtname FROM pg_event_trigger") == [("no",)]

    def test_says_so_where_it_was_switched_off(self, tmp_path: Path, database_url: str) -> None:
        off = "DO $$DECLARE t name; BEGIN FOR t IN SELECT evtname FROM pg_event_trigger LOOP"
        off += " EXECUTE format('ALTER EVENT TRIGGER %I DISABLE', t); END LOOP; END$$"
        touches = recorded(line_of(tmp_path, sql(off)), database_url)
        assert touches.unknown is not None

    def test_leaves_out_what_env_py_does(self, tmp_path: Path, database_url: str) -> None:
        env = ENV.replace(
            "    with engine.connect() as connection:\n",
            "    with engine.begin() as connection:\n"
            "        connection.exec_driver_sql('CREATE TABLE extra (id int)')\n"
            "    with engine.connect() as connection:\n",
        )
        touches = recorded(line_of(tmp_path, sql("CREATE TABLE t ()"), env=env), database_url)
        assert names(touches, "r0") == {"public.t"}

    def test_without_a_superuser_says_so(
        self, tmp_path: Path, database_url: str, role: str
    ) -> None:
        execute(database_url, f"GRANT ALL ON SCHEMA public TO {role}")
        touches = recorded(line_of(tmp_path, sql("CREATE TABLE t ()")), as_role(database_url, role))
        assert touches.unknown is not None
        assert "superuser" in touches.unknown
        assert touches.revisions == ()


def test_touches_survive_json(tmp_path: Path, database_url: str) -> None:
    touches = recorded(
        line_of(tmp_path, sql(SETUP), sql("INSERT INTO b SELECT id FROM v")), database_url
    )
    written = json.dumps(touches.document())
    assert Touches.from_document(json.loads(written)) == touches
    unknown = Touches(unknown="no superuser")
    assert Touches.from_document(unknown.document()) == unknown


@pytest.mark.parametrize(
    "document", [{}, {"version": 0}, {"version": 1, "unknown": None, "revisions": [{}]}]
)
def test_another_document_is_refused(document: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Touches.from_document(document)


def test_a_database_in_use_can_be_recorded(database_url: str) -> None:
    execute(database_url, SETUP)
    assert TouchRecorder(DatabaseURL.parse(database_url)).finish() == Touches()


def _catalog(url: str) -> object:
    with connect(DatabaseURL.parse(url)) as connection:
        return read_catalog(
            Connection(connection), ignore_tables=("alembic_version", "modalembic_history")
        )
