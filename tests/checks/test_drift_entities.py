"""What a project registers with alembic_utils is the models' side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from alembic_utils.replaceable_entity import registry

from modalembic.checks.drift import check_drift
from modalembic.runtime.options import Observer
from tests.checks.drift_shop import Told, meant
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten

MODELS = """
from sqlalchemy import Integer, MetaData, String, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

class Base(DeclarativeBase):
    metadata = MetaData()

class Person(Base):
    __tablename__ = "people"
    id = mapped_column(Integer, primary_key=True)
    name = mapped_column(String(80), server_default=text("nickname('you')"))
"""
ENTITIES = """
from alembic_utils.pg_extension import PGExtension
from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_materialized_view import PGMaterializedView
from alembic_utils.pg_policy import PGPolicy
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.pg_view import PGView

# The first needs the second.
initials = PGView("public", "initials", "SELECT left(name, 1) AS initial FROM adults")
adults = PGView("public", "adults", "SELECT id, name FROM people WHERE id > 17")
counted = PGMaterializedView("public", "counted", "SELECT count(*) AS many FROM people", False)
nickname = PGFunction(
    "public", "nickname(given text)",
    "RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT given || ' the first' $$",
)
shout = PGFunction(
    "public", "shout()",
    "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$",
)
shouted = PGTrigger(
    "public", "shouted", "BEFORE INSERT ON public.people FOR EACH ROW EXECUTE FUNCTION shout()",
    on_entity="public.people",
)
own = PGPolicy("public", "own", "USING (id > 0)", on_entity="public.people")
trgm = PGExtension("public", "pg_trgm")
ENTITIES = [initials, adults, counted, nickname, shout, shouted, own, trgm]
"""
ENV = """
from alembic import context
from alembic_utils.replaceable_entity import register_entities
from app.entities import *

