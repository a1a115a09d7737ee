"""What Postgres says to the statement that one would try where there is no fix."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A schema, a statement on it, and a part of the message with which Postgres refuses it."""

    code: str
    schema: str
    statement: str
    refusal: str
    since: int = 14
    until: int = 99

    def __str__(self) -> str:
        return f"{self.code}: {self.statement}"


_FUNCTION = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
_ENUM = "CREATE TYPE e AS ENUM ('a', 'b')"
_COMPOSITE = "CREATE TYPE c AS (a int); CREATE TABLE t (x c)"
_KEY = "CREATE TABLE t (x int PRIMARY KEY); CREATE TABLE u (x int REFERENCES t)"
_TYPE = "ALTER TABLE t ALTER COLUMN x TYPE bigint"

FACTS = (
    Fact("attribute-place", "CREATE TYPE c AS (a int)", "ALTER TYPE c ADD ATTRIBUTE b int BEFORE a",
         "syntax error"),
    Fact("attribute-type", _COMPOSITE, "ALTER TYPE c ALTER ATTRIBUTE a TYPE bigint",
         'because column "t.x" uses it'),
    Fact("cast", "CREATE TABLE t (x text)", "ALTER TABLE t ALTER COLUMN x TYPE integer",
         "cannot be cast automatically to type integer"),
    Fact("column-order", "CREATE TABLE t (x int)", "ALTER TABLE t ADD COLUMN y int BEFORE x",
         "syntax error"),
    Fact("composite-order", _COMPOSITE, "ALTER TYPE c ALTER ATTRIBUTE a AFTER b", "syntax error"),
    Fact("detach-index", "CREATE TABLE p (x int) PARTITION BY LIST (x); CREATE INDEX i ON p (x);"
         " CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)", "DROP INDEX p1_x_idx",
         "because index i requires it"),
    Fact("domain-inside", "CREATE DOMAIN d AS int; CREATE TABLE t (x d[])",
         "ALTER DOMAIN d ADD CHECK (VALUE > 0)", 'because column "t.x" uses it'),
    Fact("enum-order", _ENUM, "ALTER TYPE e ALTER VALUE 'b' BEFORE 'a'", "syntax error"),
    Fact("enum-removed", _ENUM, "ALTER TYPE e DROP VALUE 'b'",
         "dropping an enum value is not implemented", 17),
    Fact("enum-removed", _ENUM, "ALTER TYPE e DROP VALUE 'b'", "syntax error", 14, 16),
    Fact("extension-schema", "CREATE SCHEMA s", "ALTER EXTENSION plpgsql SET SCHEMA s",
         "does not support SET SCHEMA"),
    Fact("generated", "CREATE TABLE t (a int, x int)",
         "ALTER TABLE t ALTER COLUMN x SET EXPRESSION AS (a * 2)", "is not a generated column", 17),
    Fact("generated", "CREATE TABLE t (a int, x int)",
         "ALTER TABLE t ALTER COLUMN x ADD GENERATED ALWAYS AS (a * 2) STORED", "syntax error"),
    Fact("generated-expression", "CREATE TABLE t (a int, x int GENERATED ALWAYS AS (a) STORED)",
         "ALTER TABLE t ALTER COLUMN x SET EXPRESSION AS (a * 2)", "syntax error", 14, 16),
    Fact("generated-kind", "CREATE TABLE t (a int, x int GENERATED ALWAYS AS (a) VIRTUAL)",
         "ALTER TABLE t ALTER COLUMN x SET EXPRESSION AS (a) STORED", "syntax error", 18),
    Fact("generated-virtual", "CREATE TABLE t (a int, x int GENERATED ALWAYS AS (a) VIRTUAL)",
         "ALTER TABLE t ALTER COLUMN x DROP EXPRESSION", "is not supported for virtual", 18),
    Fact("generated-virtual", "CREATE TABLE t (a int CHECK (a > 0),"
         " x int GENERATED ALWAYS AS (a) VIRTUAL)",
         "ALTER TABLE t ALTER COLUMN x SET EXPRESSION AS (a * 2)", "is not supported for virtual",
         18),
    Fact("held", "CREATE VIEW v AS SELECT 1 AS x; CREATE VIEW w AS SELECT x FROM v", "DROP VIEW v",
         "view w depends on view v"),
    Fact("held", "CREATE TABLE t (x int PRIMARY KEY, y int);"
         " CREATE VIEW v AS SELECT x, y, count(*) FROM t GROUP BY x",
         "ALTER TABLE t DROP CONSTRAINT t_pkey", "view v depends on constraint t_pkey"),
    Fact("held", "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';"
         " CREATE TABLE t (x int DEFAULT g())", "DROP FUNCTION g()", "depends on function g()"),
    Fact("held-foreign-key", _KEY, "ALTER TABLE t DROP CONSTRAINT t_pkey",
         "constraint u_x_fkey on table u depends on index t_pkey"),
    Fact("held-type", "CREATE TABLE t (x int); CREATE VIEW v AS SELECT x FROM t", _TYPE,
         "used by a view or rule"),
    Fact("held-type", "CREATE TABLE t (x int, y int GENERATED ALWAYS AS (x) STORED)", _TYPE,
         "used by a generated column"),
    Fact("held-type", "CREATE TABLE t (x int); CREATE POLICY p ON t USING (x > 0)", _TYPE,
         "used in a policy definition"),
    Fact("held-type", f"{_FUNCTION} CREATE TABLE t (x int); CREATE TRIGGER g BEFORE UPDATE ON t"
         " FOR EACH ROW WHEN (NEW.x > 0) EXECUTE FUNCTION f()", _TYPE,
         "used in a trigger definition"),
    Fact("held-type", f"{_FUNCTION} CREATE TABLE t (x int); CREATE TRIGGER g BEFORE UPDATE OF x"
         " ON t FOR EACH ROW EXECUTE FUNCTION f()", _TYPE, "used in a trigger definition"),
    Fact("held-type", "CREATE TABLE t (x int); CREATE FUNCTION g() RETURNS bigint LANGUAGE sql"
         " BEGIN ATOMIC SELECT max(x) FROM t; END", _TYPE, "used by a function or procedure"),
    Fact("inherited-type", "CREATE TABLE t (x int); CREATE TABLE u () INHERITS (t)",
         "ALTER TABLE u ALTER COLUMN x TYPE bigint", 'cannot alter inherited column "x"'),
    Fact("partition-key", "CREATE TABLE t (x int) PARTITION BY LIST (x)", _TYPE,
         "part of the partition key"),
    Fact("partition-key", "CREATE TABLE t (x int) PARTITION BY LIST (x)",
         "ALTER TABLE t DROP COLUMN x", "part of the partition key"),
    Fact("partitioning", "CREATE TABLE t (x int)", "ALTER TABLE t PARTITION BY LIST (x)",
         "syntax error"),
    Fact("row-type", "CREATE TABLE t (x int); CREATE TABLE u (r t)", _TYPE,
         'because column "u.r" uses its row type'),
    Fact("server-version", "CREATE TABLE t (x int)", "ALTER TABLE t SET ACCESS METHOD heap",
         "syntax error", 14, 14),
    Fact("type-used", "CREATE DOMAIN d AS int; CREATE TABLE t (x d)", "DROP DOMAIN d",
         "column x of table t depends on type d"),
    Fact("typed-attribute", "CREATE TYPE c AS (a int); CREATE TABLE t OF c",
         "ALTER TYPE c ADD ATTRIBUTE b int", "because it is the type of a typed table"),
    Fact("typed-table", "CREATE TYPE c AS (x int); CREATE TABLE t OF c",
         "ALTER TABLE t ADD COLUMN y int", "cannot add column to typed table"),
    Fact("typed-table", "CREATE TYPE c AS (x int); CREATE TABLE t OF c", _TYPE,
         "cannot alter column type of typed table"),
    Fact("view-column", "CREATE VIEW v AS SELECT 1 AS x", "ALTER VIEW v ALTER COLUMN x TYPE bigint",
         "not supported for views"),
)  # fmt: skip

# What is no statement's business: who decides, what is not known, what follows from another one.
NO_STATEMENT = frozenset(
    {
        "enum-renamed",
        "in-another-schema",
        "index-invalid",
        "info-extension",
        "info-schema",
        "inherited",
        "name-only",
        "name-taken",
        "needs",
        "server",
        "spelling",
    }
)
