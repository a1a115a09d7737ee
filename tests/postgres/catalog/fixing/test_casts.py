from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.catalog import Catalog
from modalembic.postgres.catalog.fixing.casts import CASTS, casts
from modalembic.postgres.catalog.model import Domain, Extension

if TYPE_CHECKING:
    import psycopg

OTHERS = ("boolean", "bytea", "uuid", "xml", "tsvector", "int4range", "text[]", "integer[]", "oid")


def test_a_type_is_changed_without_using_exactly_where_postgres_does_it(
    workbench: psycopg.Connection[Any],
) -> None:
    import psycopg

    types = sorted({*CASTS, *OTHERS})
    nothing = Catalog(180000)
    wrong = []
    with workbench.transaction(force_rollback=True):
        for old in types:
            for new in types:
                try:
                    with workbench.transaction(force_rollback=True):
                        workbench.execute(f"CREATE TABLE public.casting (x {old})".encode())
                        workbench.execute(
                            f"ALTER TABLE public.casting ALTER COLUMN x TYPE {new}".encode()
                        )
                    done = True
                except psycopg.Error:
                    done = False
                if done is not casts(nothing, old, new):
                    wrong.append((old, new, done))
    assert wrong == []


@pytest.mark.parametrize(
    ("old", "new", "does"),
    [
        ("character varying(10)", "character varying(20)", True),
        ("numeric(10,2)", "integer", True),
        ("integer[]", "bigint[]", True),
        ("text[]", "integer[]", False),
        ("public.email", "text", True),
        ("integer", "public.email", True),
        ("public.email", "integer", False),
        ("shop.citext", "text", True),
        ("text", "shop.citext", True),
        ("public.mood", "text", True),
        ("text", "public.mood", False),
        ("interval day to second(3)", "interval", True),
        ("timestamp(3) without time zone", "timestamp with time zone", True),
    ],
)
def test_modifiers_domains_and_arrays_are_seen_through(old: str, new: str, does: bool) -> None:
    catalog = Catalog(
        180000,
        extensions=(Extension("citext", "shop", "1.6"),),
        domains=(
            Domain("public", "email", "public.address"),
            Domain("public", "address", "character varying(40)"),
        ),
    )
    assert casts(catalog, old, new) is does
