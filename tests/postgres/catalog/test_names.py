from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.catalog.names import dollar_quoted, literal, quote

if TYPE_CHECKING:
    import psycopg

NAMES = ["plain", "Upper", "with space", 'quo"te', "ключ", "_x1", "1x", "a$b", "a-b", "a.b"]
TEXTS = ["", "plain", "it's", "back\\slash", "new\nline", "$$", "$body$", "ends with $", "' OR 1=1"]


def test_names_are_quoted_as_postgres_quotes_them(empty: psycopg.Connection[Any]) -> None:
    keywords = [word for (word,) in empty.execute("SELECT word FROM pg_get_keywords()")]
    rows = empty.execute("SELECT u, quote_ident(u) FROM unnest(%s::text[]) AS u", [NAMES])
    assert {name: quote(name) for name in NAMES} == dict(rows.fetchall())

    rows = empty.execute("SELECT u, quote_ident(u) FROM unnest(%s::text[]) AS u", [keywords])
    # A word that only another version reserves is quoted here too, which does no harm.
    assert [name for name, shown in rows if shown != name and quote(name) != shown] == []


@pytest.mark.parametrize("setting", ["on", "off"])
def test_texts_mean_themselves(empty: psycopg.Connection[Any], setting: str) -> None:
    empty.execute(f"SET standard_conforming_strings = {setting}".encode())
    for text in TEXTS:
        for written in (literal(text), dollar_quoted(text)):
            assert empty.execute(f"SELECT {written}".encode()).fetchone() == (text,), written
