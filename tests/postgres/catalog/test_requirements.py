"""What refers to other tables and functions is created after them, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.catalog import compare, to_sql
from modalembic.postgres.catalog.model import Catalog
from tests.postgres.catalog.conftest import read

if TYPE_CHECKING:
    import psycopg

ATTACHED = """
CREATE TABLE public.z (i integer PRIMARY KEY, owner text);
CREATE FUNCTION public.z_allowed(integer) RETURNS boolean LANGUAGE sql STABLE
    BEGIN ATOMIC SELECT EXISTS (SELECT FROM public.z WHERE z.i = $1); END;
CREATE FUNCTION public.y_stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE public.a (i integer, x integer, y integer GENERATED ALWAYS AS (x + 1) STORED);
CREATE POLICY p ON public.a USING (public.z_allowed(i) OR i IN (SELECT z.i FROM public.z));
CREATE RULE r AS ON DELETE TO public.a DO ALSO DELETE FROM public.z WHERE z.i = old.i;
CREATE TRIGGER t BEFORE UPDATE OF x ON public.a FOR EACH ROW WHEN (OLD.i > 0)
    EXECUTE FUNCTION public.y_stamp();
CREATE VIEW public.b AS SELECT x FROM public.a;
CREATE TABLE public.c (i integer REFERENCES public.z);
CREATE UNIQUE INDEX by_owner ON public.z (owner);
CREATE TABLE public.d (owner text REFERENCES public.z (owner));
"""


@pytest.fixture
def catalog(empty: psycopg.Connection[Any]) -> Catalog:
    empty.execute(ATTACHED.encode())
    return read(empty)


def test_policies_rules_and_triggers_say_what_they_require(catalog: Catalog) -> None:
    a = next(table for table in catalog.tables if table.name == "a")

    assert {
        "routine public.z_allowed(integer)",
        "relation public.z",
        "column public.z.i",
        "column public.a.i",
    } <= set(a.policies[0].requires)
    assert {"relation public.z", "column public.z.i"} <= set(a.rules[0].requires)
    assert {"routine public.y_stamp()", "column public.a.x", "column public.a.i"} <= set(
        a.triggers[0].requires
    )


def test_views_and_generated_columns_say_which_columns_they_require(catalog: Catalog) -> None:
    a = next(table for table in catalog.tables if table.name == "a")

    assert catalog.views[0].requires == ("column public.a.x", "relation public.a")
    assert "column public.a.x" in a.columns[2].requires


def test_a_foreign_key_requires_the_key_or_index_that_it_refers_to(catalog: Catalog) -> None:
    tables = {table.name: table for table in catalog.tables}

    assert tables["c"].constraints[0].requires == ("constraint public.z.z_pkey",)
    assert tables["d"].constraints[0].requires == ("index public.by_owner",)


def test_all_of_it_is_created_again_in_an_order_that_runs(
    catalog: Catalog, empty: psycopg.Connection[Any]
) -> None:
    empty.execute(b"DROP SCHEMA public CASCADE")

    empty.execute(to_sql(catalog).encode())

    assert compare(catalog, read(empty)) == ()
