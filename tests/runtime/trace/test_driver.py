"""Whoever takes the driver's connection is noticed, whatever other runs are at work."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, NullPool, create_engine, text

from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.trace.driver import watched_driver


def test_it_is_told_before_it_is_given_and_only_of_the_connection_meant(
    make_database: Callable[[], str],
) -> None:
    original = Connection.__dict__["connection"]
    engine = create_engine(DatabaseURL.parse(make_database()).sqlalchemy, poolclass=NullPool)
    told: list[str] = []
    with engine.connect() as one, engine.connect() as other:
        first = watched_driver(one, lambda: told.append("one"))
        second = watched_driver(other, lambda: told.append("other"))
        first.__enter__()
        second.__enter__()
        one.execute(text("SELECT 1"))
        one.commit()
        assert told == []
        assert one.connection.dbapi_connection is not None
        # The one that began first ends first, as threads do.
        first.__exit__(None, None, None)
        assert one.connection.is_valid
        assert other.connection.is_valid
        second.__exit__(None, None, None)
        assert other.connection.is_valid
    engine.dispose()

    assert told == ["one", "other"]
    assert Connection.__dict__["connection"] is original
