"""Several MetaData objects merged into one say the same DDL as before."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import sqlalchemy
from sqlalchemy import (
    ARRAY,
    DDL,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import BLANK_SCHEMA, CreateIndex, CreateTable
from sqlalchemy.sql import ddl

from modalembic.errors import DuplicateSchemaObject, DuplicateTable
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.models.definitions import TableDefinition
from modalembic.runtime.models.loaded import FoundMetaData, LoadedModels, ModelTable
from modalembic.runtime.models.metadata import merged_metadata

if TYPE_CHECKING:
    from sqlalchemy import (
        Connection,
    )

VERBOSE: Mapping[str, str] = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
TERSE: Mapping[str, str] = {
    "pk": "%(table_name)s_pk",
    "fk": "%(table_name)s_%(column_0_name)s_fk",
    "uq": "%(table_name)s_%(column_0_name)s_key",
    "ix": "%(table_name)s_%(column_0_name)s_idx",
}


def loaded(*metadatas: MetaData) -> LoadedModels:
    """As if found in the modules `models0`, `models1`, …"""
    return LoadedModels(
        metadatas=tuple(
            FoundMetaData(metadata, f"models{number}", None)
            for number, metadata in enumerate(metadatas)
        ),
        tables=tuple(
            ModelTable(
                key,
                table,
                TableDefinition(f"models{number}", key, Path(f"models{number}.py"), 7),
                None,
            )
            for number, metadata in enumerate(metadatas)
            for key, table in sorted(metadata.tables.items())
        ),
        problems=(),
    )


def ddl_of(*metadatas: MetaData) -> set[str]:
    """The statements that make all tables and indexes."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    tables = [table for metadata in metadatas for table in metadata.tables.values()]
    elements = [CreateTable(table) for table in tables if not getattr(table, "is_view", False)]
    indexes = [CreateIndex(index) for table in tables for index in table.indexes]
    made: list[Any] = [*elements, *indexes]
    return {str(element.compile(dialect=dialect)).strip() for element in made}


def create_all_log(metadata: MetaData, method: str = "create_all") -> list[str]:
    """What `create_all` would send, without checking what is there."""
    statements: list[str] = []

    def note(statement: Any, *_: Any, **__: Any) -> None:
        statements.append(" ".join(str(statement.compile(dialect=engine.dialect)).split()))

    engine = sqlalchemy.create_mock_engine("postgresql+psycopg://", note)
    getattr(metadata, method)(engine, checkfirst=False)
    return statements


def ddl_event(statement: str) -> Any:
    return cast(Any, DDL)(statement)


def shop(accounts: MetaData, billing: MetaData) -> None:
    """Tables with a bit of everything, foreign keys in both directions between the two."""
    Table(
        "accounts",
        accounts,
        Column("id", Integer, Identity(), primary_key=True),
        Column("email", String(200), unique=True, nullable=False),
        Column("slug", String(63), index=True, comment="part of the address"),
        Column("active", Boolean, server_default=text("true")),
        Column("settings", postgresql.JSONB, server_default=text("'{}'::jsonb")),
        Column("full", Text, Computed("email || slug", persisted=True)),
        Column("last_invoice_id", ForeignKey("invoices.id", use_alter=True)),
        CheckConstraint("slug ~ '^[a-z]+$'", name="slug_format"),
        Index("accounts_lower_email", func.lower(text("email")), unique=True),
        Index(
            "accounts_search",
            text("to_tsvector('simple', email)"),
            postgresql_using="gin",
            postgresql_where=text("active"),
        ),
        comment="Who pays",
        info={"team": "identity"},
    )
    Table("visits", accounts, Column("day", Integer), postgresql_partition_by="RANGE (day)")
    Table("sessions", accounts, Column("id", Integer, primary_key=True), prefixes=["UNLOGGED"])
    invoices = Table(
        "invoices",
        billing,
        Column("id", Integer, Sequence("invoice_numbers", start=100), primary_key=True),
        Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), index=True),
        Column("number", String(20), unique=True),
        Column("during", postgresql.INT4RANGE),
        UniqueConstraint("account_id", "number", deferrable=True, initially="DEFERRED"),
        UniqueConstraint("number", name="by_hand", postgresql_nulls_not_distinct=True),
        postgresql.ExcludeConstraint(("during", "&&"), name="no_overlap", using="gist"),
    )
    Index("invoices_open", invoices.c.number.desc(), postgresql_where=invoices.c.account_id > 0)
    Table(
        "invoice_lines",
        billing,
        Column("invoice_id", Integer, primary_key=True),
        Column("line", Integer, primary_key=True),
        Column("account_id", Integer),
        ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], onupdate="CASCADE", deferrable=True, match="FULL"
        ),
        ForeignKeyConstraint(["account_id"], ["accounts.id"], name="payer"),
    )