register_entities(ENTITIES)
context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
"""
SQL = """
CREATE EXTENSION pg_trgm;
CREATE FUNCTION nickname(given text) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT given || ' the first' $$;
CREATE TABLE people (id serial PRIMARY KEY, name varchar(80) DEFAULT nickname('you'));
CREATE VIEW adults AS SELECT id, name FROM people WHERE id > 17;
CREATE VIEW initials AS SELECT left(name, 1) AS initial FROM adults;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS many FROM people;
CREATE UNIQUE INDEX ON counted (many);
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$;
CREATE TRIGGER shouted BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION shout();
CREATE POLICY own ON people USING (id > 0);
"""


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    cast(Any, registry).clear()
    yield
    cast(Any, registry).clear()


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    files = ProjectFiles(tmp_path / "shop").configure(
        f'modules = ["app/modules/*"]\nscratch = "{server_url}"'
    )
    files.file("app/__init__.py").file("app/entities.py", ENTITIES).file("migrations/env.py", ENV)
    module = files.module("core").file("models.py", MODELS)
    module.revision("c1", upgrade=f"op.execute({SQL!r})")
    return files


def change(shop: ProjectFiles, file: str, before: str, after: str) -> None:
    path = shop.root / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def found(shop: ProjectFiles) -> set[tuple[str | None, ...]]:
    cast(Any, registry).clear()
    with forgotten("app"):
        findings = list(check_drift(shop.load(), observer=Observer()))
    return {(severity, rule, name, part) for severity, rule, _, name, part in meant(findings)}


def test_what_is_registered_is_made_in_an_order_that_works(shop: ProjectFiles) -> None:
    assert found(shop) == set()


REVISION = "app/modules/core/migrations/versions/c1.py"
CHANGES = [
    ("left(name, 1)", "left(name, 2)", ("view", "public.initials", "definition")),
    ("count(*)", "max(id)", ("view", "public.counted", "definition")),
    ("given || '", "'' || given || '", ("function", "public.nickname(text)", "body")),
    ("upper(", "lower(", ("function", "public.shout()", "body")),
    ("BEFORE INSERT", "AFTER INSERT", ("trigger", "public.people.shouted", "timing")),
    ("(id > 0)", "(id > 1)", ("policy", "public.people.own", "using")),
    ("adults, counted, ", "adults, ", ("extra-view", "public.counted", None)),
    ("shouted, own,", "own,", ("extra-trigger", "public.people.shouted", None)),
    ('"pg_trgm"', '"citext"', ("missing-extension", "citext", None)),
]


@pytest.mark.parametrize(("before", "after", "expected"), CHANGES)
def test_each_change_of_what_is_registered_is_found(
    shop: ProjectFiles, before: str, after: str, expected: tuple[str, str, str | None]
) -> None:
    change(shop, "app/entities.py", before, after)
    rule, name, part = expected
    seen = found(shop)
    assert ("error", f"drift/{rule}", name, part) in seen
    assert {each[0] for each in seen if each[2] != name} <= {"info"}


def test_what_is_new_is_missing_in_the_migrations(shop: ProjectFiles) -> None:
    change(
        shop, "app/entities.py", "ENTITIES = [", 'ENTITIES = [PGView("public", "v", "SELECT 1 a"), '
    )
    assert found(shop) == {("error", "drift/missing-view", "public.v", None)}


def test_what_nobody_registered_of_an_observed_kind_is_extra(shop: ProjectFiles) -> None:
    change(
        shop, REVISION, "CREATE POLICY own", "CREATE VIEW mine AS SELECT 1 AS a; CREATE POLICY own"
    )
    assert found(shop) == {("error", "drift/extra-view", "public.mine", None)}


def test_other_schemas_are_no_drift(shop: ProjectFiles) -> None:
    away = "CREATE SCHEMA away; CREATE VIEW away.mine AS SELECT 1 AS a; CREATE POLICY own"
    change(shop, REVISION, "CREATE POLICY own", away)
    assert found(shop) == set()
    change(shop, "migrations/env.py", "(ENTITIES)", "(ENTITIES, schemas=['away'])")
    assert found(shop) == {("error", "drift/extra-view", "away.mine", None)}


def test_nothing_registered_is_nothing_observed(shop: ProjectFiles) -> None:
    change(shop, "migrations/env.py", "(ENTITIES)", "([])")
    assert found(shop) == set()


def test_entity_types_say_what_is_observed(shop: ProjectFiles) -> None:
    change(shop, "migrations/env.py", "(ENTITIES)", "(ENTITIES, entity_types=[PGView, PGFunction])")
    assert found(shop) == set()
    change(shop, "app/entities.py", "\nENTITIES = [initials, adults,", "\nENTITIES = [")
    assert found(shop) == {
        ("error", "drift/extra-view", "public.adults", None),
        ("error", "drift/extra-view", "public.initials", None),
    }


def test_the_filters_of_env_py_are_asked(shop: ProjectFiles) -> None:
    change(shop, "app/entities.py", "adults, counted, ", "adults, ")
    change(
        shop,
        "migrations/env.py",
        'context.config.attributes["connection"]',
        'context.config.attributes["connection"], include_object=wanted',
    )
    change(
        shop,
        "migrations/env.py",
        "register_entities(",
        "def wanted(object, name, type_, reflected, compare_to):\n"
        "    return not (isinstance(object, PGMaterializedView) and name == 'public.counted')\n\n"
        "register_entities(",
    )
    assert found(shop) == set()


def test_one_that_cannot_be_made_is_named(shop: ProjectFiles) -> None:
    change(shop, "app/entities.py", "FROM adults", "FROM nobody")
    cast(Any, registry).clear()
    with forgotten("app"):
        (finding,) = check_drift(shop.load(), observer=Observer())
    assert finding.rule == "drift/models-not-created"
    assert finding.message.startswith(
        "PGView: public.initials, which is registered with alembic_utils, cannot be created on a "
        'scratch database: relation "nobody" does not exist'
    )


def test_a_listener_may_make_the_same(shop: ProjectFiles) -> None:
    shop.file(
        "app/modules/core/models.py",
        MODELS
        + """
from sqlalchemy import event
from app.entities import adults, shout

@event.listens_for(Base.metadata, "after_create")
def also(target, connection, **_):
    for each in (adults, shout):
        connection.execute(each.to_sql_statement_create())
""",
    )
    assert found(shop) == set()


def test_grants_are_counted_and_not_compared(shop: ProjectFiles) -> None:
    grant = """
from alembic_utils.pg_grant_table import PGGrantTable
ENTITIES.append(PGGrantTable("public", "people", "drift_reader", "DELETE"))
"""
    shop.file("app/entities.py", ENTITIES + grant)
    told = Told()
    with forgotten("app"):
        assert list(check_drift(shop.load(), observer=told)) == []
    assert "not compared, since only migrations make them: grant: 1, index of a view: 1" in (
        told.events
    )


def test_what_is_too_much_stands_in_its_revision(shop: ProjectFiles) -> None:
    change(shop, "app/entities.py", "[initials, ", "[")
    with forgotten("app"):
        (finding,) = check_drift(shop.load(), observer=Observer())
    assert (finding.rule, finding.module) == ("drift/extra-view", "core")
    assert finding.path == shop.root / REVISION
    assert finding.line is not None
