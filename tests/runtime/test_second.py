"""A second connection leads to where the first one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from modalembic.runtime.connection.second import another
from modalembic.runtime.connection.session import PsycopgSession

if TYPE_CHECKING:
    import pytest

WHERE = "SELECT current_database(), current_user"


def test_what_was_given_wins_over_the_environment_there_too(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is libpq's default, as 5432 is: psycopg's `info.dsn` leaves that out."""
    monkeypatch.setenv("PGTARGETSESSIONATTRS", "standby")
    with psycopg.connect(database_url, target_session_attrs="any", autocommit=True) as first:
        here = first.execute(WHERE).fetchone()
        with another(PsycopgSession(first)) as second:
            assert second.ask(WHERE) == here
