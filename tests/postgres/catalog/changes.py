"""True changes to `assets/everything.sql`, one for each kind and part, with what is to be found."""

from __future__ import annotations

from dataclasses import dataclass

Found = tuple[str, str, str | None, str]
ERROR, WARNING, INFO = "error", "warning", "info"


@dataclass(frozen=True)
class Change:
    """SQL, and the object, name, part and severity of every difference that it makes."""

    sql: str
    found: frozenset[Found]
    since: int = 14

    def __str__(self) -> str:
        return self.sql[:70]


def change(sql: str, *found: Found, since: int = 14) -> Change:
    return Change(sql, frozenset(found), since)


def column(name: str, part: str | None, severity: str = ERROR) -> Found:
    return ("column", f"shop.{name}", part, severity)


def constraint(name: str, part: str | None, severity: str = ERROR) -> Found:
    return ("constraint", f"shop.{name}", part, severity)


def index(name: str, part: str | None, severity: str = ERROR) -> Found:
    return ("index", f"shop.{name}", part, severity)


def table(name: str, part: str | None, severity: str = ERROR) -> Found:
    return ("table", f"shop.{name}", part, severity)


def people(words: str) -> str:
    return f"ALTER TABLE shop.people {words}"


def again(drop: str, add: str, of: str = "orders") -> str:
    return f"ALTER TABLE shop.{of} DROP CONSTRAINT {drop}, ADD CONSTRAINT {drop} {add}"


WHO = "FOREIGN KEY (person) REFERENCES shop.people"
DEFERRED = "DEFERRABLE INITIALLY DEFERRED"
PEOPLE_NAME = "CREATE INDEX people_name ON shop.people"
PEOPLE_KEYS = "(lower(name) text_pattern_ops DESC NULLS LAST, number)"
PEOPLE_REST = "INCLUDE (balance) WITH (fillfactor = 60) WHERE balance > 0"
STAMPED = "CREATE TRIGGER stamped BEFORE INSERT OR UPDATE OF state, name ON shop.orders"
STAMPED_REST = "FOR EACH ROW WHEN (NEW.state <> 'old') EXECUTE FUNCTION shop.stamp('a', 'b')"
DOUBLE = "CREATE OR REPLACE FUNCTION shop.double(value integer, times integer DEFAULT 2)"
DOUBLE_REST = "LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'SELECT value * times'"
INTEGERS = "shop.double(integer, integer)"


def other_index(definition: str) -> str:
    return f"DROP INDEX shop.people_name; {PEOPLE_NAME} {definition}"


def other_trigger(definition: str) -> str:
    return (
        f"DROP TRIGGER stamped ON shop.orders; {definition};"
        "COMMENT ON TRIGGER stamped ON shop.orders IS 'when'"
    )


def stamped(part: str | None, severity: str = ERROR) -> Found:
    return ("trigger", "shop.orders.stamped", part, severity)


def double(part: str | None, severity: str = ERROR) -> Found:
    return ("function", INTEGERS, part, severity)


