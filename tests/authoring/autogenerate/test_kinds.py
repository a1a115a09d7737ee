"""What of a schema can change, and what is written for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.autogenerate.renames import Wanted
from modalembic.checks.dependencies import check_dependencies
from modalembic.checks.history import check_history
from tests.authoring.autogenerate.shops import Shop, bodies, shop

BEFORE = {
    "users": """
        Table("users", M, Column("id", Integer, primary_key=True),
            Column("email", String(50), nullable=False), Column("age", Integer, comment="years"),
            Column("kind", Enum("a", "b", name="kind"), server_default="a", nullable=False),
            Column("n", Integer, Identity(always=True)), Column("w", Integer), Column("h", Integer),
            Column("area", Integer, Computed("w * h", persisted=True)), Column("gone", Text),
            CheckConstraint("age > 0", name="age_pos"), UniqueConstraint("email", name="uq_email"),
            Index("ix_age", "age"), Index("ix_low", text("lower(email)")), comment="people")
        Table("tags", M, Column("a", Integer, primary_key=True),
            Column("b", Integer, nullable=False), Column("s", String(10)))
        Table("old", M, Column("id", Integer, primary_key=True),
            Column("u", ForeignKey("users.id")), Column("k", Enum("x", "y", name="oldkind")),
            CheckConstraint("id <> 7", name="not7"))
    """,
    "orders": """
        Table("orders", M, Column("id", BigInteger, primary_key=True),
            Column("user_id", ForeignKey("users.id", name="fk_u")),
            Column("total", Numeric(10, 2), server_default="0"),
            Column("st", Enum("new", "paid", name="status")), Column("ts", DateTime),
            Column("ref", String(10), unique=True),
            Index("ix_part", "total", postgresql_where=text("total > 0")))
        Sequence("order_no", metadata=M)
        Sequence("gone_no", metadata=M)
    """,
    "stock": 'Table("item", M, Column("id", Integer, primary_key=True), Column("sku", String))',
}
AFTER = {
    "users": """
        Table("users", M, Column("id", BigInteger, primary_key=True),
            Column("email", String(80)), Column("age", Integer, comment="age in years"),
            Column("kind", Enum("a", "b", "c", name="kind"), server_default="b", nullable=False),
            Column("n", Integer, Identity(always=False, start=5)),
            Column("w", Integer, server_default=text("3")), Column("h", Integer, nullable=False),
            Column("area", Integer, Computed("w * h", persisted=True)),
            Column("fresh", JSONB, server_default=text("'{\\"a\\": 1}'::jsonb")),
            Column("must", Integer, nullable=False),
            CheckConstraint("age > 1", name="age_pos"), CheckConstraint("w > 1", name="w_pos"),
            UniqueConstraint("email", name="uq_email", postgresql_nulls_not_distinct=True),
            Index("ix_age", "age", "w", unique=True), Index("ix_low", text("upper(email)")),
            comment="persons: all :of them 100%")
        Table("tags", M, Column("a", Integer, primary_key=True),
            Column("b", Integer, primary_key=True),
            Column("s", String(10), CheckConstraint("s <> ''", name="s_full")),
            Column("fav", ForeignKey("orders.id")),
            Column("kinds", ARRAY(Enum("a", "b", "c", name="kind"))))
        Table("pay", M,
            Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
            Column("m", Enum("card", "cash", name="method"), nullable=False))
    """,
    "orders": """
        Table("orders", M, Column("id", BigInteger, primary_key=True),
            Column("user_id", ForeignKey("users.id", name="fk_u", ondelete="SET NULL")),
            Column("total", Numeric(12, 2), server_default="1"),
            Column("st", Enum("new", "paid", "sent", name="status"), server_default="sent"),
            Column("ts", DateTime(timezone=True)), Column("ref", String(10)),
            Column("pay", ForeignKey("pay.id")),
            Column("no", BigInteger, server_default=text("nextval('order_no')")),
            Column("email", DOMAIN("email", String, check=text("VALUE ~ '@'"))),
            Index("ix_part", "total", postgresql_where=text("total > 1")))
        Sequence("order_no", metadata=M, increment=2)
        Sequence("new_no", metadata=M)
    """,
    "stock": """
        Table("item", M, Column("id", Integer, primary_key=True), Column("sku", String))
        Table("bin", M, Column("id", Integer, primary_key=True), Column("i", ForeignKey("item.id")),
            Column("m", Enum("card", "cash", name="method")), schema="wh")
    """,
}


@pytest.fixture
def alone(tmp_path: Path, server_url: str) -> Shop:
    return shop(tmp_path / "shop", server_url, "core")


def test_dozens_of_changes_at_once(tmp_path: Path, server_url: str) -> None:
    files = shop(tmp_path / "shop", server_url, "orders", "stock", "users")
    files.models(**BEFORE).generated()
    assert files.drift() == []
    planned = files.models(**AFTER).generated(renames=Wanted(no_others=True))
    assert planned.left == ()
    assert files.drift() == []
    project = files.files.load()
    assert [*check_history(project), *check_dependencies(project)] == []
    written = bodies(planned)
    # The type belongs to the lowest module that needs it, and is there before any table.
    assert written["stock"].index("CREATE TYPE public.method") < written["stock"].index("op.create")
    assert "CREATE TYPE" not in written["users"].partition("def downgrade")[0]
    # Older ones of Alembic cannot write the operation down.
    operation = 'op.create_check_constraint(op.f("w_pos"), "users", "w > 1")'
    assert operation in written["users"] or "ADD CONSTRAINT w_pos CHECK" in written["users"]
    assert "postgresql_where=sa.text" in written["orders"]
    labels = [each for each in planned.revisions if "ADD VALUE" in each.path.read_text()]
    assert [each.module for each in labels] == ["orders", "users"]
    destructive = [what for each in planned.revisions for what in each.destructive]
    assert "drops table old with its rows" in destructive
    assert "drops column users.gone with its values" in destructive
    assert not any("users.email" in what for what in destructive)  # it only gets wider


def test_a_new_label_has_a_revision_of_its_own(alone: Shop) -> None:
    table = 'Table("t", M, Column("k", Enum({}, name="kind"){}))'
    alone.models(core=table.format('"a"', "")).generated()
    planned = alone.models(core=table.format('"a", "b"', ', server_default="b"')).generated()
    first, second = planned.revisions
    assert second.place.down == first.place.id
    text = first.path.read_text()
    assert "with op.get_context().autocommit_block():" in text
    assert "ADD VALUE IF NOT EXISTS 'b' AFTER 'a'" in text
    assert "CREATE TYPE public.kind AS ENUM ('a')" in text  # the downgrade takes it back
    assert 'server_default="b"' in second.path.read_text()


def test_types_are_dropped_by_the_downgrade(alone: Shop) -> None:
    alone.models(core='Table("t", M, Column("k", Enum("a", name="kind")))')
    text = bodies(alone.generated())["core"]
    assert "create_type=False" in text
    assert text.index('op.drop_table("t")') < text.index("DROP TYPE public.kind")


def test_a_column_that_has_to_have_a_value_gets_the_steps_for_that(alone: Shop) -> None:
    alone.models(core='Table("t", M, Column("id", Integer))').generated()
    more = 'Table("t", M, Column("id", Integer), Column("must", Integer, nullable=False))'
    (made,) = alone.models(core=more).generated().revisions
    assert made.warnings == (
        "adds t.must as NOT NULL without a default, which fails if there are rows",
    )
    assert '# 2. op.execute("UPDATE t SET must = … WHERE must IS NULL")' in made.path.read_text()


def test_what_is_destructive_is_marked(alone: Shop) -> None:
    alone.models(core='Table("t", M, Column("a", Integer), Column("b", Text))').generated()
    (made,) = alone.models(core='Table("t", M, Column("a", Integer))').generated().revisions
    assert made.destructive == ("drops column t.b with its values",)
    assert "    # DESTRUCTIVE: drops column t.b with its values\n" in made.path.read_text()


def test_what_has_no_safe_sql_is_left_and_sketched(alone: Shop) -> None:
    alone.models(core='Table("t", M, Column("a", String), Column("b", Integer))').generated()
    planned = alone.models(core='Table("t", M, Column("a", Boolean))').generated()
    (left,) = planned.left
    assert left.startswith("column public.t.a (type): character varying, not boolean: ")
    text = planned.revisions[0].path.read_text()
    assert "    # TO DO BY HAND: column public.t.a (type)\n" in text
    assert [finding.name for finding in alone.drift()] == ["public.t.a"]


def test_where_all_is_left_nothing_is_written(alone: Shop) -> None:
    alone.models(core='Table("t", M, Column("a", String))').generated()
    planned = alone.models(core='Table("t", M, Column("a", Boolean))').generated()
    assert (planned.revisions, planned.changes.changes) == ((), ())
    assert len(planned.left) == 1


def test_a_type_of_the_application_is_written_as_what_it_is(alone: Shop) -> None:
    alone.files.file(
        "app/types.py",
        """
        from sqlalchemy import String
        from sqlalchemy.types import TypeDecorator

        class Code(TypeDecorator):
            impl = String(7)
            cache_ok = True
        """,
    )
    alone.models(core='from app.types import Code\nTable("t", M, Column("a", Code))')
    text = bodies(alone.generated())["core"]
    assert 'sa.Column("a", sa.String(length=7), nullable=True)' in text


def test_names_follow_the_convention_of_the_models(tmp_path: Path, server_url: str) -> None:
    convention = '{"ck": "ck_%(table_name)s_%(constraint_name)s", "pk": "pk_%(table_name)s"}'
    base = f"from sqlalchemy import MetaData\n\nM = MetaData(naming_convention={convention})\n"
    alone = shop(tmp_path / "shop", server_url, "core", base=base)
    table = 'Table("t", M, Column("a", Integer, primary_key=True){})'
    alone.models(core=table.format("")).generated()
    check = ', CheckConstraint("a > 1", name="big")'
    text = bodies(alone.models(core=table.format(check)).generated())["core"]
    # Older ones of Alembic cannot write the operation down.
    operation = 'op.create_check_constraint(op.f("ck_t_big"), "t", "a > 1")'
    assert operation in text or "ADD CONSTRAINT ck_t_big CHECK ((a > 1))" in text
    assert alone.drift() == []


def test_tables_that_env_py_leaves_out_are_left_alone(alone: Shop) -> None:
    env = (alone.files.root / "migrations/env.py").read_text()
    configured = "context.configure(connection=connection)"
    assert configured in env
    leaving = "include_name=lambda n, t, p: t != 'table' or not n.startswith('x_')"
    alone.files.file("migrations/env.py", env.replace(configured, f"{configured[:-1]}, {leaving})"))
    alone.files.module("core").revision(
        "core2", down="core1", upgrade='op.execute("CREATE TABLE x_other (id int)")'
    )
    alone.models(core='Table("t", M, Column("id", Integer))')
    assert "x_other" not in bodies(alone.generated())["core"]
    assert alone.generated().revisions == ()
