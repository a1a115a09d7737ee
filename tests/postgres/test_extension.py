from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from modalembic.postgres.connection import connect
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.extension import explain_missing_extension
from modalembic.postgres.settings import EmbeddedSettings

if TYPE_CHECKING:
    from pathlib import Path


def failure(connection: psycopg.Connection[Any], statement: str) -> tuple[str, str]:
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    error = caught.value
    return f"{error}\n{error.diag.message_detail or ''}", error.sqlstate or ""


@pytest.mark.parametrize("place", ["embedded", "container", "postgresql://u:hush@h/d"])
@pytest.mark.parametrize("kind", ["wheel", "local"])
def test_an_extension_that_the_server_lacks_gets_a_hint(
    data: Path, request: pytest.FixtureRequest, kind: str, place: str
) -> None:
    programs = request.getfixturevalue("local_programs") if kind == "local" else None
    with (
        open_embedded(EmbeddedSettings(data, programs), lambda _: None) as url,
        connect(url) as connection,
    ):
        text, state = failure(connection, 'CREATE EXTENSION "no-such-thing"')
    hint = explain_missing_extension(text, sqlstate=state, place=place)
    assert hint is not None
    assert "no-such-thing" in hint
    assert "hush" not in hint


@pytest.mark.parametrize("name", ["pgcrypto", "uuid-ossp"])
def test_what_the_wheel_lacks_is_named_with_what_to_use_instead(data: Path, name: str) -> None:
    with (
        open_embedded(EmbeddedSettings(data), lambda _: None) as url,
        connect(url) as connection,
    ):
        text, state = failure(connection, f'CREATE EXTENSION "{name}"')
        assert connection.execute("SELECT gen_random_uuid()").fetchone()
    hint = explain_missing_extension(text, sqlstate=state, place="embedded") or ""
    assert f"the embedded Postgres has no {name}" in hint
    assert "gen_random_uuid()" in hint
    assert "[tool.modalembic.embedded] programs" in hint
    assert "--database container" in hint


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("embedded", "the embedded Postgres has no ICU; use the programs of a local installation"),
        ("container", "the image has no ICU"),
        ("postgresql://h/d", "a server that was built with ICU"),
    ],
)
def test_the_wheel_has_no_icu_collations(data: Path, place: str, says: str) -> None:
    with (
        open_embedded(EmbeddedSettings(data), lambda _: None) as url,
        connect(url) as connection,
    ):
        text, state = failure(connection, "CREATE COLLATION x (provider = icu, locale = 'und')")
    assert says in (explain_missing_extension(text, sqlstate=state, place=place) or "")


def test_the_wheel_has_the_rest_of_contrib(data: Path) -> None:
    wanted = ["hstore", "citext", "ltree", "pg_trgm", "btree_gist", "btree_gin", "unaccent"]
    wanted += ["intarray", "tablefunc", "postgres_fdw", "pg_stat_statements", "vector"]
    with (
        open_embedded(EmbeddedSettings(data), lambda _: None) as url,
        connect(url) as connection,
    ):
        for name in wanted:
            connection.execute(f"CREATE EXTENSION {name}")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ('relation "pgcrypto" does not exist', "42P01"),
        ("cannot use a partial index here", "0A000"),
        ('extension "pgcrypto" is not available', "42601"),
    ],
)
def test_other_failures_get_no_hint(text: str, state: str) -> None:
    assert explain_missing_extension(text, sqlstate=state, place="embedded") is None


def test_a_message_in_another_language_is_known_by_its_control_file() -> None:
    text = "Erweiterung »pgcrypto« ist nicht verfügbar\nKonnte Erweiterungskontrolldatei "
    text += "»/usr/share/postgresql/15/extension/pgcrypto.control« nicht öffnen"
    hint = explain_missing_extension(text, sqlstate="0A000", place="postgresql://h/d") or ""
    assert "install the package with pgcrypto" in hint