CHANGES = [
    # schemas and extensions
    change("CREATE SCHEMA more", ("schema", "more", None, INFO)),
    change(
        'DROP SCHEMA "Odd ""schema"" ünïcode" CASCADE',
        *(
            (
                kind,
                f'"Odd ""schema"" ünïcode".{name}' if name else '"Odd ""schema"" ünïcode"',
                None,
                ERROR,
            )
            for kind, name in (
                ("schema", ""),
                ("enum", '"a type"'),
                ("table", '"Table; DROP"'),
                ("function", '"f(""x"")"("Odd ""schema"" ünïcode"."a type")'),
            )
        ),
    ),
    change("COMMENT ON SCHEMA shop IS NULL", ("schema", "shop", "comment", WARNING)),
    change("CREATE EXTENSION pg_trgm", ("extension", "pg_trgm", None, INFO)),
    change(
        "ALTER EXTENSION btree_gist SET SCHEMA shop", ("extension", "btree_gist", "schema", ERROR)
    ),
    # types
    change("CREATE TYPE shop.state AS ENUM ('a')", ("enum", "shop.state", None, ERROR)),
    change("ALTER TYPE shop.mood ADD VALUE 'new'", ("enum", "shop.mood", "labels", ERROR)),
    change(
        "ALTER TYPE shop.mood RENAME VALUE 'sad' TO 'blue'",
        ("enum", "shop.mood", "labels", ERROR),
        ("column", '"Odd ""schema"" ünïcode"."Table; DROP"."ключ"', "default", ERROR),
    ),
    change(
        "UPDATE pg_enum SET enumsortorder = -enumsortorder WHERE enumtypid = 'shop.mood'::regtype",
        ("enum", "shop.mood", "labels", ERROR),
    ),
    change("COMMENT ON TYPE shop.mood IS 'other'", ("enum", "shop.mood", "comment", WARNING)),
    change("CREATE DOMAIN shop.zip AS text", ("domain", "shop.zip", None, ERROR)),
    change("ALTER DOMAIN shop.email DROP NOT NULL", ("domain", "shop.email", "not-null", ERROR)),
    change("ALTER DOMAIN shop.email SET DEFAULT 'x'", ("domain", "shop.email", "default", ERROR)),
    change(
        "ALTER DOMAIN shop.email DROP CONSTRAINT short",
        ("domain constraint", "shop.email.short", None, ERROR),
    ),
    change(
        "ALTER DOMAIN shop.email RENAME CONSTRAINT short TO brief",
        ("domain constraint", "shop.email.short", "name", WARNING),
    ),
    change(
        "ALTER DOMAIN shop.email DROP CONSTRAINT short;"
        " ALTER DOMAIN shop.email ADD CONSTRAINT short CHECK (length(VALUE) < 99)",
        ("domain constraint", "shop.email.short", "expression", ERROR),
    ),
    change(
        "ALTER DOMAIN shop.email VALIDATE CONSTRAINT lower_case",
        ("domain constraint", "shop.email.lower_case", "valid", ERROR),
    ),
    change("CREATE TYPE shop.pair AS (a integer)", ("composite type", "shop.pair", None, ERROR)),
    change(
        "CREATE TYPE shop.spans AS RANGE (subtype = integer)", ("range", "shop.spans", None, ERROR)
    ),
    change(
        "COMMENT ON TYPE shop.price_range IS NULL",
        ("range", "shop.price_range", "comment", WARNING),
    ),
    # sequences
    change("CREATE SEQUENCE shop.left_over", ("sequence", "shop.left_over", None, WARNING)),
    change("ALTER SEQUENCE shop.numbers AS bigint", ("sequence", "shop.numbers", "type", ERROR)),
    change(
        "ALTER SEQUENCE shop.numbers INCREMENT 6", ("sequence", "shop.numbers", "increment", ERROR)
    ),
    change("ALTER SEQUENCE shop.numbers START 20", ("sequence", "shop.numbers", "start", ERROR)),
    change(
        "ALTER SEQUENCE shop.numbers MAXVALUE 999", ("sequence", "shop.numbers", "maximum", ERROR)
    ),
    change(
        "ALTER SEQUENCE shop.numbers MINVALUE 9", ("sequence", "shop.numbers", "minimum", ERROR)
    ),
    change("ALTER SEQUENCE shop.numbers NO CYCLE", ("sequence", "shop.numbers", "cycle", ERROR)),
    change("ALTER SEQUENCE shop.numbers CACHE 4", ("sequence", "shop.numbers", "cache", ERROR)),
    change(
        "ALTER SEQUENCE shop.numbers OWNED BY shop.people.notes",
        ("sequence", "shop.numbers", "owned-by", ERROR),
    ),
    change(
        "ALTER SEQUENCE shop.orders_id_seq RENAME TO order_ids",
        ("sequence", "shop.orders_id_seq", "name", WARNING),
    ),
    change(
        "ALTER SEQUENCE shop.orders_id_seq RENAME TO order_ids;"
        " ALTER TABLE shop.orders ALTER id SET DEFAULT nextval('shop.numbers')",
        ("sequence", "shop.orders_id_seq", "name", WARNING),
        column("orders.id", "default"),
    ),
    change(
        "ALTER SEQUENCE shop.people_id_seq RENAME TO ids",
        ("sequence", "shop.people_id_seq", "name", WARNING),
    ),
    # tables
    change("CREATE TABLE shop.more (id integer)", table("more", None)),
    change("DROP TABLE shop.scrap", table("scrap", None)),
    change("ALTER TABLE shop.scrap SET LOGGED", table("scrap", "persistence")),
    change("COMMENT ON TABLE shop.people IS 'whom'", table("people", "comment", WARNING)),
    change(people("SET (fillfactor = 71)"), table("people", "options", WARNING)),
    change("ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY", table("orders", "row-security")),
    change(
        "ALTER TABLE shop.orders NO FORCE ROW LEVEL SECURITY", table("orders", "force-row-security")
    ),
    change(people("REPLICA IDENTITY NOTHING"), table("people", "replica-identity")),
    change(people("SET WITHOUT CLUSTER"), index("people.people_number", "clustered", WARNING)),
    change("ALTER TABLE shop.special NO INHERIT shop.base", table("special", "inherits")),
    change(
        "ALTER TABLE shop.events_rest DETACH PARTITION shop.events_rest_a",
        table("events_rest_a", "partition-of"),
        table("events_rest_a", "partition-bound"),
    ),
    change(
        "ALTER TABLE shop.events DETACH PARTITION shop.events_2024; ALTER TABLE shop.events"
        " ATTACH PARTITION shop.events_2024 FOR VALUES FROM ('2024-01-01') TO ('2024-12-31');"
        " ALTER TABLE shop.events_2024 DISABLE TRIGGER every",
        table("events_2024", "partition-bound"),
    ),
    change("ALTER TABLE shop.typed NOT OF", table("typed", "of-type")),
    # partitions and children say nothing new by repeating what their parent says
    change(
        "ALTER TABLE shop.events ADD COLUMN extra integer",
        column("events.extra", None),
    ),
    change(
        "ALTER TABLE shop.events DROP COLUMN person CASCADE",
        *(
            column("events.person", None),
            constraint("events.events_person_fkey", None),
            index("events_2024.events_2024_own", None),
        ),
    ),
    change(
        "ALTER TABLE shop.events ADD CONSTRAINT positive CHECK (id > 0)",
        constraint("events.positive", None),
    ),
    change(
        "ALTER TABLE shop.events RENAME CONSTRAINT events_kind TO kind_of_event",
        constraint("events.events_kind", "name", WARNING),
    ),
    change("DROP INDEX shop.events_at", index("events.events_at", None)),
    change(
        "ALTER TABLE shop.events DROP CONSTRAINT events_pkey",
        *(constraint("events.events_pkey", None),),
    ),
    change("ALTER TABLE shop.base ALTER COLUMN id TYPE bigint", column("base.id", "type")),
    change(
        "ALTER TABLE shop.events_2024 ALTER COLUMN kind SET DEFAULT 'k'",
        column("events_2024.kind", "default"),
    ),
    change(
        "ALTER TABLE shop.events_2024 DROP CONSTRAINT local",
        constraint("events_2024.local", None),
    ),
    # columns
    change(people("ADD COLUMN extra integer"), column("people.extra", None)),
    change(people("DROP COLUMN notes"), column("people.notes", None)),
    change(
        people("ALTER COLUMN tags TYPE varchar[]"),
        column("people.tags", "type"),
    ),
    change(
        "ALTER TABLE shop.events_rest_a ALTER COLUMN kind SET NOT NULL",
        column("events_rest_a.kind", "not-null"),
    ),
    change(
        "ALTER TABLE shop.typed NOT OF; ALTER TABLE shop.typed ALTER COLUMN zip TYPE varchar(41)",
        table("typed", "of-type"),
        column("typed.zip", "type"),
    ),
    change(people("ALTER COLUMN notes SET NOT NULL"), column("people.notes", "not-null")),
    change(
        "ALTER TABLE shop.scrap ALTER COLUMN data DROP NOT NULL", column("scrap.data", "not-null")
    ),
    change(people("ALTER COLUMN balance SET DEFAULT 1"), column("people.balance", "default")),
    change(people("ALTER COLUMN created DROP DEFAULT"), column("people.created", "default")),
    change(people("ALTER COLUMN feeling SET DEFAULT 'sad'"), column("people.feeling", "default")),
    change(people("ALTER COLUMN id SET GENERATED BY DEFAULT"), column("people.id", "identity")),
    change(people("ALTER COLUMN second DROP IDENTITY"), column("people.second", "identity")),
    change(
        people("ALTER COLUMN id SET INCREMENT 3"),
        ("sequence", "shop.people_id_seq", "increment", ERROR),
    ),
    change(people("ALTER COLUMN shouted DROP EXPRESSION"), column("people.shouted", "generated")),
    change(
        people(
            "DROP COLUMN shouted, ADD COLUMN shouted text GENERATED ALWAYS AS (lower(name)) STORED"
        ),
        column("people.shouted", "generated"),
        table("people", "column-order", INFO),
    ),
    change(
        'ALTER TABLE shop.special ALTER COLUMN extra TYPE text COLLATE "C"',
        column("special.extra", "collation"),
    ),
    change(
        people("ALTER COLUMN notes SET STORAGE MAIN"), column("people.notes", "storage", WARNING)
    ),
    change(
        people("ALTER COLUMN notes SET COMPRESSION default"),
        column("people.notes", "compression", WARNING),
    ),
    change(
        people("ALTER COLUMN name SET STATISTICS 400"), column("people.name", "statistics", WARNING)
    ),
    change(
        people("RESET (fillfactor), ALTER COLUMN name RESET (n_distinct)"),
        column("people.name", "options", WARNING),
        table("people", "options", WARNING),
    ),
    change("COMMENT ON COLUMN shop.people.name IS NULL", column("people.name", "comment", WARNING)),
    change(
        people("RENAME COLUMN notes TO remarks"),
        column("people.notes", None),
        column("people.remarks", None),
    ),
    # constraints
    change("ALTER TABLE shop.scrap ADD PRIMARY KEY (data)", constraint("scrap.scrap_pkey", None)),
    change(
        "ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey",
        constraint("orders.orders_pkey", None),
    ),
    change(
        "ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id, person)",
        constraint("orders.orders_pkey", "columns"),
        column("orders.person", "not-null"),
    ),
    change(
        "ALTER TABLE shop.orders RENAME CONSTRAINT who TO whom",
        constraint("orders.who", "name", WARNING),
    ),
    change(
        again("who", f"{WHO} ON DELETE SET NULL ON UPDATE RESTRICT {DEFERRED}"),
        constraint("orders.who", "on-delete"),
    ),
    change(
        again("who", f"{WHO} ON DELETE CASCADE {DEFERRED}"), constraint("orders.who", "on-update")
    ),
    change(
        again("who", f"{WHO} ON DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE"),
        constraint("orders.who", "deferral"),
    ),
    change(
        again(
            "who",
            "FOREIGN KEY (number) REFERENCES shop.people ON DELETE CASCADE"
            f" ON UPDATE RESTRICT {DEFERRED}",
        ),
        constraint("orders.who", "columns"),
    ),
    change(
        again(
            "who",
            "FOREIGN KEY (person) REFERENCES shop.people (number) ON DELETE CASCADE"
            f" ON UPDATE RESTRICT {DEFERRED}",
        ),
        constraint("orders.who", "referenced-columns"),
    ),
    change(
        again(
            "whole", "FOREIGN KEY (name, number) REFERENCES shop.people (name, number) NOT VALID"
        ),
        constraint("orders.whole", "match"),
    ),
    change(
        "ALTER TABLE shop.orders VALIDATE CONSTRAINT whole", constraint("orders.whole", "valid")
    ),
    change(
        again("own", "CHECK (second > 1) NO INHERIT", "people"),
        constraint("people.own", "expression"),
    ),
    change(again("own", "CHECK (second > 0)", "people"), constraint("people.own", "inherits")),
    change(people("VALIDATE CONSTRAINT later"), constraint("people.later", "valid")),
    change(
        people("DROP CONSTRAINT late, ADD CONSTRAINT late UNIQUE (second)"),
        constraint("people.late", "deferral"),
    ),
    change(
        again("once", "EXCLUDE USING gist (room WITH =, during WITH &&)"),
        constraint("orders.once", "definition"),
    ),
    change(
        "ALTER INDEX shop.named SET (fillfactor = 81)",
        constraint("people.named", "options", WARNING),
    ),
    change(
        "COMMENT ON CONSTRAINT balanced ON shop.people IS NULL",
        constraint("people.balanced", "comment", WARNING),
    ),
    change(
        "ALTER TABLE shop.modern DROP CONSTRAINT nullless, ADD CONSTRAINT nullless UNIQUE (a)",
        constraint("modern.nullless", "nulls-not-distinct"),
        since=15,
    ),
    change(
        "ALTER TABLE shop.modern DROP CONSTRAINT partly, ADD CONSTRAINT partly FOREIGN KEY (a, b)"
        " REFERENCES shop.modern_target (a, b) ON DELETE SET NULL",
        constraint("modern.partly", "on-delete-columns"),
        since=15,
    ),
    change(
        "ALTER TABLE shop.newest DROP CONSTRAINT lax, ADD CONSTRAINT lax CHECK (a > b)",
        constraint("newest.lax", "enforced"),
        constraint("newest.lax", "valid"),
        since=18,
    ),
    change(
        "ALTER TABLE shop.newest RENAME CONSTRAINT a_must TO a_may",
        column("newest.a", "not-null-name", WARNING),
        since=18,
    ),
    change(
        "ALTER TABLE shop.newest VALIDATE CONSTRAINT c_later",
        column("newest.c", "not-null-valid"),
        since=18,
    ),
    # indexes
    change("CREATE INDEX more ON shop.people (notes)", index("people.more", None)),
    change("DROP INDEX shop.people_tags", index("people.people_tags", None)),
    change(
        "ALTER INDEX shop.people_tags RENAME TO tagged",
        index("people.people_tags", "name", WARNING),
    ),
    change(
        "ALTER INDEX shop.people_number RENAME TO numbered",
        index("people.people_number", "name", WARNING),
    ),
    change(
        other_index(f"(upper(name) text_pattern_ops DESC NULLS LAST, number) {PEOPLE_REST}"),
        index("people.people_name", "columns"),
    ),
    change(
        other_index(f"(lower(name) DESC NULLS LAST, number) {PEOPLE_REST}"),
        index("people.people_name", "operator-classes"),
    ),
    change(
        other_index(f"(lower(name) text_pattern_ops DESC, number) {PEOPLE_REST}"),
        index("people.people_name", "order"),
    ),
    change(
        other_index(f"{PEOPLE_KEYS} WITH (fillfactor = 60) WHERE balance > 0"),
        index("people.people_name", "include"),
    ),
    change(
        other_index(f"{PEOPLE_KEYS} INCLUDE (balance) WITH (fillfactor = 60) WHERE balance > 1"),
        index("people.people_name", "predicate"),
    ),
    change(
        "ALTER INDEX shop.people_name SET (fillfactor = 61)",
        index("people.people_name", "options", WARNING),
    ),
    change(
        "DROP INDEX shop.people_tags; CREATE INDEX people_tags ON shop.people USING btree (tags);"
        " COMMENT ON INDEX shop.people_tags IS 'fast'",
        index("people.people_tags", "method"),
    ),
    change(
        "DROP INDEX shop.people_mail; CREATE INDEX people_mail ON shop.people"
        ' (mail COLLATE "POSIX") WHERE mail IS NOT NULL',
        index("people.people_mail", "unique"),
    ),
    change(
        "DROP INDEX shop.people_mail; CREATE UNIQUE INDEX people_mail ON shop.people (mail)"
        " WHERE mail IS NOT NULL",
        index("people.people_mail", "collations"),
    ),
    change(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.people_tags'::regclass",
        index("people.people_tags", "valid"),
    ),
    change(
        "COMMENT ON INDEX shop.people_tags IS 'slow'",
        index("people.people_tags", "comment", WARNING),
    ),
    change(
        "DROP INDEX shop.nullless_index; CREATE UNIQUE INDEX nullless_index ON shop.modern (b)",
        index("modern.nullless_index", "nulls-not-distinct"),
        since=15,
    ),
    # triggers, rules, policies
    change("DROP TRIGGER stamped ON shop.orders", stamped(None)),
    change("ALTER TRIGGER stamped ON shop.orders RENAME TO stamp", stamped("name", WARNING)),
    change("ALTER TABLE shop.orders ENABLE ALWAYS TRIGGER stamped", stamped("enabled")),
    change(
        other_trigger(f"{STAMPED.replace('BEFORE', 'AFTER')} {STAMPED_REST}"), stamped("timing")
    ),
    change(other_trigger(f"{STAMPED.replace('INSERT OR ', '')} {STAMPED_REST}"), stamped("events")),
    change(other_trigger(f"{STAMPED.replace('state, ', '')} {STAMPED_REST}"), stamped("columns")),
    change(other_trigger(f"{STAMPED} {STAMPED_REST.replace('old', 'odd')}"), stamped("condition")),
    change(
        other_trigger(f"{STAMPED} {STAMPED_REST.replace(chr(39) + 'b', chr(39) + 'c')}"),
        stamped("definition"),
    ),
    change(
        "DROP TRIGGER seen ON shop.orders; CREATE TRIGGER seen AFTER UPDATE ON shop.orders"
        " FOR EACH STATEMENT EXECUTE FUNCTION shop.stamp()",
        ("trigger", "shop.orders.seen", "definition", ERROR),
    ),
    change(
        "ALTER TABLE shop.events_2024 ENABLE TRIGGER every",
        ("trigger", "shop.events_2024.every", None, ERROR),
    ),
    change("COMMENT ON TRIGGER stamped ON shop.orders IS NULL", stamped("comment", WARNING)),
    change("DROP RULE quiet ON shop.orders", ("rule", "shop.orders.quiet", None, ERROR)),
    change(
        "ALTER TABLE shop.orders ENABLE RULE quiet", ("rule", "shop.orders.quiet", "enabled", ERROR)
    ),
    change("DROP POLICY mine ON shop.orders", ("policy", "shop.orders.mine", None, ERROR)),
    change(
        "ALTER POLICY mine ON shop.orders RENAME TO own",
        ("policy", "shop.orders.mine", "name", WARNING),
    ),
    change(
        "ALTER POLICY mine ON shop.orders USING (true)",
        ("policy", "shop.orders.mine", "using", ERROR),
    ),
    change(
        "ALTER POLICY strict ON shop.orders WITH CHECK (true)",
        ("policy", "shop.orders.strict", "check", ERROR),
    ),
    change(
        "ALTER POLICY strict ON shop.orders TO PUBLIC",
        ("policy", "shop.orders.strict", "roles", ERROR),
    ),
    change(
        "UPDATE pg_policy SET polpermissive = true WHERE polname = 'strict'",
        ("policy", "shop.orders.strict", "permissive", ERROR),
    ),
    # views
    change("CREATE VIEW shop.more AS SELECT 1 AS one", ("view", "shop.more", None, ERROR)),
    change("DROP VIEW shop.counted", ("view", "shop.counted", None, ERROR)),
    change(
        "CREATE OR REPLACE VIEW shop.a_richest AS SELECT * FROM shop.rich WHERE balance > 1001"
        " WITH LOCAL CHECK OPTION",
        ("view", "shop.a_richest", "definition", ERROR),
    ),
    change(
        "ALTER VIEW shop.rich SET (security_barrier = false)",
        ("view", "shop.rich", "options", ERROR),
    ),
    change("ALTER VIEW shop.rich ALTER COLUMN name DROP DEFAULT", column("rich.name", "default")),
    change("COMMENT ON VIEW shop.rich IS NULL", ("view", "shop.rich", "comment", WARNING)),
    change(
        "ALTER MATERIALIZED VIEW shop.totals SET (fillfactor = 51)",
        ("materialized view", "shop.totals", "options", WARNING),
    ),
    change("DROP INDEX shop.totals_state", index("totals.totals_state", None)),
    change("DROP MATERIALIZED VIEW shop.totals", ("materialized view", "shop.totals", None, ERROR)),
    # routines
    change(
        "CREATE FUNCTION shop.more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        ("function", "shop.more()", None, ERROR),
    ),
    change(
        f"{DOUBLE} RETURNS integer {DOUBLE_REST.replace('value *', '2 * value *')}", double("body")
    ),
    change(
        f"{DOUBLE.replace('DEFAULT 2', 'DEFAULT 3')} RETURNS integer {DOUBLE_REST}",
        double("arguments"),
    ),
    change(f"ALTER FUNCTION {INTEGERS} STABLE", double("volatility")),
    change(f"ALTER FUNCTION {INTEGERS} CALLED ON NULL INPUT", double("strict")),
    change(f"ALTER FUNCTION {INTEGERS} SECURITY DEFINER", double("security-definer")),
    change(f"ALTER FUNCTION {INTEGERS} PARALLEL RESTRICTED", double("parallel")),
    change(f"ALTER FUNCTION {INTEGERS} COST 6", double("cost")),
    change(f"ALTER FUNCTION {INTEGERS} LEAKPROOF", double("leakproof")),
    change(f"ALTER FUNCTION {INTEGERS} SET work_mem = '9MB'", double("settings")),
    change(f"COMMENT ON FUNCTION {INTEGERS} IS NULL", double("comment", WARNING)),
    change(
        "ALTER FUNCTION shop.many(integer, integer) ROWS 8",
        ("function", "shop.many(integer, integer)", "rows", ERROR),
    ),
    change("DROP PROCEDURE shop.tidy", ("procedure", "shop.tidy(integer)", None, ERROR)),
    change(
        "CREATE OR REPLACE PROCEDURE shop.tidy(INOUT done integer DEFAULT 0) LANGUAGE plpgsql"
        " SECURITY DEFINER AS $$BEGIN done := done + 2; END$$",
        ("procedure", "shop.tidy(integer)", "body", ERROR),
    ),
    change(
        "CREATE OR REPLACE AGGREGATE shop.total(integer) (SFUNC = int4mul, STYPE = integer,"
        " INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = SAFE)",
        ("aggregate", "shop.total(integer)", "body", ERROR),
    ),
    # what is known by name
    change(
        'CREATE TEXT SEARCH CONFIGURATION shop.words (PARSER = "default")',
        ("text search configuration", "shop.words", None, ERROR),
    ),
    change("DROP STATISTICS shop.together", ("statistics", "shop.together", None, ERROR)),
]
