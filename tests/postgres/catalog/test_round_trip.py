"""A catalog that is written as SQL, or dumped and restored, and read again is the same catalog."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from modalembic.postgres.catalog import (
    Catalog,
    ScratchNormaliser,
    compare,
    read_catalog,
    scratch_database,
    to_sql,
)
from modalembic.postgres.catalog.reading.session import Connection
from modalembic.postgres.url import DatabaseURL
from tests.examples.shops import MARKETPLACE
from tests.postgres.catalog.conftest import ASSETS, read

if TYPE_CHECKING:
    import psycopg


@pytest.fixture
def normaliser(catalog_server: DatabaseURL) -> ScratchNormaliser:
    return ScratchNormaliser(lambda: scratch_database(catalog_server))


def test_what_to_sql_writes_creates_the_same_catalog(
    everything_catalog: Catalog, empty: psycopg.Connection[Any], normaliser: ScratchNormaliser
) -> None:
    empty.execute(to_sql(everything_catalog).encode())
    again = read(empty)

    assert compare(everything_catalog, again, normaliser=normaliser) == ()
    # But for spelling nothing differs, not even what a comparison leaves out.
    assert again.sequences == everything_catalog.sequences
    assert again.tables == everything_catalog.tables
    assert again.routines == everything_catalog.routines


SERVER = """
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.invalid');
"""


def test_what_is_hard_to_create_again_is_created_again(
    catalog_server: DatabaseURL, empty: psycopg.Connection[Any], normaliser: ScratchNormaliser
) -> None:
    empty.execute(SERVER.encode())
    empty.execute((ASSETS / "awkward.sql").read_bytes())
    catalog = read(empty)
    with scratch_database(catalog_server) as copy:
        copy.execute(SERVER.encode())
        copy.execute(to_sql(catalog).encode())
        again = read(copy)

    assert compare(catalog, again, normaliser=normaliser) == ()


def test_a_second_round_changes_nothing_at_all(
    everything_catalog: Catalog, normaliser: ScratchNormaliser
) -> None:
    once = normaliser.rebuilt(everything_catalog)

    assert normaliser.rebuilt(once) == once


def test_owners_and_grants_are_written_and_read(
    empty: psycopg.Connection[Any],
) -> None:
    reader, owner = f"reader_{uuid4().hex}", f"owner {uuid4().hex}"
    script = f"""
        CREATE ROLE {reader}; CREATE ROLE "{owner}";
        CREATE TABLE public.t (id integer, secret text);
        CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE TYPE public.e AS ENUM ('a');
        CREATE SEQUENCE public.s;
        ALTER TABLE public.t OWNER TO "{owner}";
        GRANT SELECT ON public.t TO {reader} WITH GRANT OPTION;
        GRANT UPDATE (secret) ON public.t TO {reader};
        REVOKE EXECUTE ON FUNCTION public.f() FROM PUBLIC;
        GRANT USAGE ON SEQUENCE public.s TO PUBLIC;
    """
    try:
        empty.execute(script.encode())
        catalog = read(empty, access=True)
        (table,) = catalog.tables
        assert table.owner == owner
        assert [g.privilege for g in table.grants if g.grantee == reader] == ["SELECT"]
        assert [grant.privilege for grant in table.columns[1].grants] == ["UPDATE"]

        empty.execute(b"DROP SCHEMA public CASCADE")
        empty.execute(to_sql(catalog).encode())

        assert read(empty, access=True) == catalog
        assert compare(catalog, read(empty)) == ()
    finally:
        empty.execute(f'DROP OWNED BY {reader}, "{owner}" CASCADE'.encode())
        empty.execute(f'DROP ROLE {reader}, "{owner}"'.encode())


@pytest.fixture(scope="session")
def programs(local_programs: Path) -> Path:
    """The directory of pg_dump and psql."""
    if not (local_programs / "pg_dump").exists() or shutil.which("sh") is None:
        pytest.skip("no pg_dump")
    return local_programs


@pytest.mark.parametrize("catalog_server", ["local"], indirect=True)
def test_nothing_is_found_after_a_dump_and_restore(
    programs: Path,
    everything: psycopg.Connection[Any],
    everything_catalog: Catalog,
    catalog_server: DatabaseURL,
    normaliser: ScratchNormaliser,
) -> None:
    source = catalog_server.with_database(everything.info.dbname)
    with scratch_database(catalog_server) as restored:
        target = catalog_server.with_database(restored.info.dbname)
        dump = _run(programs / "pg_dump", source.conninfo)
        _run(programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", target.conninfo, stdin=dump)
        again = read(restored)

    assert compare(everything_catalog, again, normaliser=normaliser) == ()
    assert compare(again, everything_catalog, normaliser=normaliser) == ()


def _run(program: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [program, *arguments], input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def marketplace(catalog_server: DatabaseURL) -> Iterator[psycopg.Connection[Any]]:
    """The example's database, migrated."""
    with scratch_database(catalog_server) as connection:
        url = catalog_server.with_database(connection.info.dbname)
        MARKETPLACE.alembic(url.conninfo, "upgrade", "heads")
        yield connection


def test_the_example_is_created_again_as_it_was(
    marketplace: psycopg.Connection[Any],
    empty: psycopg.Connection[Any],
    normaliser: ScratchNormaliser,
) -> None:
    catalog = read(marketplace)
    empty.execute(to_sql(catalog).encode())
    again = read(empty)

    assert len(catalog.tables) == 53  # two of them are partitions
    assert compare(catalog, again, normaliser=normaliser) == ()


def test_reading_changes_nothing_and_leaves_no_transaction(
    everything: psycopg.Connection[Any],
) -> None:
    session = Connection(everything)

    read_catalog(session)

    assert everything.info.transaction_status == 0
    assert everything.execute("SHOW search_path").fetchone() != ("pg_catalog",)