@pytest.mark.parametrize("convention", [None, VERBOSE, TERSE], ids=["none", "verbose", "terse"])
def test_merged_tables_have_the_ddl_of_tables_that_shared_one_metadata_from_the_start(
    convention: Any,
) -> None:
    shared = MetaData(naming_convention=convention)
    shop(shared, shared)
    accounts, billing = (MetaData(naming_convention=convention) for _ in range(2))
    shop(accounts, billing)
    assert ddl_of(merged_metadata(loaded(accounts, billing))) == ddl_of(shared)
    accounts, billing = (MetaData(naming_convention=convention) for _ in range(2))
    shop(accounts, billing)
    assert ddl_of(merged_metadata(loaded(billing, accounts))) == ddl_of(shared)


def flags(metadata: MetaData, name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("code", String(9), unique=True, index=True),
        Column("parent_id", ForeignKey(f"{name}.id")),
        Column("on", Boolean(create_constraint=True, name="on_known")),
        Column("kind", Enum("a", "b", native_enum=False, create_constraint=True, name="kind")),
        CheckConstraint("id > 0", name="positive"),
        Index(None, "id", "code"),
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_each_source_keeps_its_own_naming_convention(order: tuple[int, ...]) -> None:
    sources = [
        MetaData(naming_convention=dict(VERBOSE)),
        MetaData(naming_convention=dict(TERSE)),
        MetaData(),
    ]
    for source, name in zip(sources, ("verbose", "terse", "plain"), strict=True):
        flags(source, name)
    before = ddl_of(*sources)
    merged = merged_metadata(loaded(*(sources[number] for number in order)))
    assert ddl_of(merged) == before
    assert ddl_of(*sources) == before


def test_unnamed_constraints_of_types_keep_their_convention_too() -> None:
    names = {"ck": "%(table_name)s_%(column_0_name)s_check"}
    one, other = MetaData(naming_convention=names), MetaData()
    Table("a", one, Column("on", Boolean(create_constraint=True)))
    Table("b", other, Column("on", Boolean(create_constraint=True)))
    sources = loaded(one, other)
    # Postgres has a boolean type and makes no CHECK; other databases do.
    dialect = sqlalchemy.dialects.registry.load("sqlite")()
    before = {str(CreateTable(t.table).compile(dialect=dialect)) for t in sources.tables}
    merged = merged_metadata(sources)
    after = {str(CreateTable(t).compile(dialect=dialect)) for t in merged.tables.values()}
    assert after == before
    assert any("a_on_check" in statement for statement in after)


def test_a_single_metadata_is_used_as_it_is() -> None:
    metadata = MetaData()
    flags(metadata, "flags")
    assert merged_metadata(loaded(metadata)) is metadata


def test_no_metadata_at_all_gives_an_empty_one() -> None:
    assert not merged_metadata(loaded()).tables


def test_the_convention_of_the_merged_metadata_is_the_one_that_all_share() -> None:
    one, other = (MetaData(naming_convention=dict(VERBOSE)) for _ in range(2))
    flags(one, "a")
    flags(other, "b")
    assert merged_metadata(loaded(one, other)).naming_convention == VERBOSE
    different = MetaData(naming_convention=dict(TERSE))
    flags(different, "c")
    merged = merged_metadata(loaded(one, different))
    assert merged.naming_convention == MetaData().naming_convention


def test_one_table_in_two_metadatas_is_an_error_that_names_both() -> None:
    one, other = MetaData(), MetaData()
    flags(one, "flags")
    flags(other, "flags")
    with pytest.raises(DuplicateTable) as raised:
        merged_metadata(loaded(one, other))
    assert raised.value.message == (
        "two MetaData objects have a table 'flags': models0.py:7 and models1.py:7"
    )


def test_info_comments_prefixes_and_options_are_kept() -> None:
    accounts, billing = MetaData(info={"a": 1}), MetaData(info={"b": 2})
    shop(accounts, billing)
    accounts.tables["accounts"].c.slug.info["shown"] = True
    merged = merged_metadata(loaded(accounts, billing))
    table = merged.tables["accounts"]
    assert merged.info == {"a": 1, "b": 2}
    assert table.info == {"team": "identity"}
    assert table.comment == "Who pays"
    assert table.c.slug.comment == "part of the address"
    assert table.c.slug.info == {"shown": True}
    assert any(s.startswith("CREATE UNLOGGED TABLE sessions") for s in ddl_of(merged))
    assert any(s.endswith("PARTITION BY RANGE (day)") for s in ddl_of(merged))


def test_conditions_and_info_of_indexes_and_constraints_are_kept() -> None:
    one, other = MetaData(), MetaData()
    table = flags(one, "a")
    flags(other, "b")
    index = Index("only_mysql", table.c.code, info={"why": "speed"}).ddl_if(dialect="mysql")
    table.append_constraint(
        CheckConstraint("id < 9", name="small", info={"x": 1}).ddl_if(dialect="mysql")
    )
    merged = merged_metadata(loaded(one, other))
    copied = {str(item.name): item for item in merged.tables["a"].indexes}
    assert copied["only_mysql"].info == {"why": "speed"}
    statements = create_all_log(merged)
    assert not any("only_mysql" in s or "small" in s for s in statements)
    assert index.table is table


# --- schemas --------------------------------------------------------------------------------------


def test_a_foreign_key_without_a_schema_means_that_of_its_own_metadata() -> None:
    crm, public = MetaData(schema="crm"), MetaData()
    Table("users", public, Column("id", Integer, primary_key=True))
    Table("users", crm, Column("id", Integer, primary_key=True))
    Table("notes", crm, Column("user_id", ForeignKey("users.id")))
    merged = merged_metadata(loaded(public, crm))
    (key,) = merged.tables["crm.notes"].foreign_keys
    assert key.column.table is merged.tables["crm.users"]


def test_a_foreign_key_to_a_table_outside_the_schema_stays_there() -> None:
    crm, public = MetaData(schema="crm"), MetaData()
    users = Table("users", crm, Column("id", Integer, primary_key=True), schema=BLANK_SCHEMA)
    Table("users", crm, Column("id", Integer, primary_key=True))
    Table("notes", crm, Column("user_id", ForeignKey(users.c.id)))
    flags(public, "flags")
    merged = merged_metadata(loaded(crm, public))
    (key,) = merged.tables["crm.notes"].foreign_keys
    assert key.column.table is merged.tables["users"]


def test_a_foreign_key_by_column_leads_across_metadatas() -> None:
    crm, public = MetaData(schema="crm"), MetaData()
    users = Table("users", public, Column("id", postgresql.UUID, primary_key=True))
    Table("notes", crm, Column("user_id", ForeignKey(users.c.id)))
    for order in ((public, crm), (crm, public)):
        merged = merged_metadata(loaded(*order))
        (key,) = merged.tables["crm.notes"].foreign_keys
        assert key.column.table is merged.tables["users"]
        assert isinstance(merged.tables["crm.notes"].c.user_id.type, postgresql.UUID)


def test_a_column_takes_its_type_from_a_foreign_key_into_another_metadata() -> None:
    for first in (0, 1):
        sources = [MetaData(), MetaData()]
        Table("users", sources[0], Column("id", postgresql.UUID, primary_key=True))
        Table("notes", sources[1], Column("user_id", ForeignKey("users.id")))
        merged = merged_metadata(loaded(sources[first], sources[1 - first]))
        assert isinstance(merged.tables["notes"].c.user_id.type, postgresql.UUID)


# --- types ----------------------------------------------------------------------------------------


class Color(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


def color(metadata: MetaData | None = None, **given: Any) -> Enum:
    return Enum(
        Color,
        name="color",
        metadata=metadata,
        values_callable=lambda members: [member.value for member in members],
        **given,
    )


class Painted(TypeDecorator[str]):
    impl = Enum("thin", "thick", name="coat")
    cache_ok = True


def painted(one: MetaData, other: MetaData) -> None:
    Table("cars", one, Column("color", color()), Column("others", ARRAY(color())))
    Table("boats", other, Column("color", color(other)), Column("coat", Painted()))
    Table("bikes", other, Column("color", color(), server_default=text("'red'")))
    Table(
        "signs",
        other,
        Column("text", String(9).with_variant(Enum("x", "y", name="sign"), "postgresql")),
    )


def test_types_of_one_name_become_one_type_of_the_merged_metadata() -> None:
    one, other = MetaData(), MetaData()
    painted(one, other)
    before = ddl_of(one, other)
    merged = merged_metadata(loaded(one, other))
    types = [merged.tables[name].c.color.type for name in ("cars", "boats", "bikes")]
    assert types[0] is types[1] is types[2]
    shared = types[0]
    assert isinstance(shared, Enum)
    assert shared.metadata is merged
    assert shared.enums == ["red", "blue"]
    others = merged.tables["cars"].c.others.type
    assert isinstance(others, ARRAY)
    assert others.item_type is shared
    assert ddl_of(merged) == before
    made = [s for s in create_all_log(merged) if s.startswith("CREATE TYPE")]
    assert sorted(made) == [
        "CREATE TYPE coat AS ENUM ('thin', 'thick')",
        "CREATE TYPE color AS ENUM ('red', 'blue')",
        "CREATE TYPE sign AS ENUM ('x', 'y')",
    ]
    dropped = [s for s in create_all_log(merged, "drop_all") if s.startswith("DROP TYPE")]
    assert sorted(dropped) == ["DROP TYPE coat", "DROP TYPE color", "DROP TYPE sign"]


def test_merging_leaves_the_types_and_listeners_of_the_sources_as_they_were() -> None:
    one, other = MetaData(), MetaData()
    painted(one, other)
    Table("numbers", one, Column("n", Integer, Sequence("numbers_seq"), primary_key=True))
    types = [column.type for column in one.tables["cars"].columns]
    logs = [create_all_log(one), create_all_log(other)]
    sequences = dict(one._sequences)
    merged_metadata(loaded(one, other))
    merged_metadata(loaded(other, one))
    assert [column.type for column in one.tables["cars"].columns] == types
    assert all(
        now is then
        for now, then in zip((c.type for c in one.tables["cars"].columns), types, strict=True)
    )
    assert "copy" not in vars(types[0])
    assert [create_all_log(one), create_all_log(other)] == logs
    assert dict(one._sequences) == sequences
    assert all(sequence.metadata is one for sequence in sequences.values())


def test_a_type_keeps_its_schema_whatever_the_table_has() -> None:
    one, other = MetaData(schema="crm"), MetaData()
    Table("a", one, Column("x", Enum("p", name="state", schema="types")))
    Table("b", one, Column("x", Enum("q", name="mood", metadata=MetaData())))
    flags(other, "flags")
    before = ddl_of(one, other)
    merged = merged_metadata(loaded(one, other))
    assert ddl_of(merged) == before
    copied = merged.tables["crm.a"].c.x.type
    assert isinstance(copied, Enum)
    assert copied.schema == "types"


def test_two_types_of_one_name_and_different_labels_are_an_error() -> None:
    one, other = MetaData(), MetaData()
    Table("a", one, Column("x", Enum("p", "q", name="state")))
    Table("b", other, Column("x", Enum("q", "p", name="state")))
    with pytest.raises(DuplicateSchemaObject) as raised:
        merged_metadata(loaded(one, other))
    assert raised.value.message == (
        "there are two different definitions of the type 'state': "
        "in models0 (CREATE TYPE state AS ENUM ('p', 'q')) "
        "and in models1 (CREATE TYPE state AS ENUM ('q', 'p'))"
    )
    assert isinstance(one.tables["a"].c.x.type, Enum)
    assert one.tables["a"].c.x.type.metadata is not other


def test_types_without_a_table_are_carried_over() -> None:
    one, other = MetaData(), MetaData()
    Enum("p", name="free", metadata=one)
    flags(one, "a")
    flags(other, "b")
    assert "CREATE TYPE free AS ENUM ('p')" in create_all_log(merged_metadata(loaded(one, other)))


def test_a_type_that_is_not_to_be_created_stays_so() -> None:
    one, other = MetaData(), MetaData()
    Table("a", one, Column("x", postgresql.ENUM("p", name="state", create_type=False)))
    flags(other, "b")
    merged = merged_metadata(loaded(one, other))
    assert not any("CREATE TYPE" in statement for statement in create_all_log(merged))


def test_domains_are_carried_over_whole() -> None:
    one, other = MetaData(), MetaData()
    for metadata, name in ((one, "a"), (other, "b")):
        domain = postgresql.DOMAIN(
            "positive",
            Integer,
            check="VALUE > 0",
            not_null=True,
            default="1",
            constraint_name="positive_check",
        )
        Table(name, metadata, Column("x", domain))
    before = {s for source in (one, other) for s in create_all_log(source) if "DOMAIN" in s}
    merged = merged_metadata(loaded(one, other))
    made = [s for s in create_all_log(merged) if "DOMAIN" in s]
    assert made == [*before]
    assert "CHECK (VALUE > 0)" in made[0]


# --- sequences, events, dependencies, views -------------------------------------------------------


def test_free_sequences_are_carried_over() -> None:
    one, other = MetaData(schema="crm"), MetaData()
    Sequence("tickets", start=5, increment=2, metadata=one)
    Sequence("coupons", metadata=other)
    flags(one, "a")
    flags(other, "b")
    made = [s for s in create_all_log(merged_metadata(loaded(one, other))) if "SEQUENCE" in s]
    assert sorted(made) == [
        "CREATE SEQUENCE coupons",
        "CREATE SEQUENCE crm.tickets INCREMENT BY 2 START WITH 5",
    ]


def test_two_sequences_of_one_name_that_differ_are_an_error() -> None:
    one, other = MetaData(), MetaData()
    Sequence("tickets", start=5, metadata=one)
    Sequence("tickets", start=6, metadata=other)
    with pytest.raises(DuplicateSchemaObject, match="sequence 'tickets'"):
        merged_metadata(loaded(one, other))


def test_listeners_on_tables_and_metadatas_are_carried_over_once() -> None:
    one, other = MetaData(), MetaData()
    painted(one, other)
    event.listen(one.tables["cars"], "after_create", ddl_event("COMMENT ON TABLE cars IS 'fast'"))
    event.listen(one, "before_create", ddl_event("CREATE EXTENSION citext"))
    event.listen(other, "before_create", ddl_event("CREATE EXTENSION hstore"))
    event.listen(other, "after_drop", ddl_event("DROP EXTENSION hstore"))
    merged = merged_metadata(loaded(one, other))
    statements = create_all_log(merged)
    for statement in (
        "COMMENT ON TABLE cars IS 'fast'",
        "CREATE EXTENSION citext",
        "CREATE EXTENSION hstore",
    ):
        assert statements.count(statement) == 1
    assert create_all_log(merged, "drop_all").count("DROP EXTENSION hstore") == 1


def test_declared_dependencies_between_tables_are_kept() -> None:
    one, other = MetaData(), MetaData()
    first = Table("z", one, Column("id", Integer))
    Table("a", one, Column("id", Integer)).add_is_dependent_on(first)
    flags(other, "flags")
    merged = merged_metadata(loaded(one, other))
    assert [t.name for t in merged.sorted_tables if t.name in "az"] == ["z", "a"]


def test_views_follow_the_tables_they_select_from_even_of_another_metadata() -> None:
    if not hasattr(ddl, "CreateView"):
        return  # SQLAlchemy 2.0 has no views
    one, other = MetaData(), MetaData()
    users = Table("users", one, Column("id", Integer), Column("color", color()))
    ddl.CreateView(select(users.c.id, users.c.color), "a_view", metadata=other)
    flags(other, "flags")
    for order in ((one, other), (other, one)):
        merged = merged_metadata(loaded(*order))
        made = [
            s for s in create_all_log(merged) if s.startswith(("CREATE TABLE u", "CREATE VIEW"))
        ]
        assert made[0].startswith("CREATE TABLE users")
        assert made[1] == "CREATE VIEW a_view AS SELECT users.id, users.color FROM users"
        assert merged.tables["a_view"].is_view


# --- on a server ----------------------------------------------------------------------------------


def everything(one: MetaData, other: MetaData) -> None:
    shop(one, other)
    painted(one, other)
    Sequence("tickets", start=5, metadata=one)
    event.listen(one, "before_create", ddl_event("CREATE SCHEMA audit"))
    event.listen(
        other.tables["boats"], "after_create", ddl_event("CREATE TABLE audit.boats (n int)")
    )
    Table("domained", one, Column("x", postgresql.DOMAIN("posint", Integer, check="VALUE > 0")))


def test_create_all_of_the_merged_metadata_makes_everything(
    make_database: Callable[[], str],
) -> None:
    shared = MetaData(naming_convention=dict(VERBOSE))
    everything(shared, shared)
    one, other = (MetaData(naming_convention=dict(VERBOSE)) for _ in range(2))
    everything(one, other)
    merged = merged_metadata(loaded(one, other))
    assert made_by(merged, make_database()) == made_by(shared, make_database())


def test_the_sources_alone_cannot_be_created() -> None:
    """The fact that all this rests on."""
    one, other = MetaData(), MetaData()
    shop(one, other)
    with pytest.raises(SQLAlchemyError):
        create_all_log(one)


def made_by(metadata: MetaData, url: str) -> dict[str, Any]:
    """What `create_all` makes in an empty database; `drop_all` has to work as well."""
    engine = create_engine(DatabaseURL.parse(url).sqlalchemy)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            made = catalog(connection)
            metadata.drop_all(connection)
            assert not inspect(connection).get_table_names()
            assert not catalog(connection)["enums"]
    finally:
        engine.dispose()
    return made


def catalog(connection: Connection) -> dict[str, Any]:
    queries = {
        "columns": "SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), "
        "attnotnull FROM pg_attribute JOIN pg_class c ON c.oid = attrelid "
        "WHERE attnum > 0 AND relkind = 'r' AND relnamespace::regnamespace::text "
        "IN ('public', 'audit') ORDER BY 1, 2",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = 'public' ORDER BY 1, 2",
        "enums": "SELECT enumtypid::regtype::text, enumlabel FROM pg_enum "
        "ORDER BY 1, enumsortorder",
        "domains": "SELECT typname FROM pg_type WHERE typtype = 'd' "
        "AND typnamespace = 'public'::regnamespace",
        "sequences": "SELECT sequencename, start_value FROM pg_sequences ORDER BY 1",
    }
    return {name: connection.execute(text(query)).all() for name, query in queries.items()}
