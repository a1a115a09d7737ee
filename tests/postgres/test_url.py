from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import create_engine, make_url

from modalembic.errors import DatabaseURLError
from modalembic.postgres.url import DatabaseURL, Host, redact


@pytest.mark.parametrize(
    ("text", "conninfo", "sqlalchemy"),
    [
        ("postgresql://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("POSTGRESQL://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        (" postgresql://h \n", "postgresql://h/", "postgresql+psycopg://h/"),
        ("postgresql:///", "postgresql:///", "postgresql+psycopg:///"),
        ("postgresql://u:p%40s%2F@h/d", "postgresql://u:p%40s%2F@h/d", None),
        ("postgresql://u:p/a?s@h/d", "postgresql://u:p%2Fa%3Fs@h/d", None),
        ("postgresql://h/a%20b", "postgresql://h/a%20b", None),
        ("postgresql://[::1]:5433/d", "postgresql://[::1]:5433/d", None),
        (
            "postgresql+asyncpg://u@h/d?ssl=require&prepared_statement_cache_size=0",
            "postgresql://u@h/d?sslmode=require",
            "postgresql+asyncpg://u@h/d?ssl=require&prepared_statement_cache_size=0",
        ),
        (
            "postgresql+asyncpg://h/d?ssl=verify-full",
            "postgresql://h/d?sslmode=verify-full",
            "postgresql+asyncpg://h/d?ssl=verify-full",
        ),
        ("postgresql://h/d?ssl=false", "postgresql://h/d?sslmode=disable", None),
        ("postgresql+psycopg2://h/d", "postgresql://h/d", "postgresql+psycopg2://h/d"),
        (
            "postgresql://u@/d?host=/socket/dir",
            "postgresql://u@/d?host=/socket/dir",
            "postgresql+psycopg://u@/d?host=/socket/dir",
        ),
        (
            "postgresql://u@%2Fsocket%2Fa%20dir/d",
            "postgresql://u@/d?host=/socket/a%20dir",
            "postgresql+psycopg://u@/d?host=/socket/a%20dir",
        ),
        (
            "postgresql://a:1,b:2/d?target_session_attrs=any",
            "postgresql://a:1,b:2/d?target_session_attrs=any",
            "postgresql+psycopg:///d?host=a,b&port=1,2&target_session_attrs=any",
        ),
        (
            "postgresql+psycopg://u@/d?host=a:1&host=b:2",
            "postgresql://u@a:1,b:2/d",
            "postgresql+psycopg://u@/d?host=a,b&port=1,2",
        ),
        (
            "postgresql://h/d?options=-c+search_path%3Dx&prepare_threshold=0",
            "postgresql://h/d?options=-c%20search_path%3Dx",
            "postgresql+psycopg://h/d?options=-c%20search_path%3Dx",
        ),
    ],
)
def test_one_url_is_written_for_libpq_and_for_sqlalchemy(
    text: str, conninfo: str, sqlalchemy: str | None
) -> None:
    url = DatabaseURL.parse(text)
    assert url.conninfo == conninfo
    if sqlalchemy is not None:
        assert url.sqlalchemy == sqlalchemy
    assert DatabaseURL.parse(url.conninfo).conninfo == conninfo


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:p%40%3A%2F%25@h:5433/a%20b",
        "postgres://u:p/a?s@h/d?application_name=x",
        "postgresql://[::1]:5433,h,10.0.0.1:7/d",
        "postgresql:///d?host=/a%20dir&port=5433",
        "postgresql://%C3%BC:%C3%9F@h/%C3%A4",
        "postgresql://u:p@h/d?options=-c+a%3Db+-c+c%3Dd",
    ],
)
def test_psycopg_and_sqlalchemy_connect_to_the_same_place(text: str) -> None:
    url = DatabaseURL.parse(text)
    ours = psycopg.conninfo.conninfo_to_dict(url.conninfo)
    _, theirs = create_engine(url.sqlalchemy).dialect.create_connect_args(
        create_engine(url.sqlalchemy).url
    )
    assert {key: str(value) for key, value in theirs.items() if key != "context"} == ours


@pytest.mark.parametrize("text", ["", "sqlite:///x.db", "mysql://u:hush@h/d", "hush", "://hush"])
def test_anything_but_postgres_is_refused_by_its_scheme_alone(text: str) -> None:
    with pytest.raises(DatabaseURLError, match="not a Postgres URL") as caught:
        DatabaseURL.parse(text)
    assert caught.value.code == "database-url"
    assert "hush" not in f"{caught.value}{caught.value.hint}"
    assert "postgresql://" in (caught.value.hint or "")


def test_a_refused_scheme_is_named() -> None:
    with pytest.raises(DatabaseURLError, match="'sqlite'"):
        DatabaseURL.parse("sqlite:///x.db")


@pytest.mark.parametrize("text", ["postgresql://u:hu@sh@h/d", "postgresql://u:hu:sh@h:sh/d"])
def test_unescaped_characters_in_a_password_get_a_hint_without_the_password(text: str) -> None:
    with pytest.raises(DatabaseURLError) as caught:
        DatabaseURL.parse(text)
    assert "%40" in (caught.value.hint or "")
    assert "sh" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:hush@h/d",
        "postgresql://u:hus%68@h/d",
        "postgresql://u@h/d?password=hush",
        "postgresql+asyncpg://u:hush@a,b/d?sslpassword=hush",
    ],
)
def test_no_form_of_a_url_that_is_shown_holds_a_password(text: str) -> None:
    url = DatabaseURL.parse(text)
    for shown in (str(url), repr(url), url.safe, f"{url}", f"{[url]}"):
        assert "hush" not in shown
        assert "***" in shown


def test_another_database_on_the_same_server() -> None:
    url = DatabaseURL.parse("postgresql+asyncpg://u:p@h:1/d?ssl=true")
    other = url.with_database("a/b")
    assert other.database == "a/b"
    assert make_url(other.sqlalchemy).database == "a/b"
    assert other.hosts == (Host("h", "1"),)


def test_a_password_is_scrubbed_out_of_any_text() -> None:
    url = DatabaseURL.parse("postgresql://u:s3cr%40t!@h/d")
    text = "raw s3cr@t!, quoted s3cr%40t%21, in postgresql://u:s3cr%40t%21@h/d"
    assert redact(text, url) == "raw ***, quoted ***, in postgresql://u:***@h/d"


def test_a_password_that_equals_the_user_is_scrubbed_where_it_is_one() -> None:
    url = DatabaseURL.parse("postgresql://postgres:postgres@h/d")
    text = 'role "postgres": postgresql://postgres:postgres@h/d password=postgres x'
    expected = 'role "postgres": postgresql://postgres:***@h/d password=*** x'
    assert redact(text, url) == expected


def test_a_short_password_does_not_tear_the_text_apart() -> None:
    url = DatabaseURL.parse("postgresql://u:a@h/d")
    assert redact("a banana at postgresql://u:a@h/d", url) == "a banana at postgresql://u:***@h/d"
