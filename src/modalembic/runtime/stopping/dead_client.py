"""The server looks for a client that is gone, also while it is busy for it.

Without that a backend hears of it when it has its answer ready, and the statement of a client that
was killed works on for as long as it takes, with all its locks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from modalembic.runtime.connection.session import Session

NAME = "client_connection_check_interval"
INTERVAL = "1s"
_SET = f"""
SELECT set_config('{NAME}', '{INTERVAL}', false) WHERE current_setting('{NAME}', true) = '0'
"""
_RESET = f"SELECT set_config('{NAME}', '0', false)"


@contextmanager
def missed(session: Session) -> Iterator[None]:
    """For the block, the server ends what `session` is at soon after the client is gone. Who has
    set an interval keeps it; a server that knows none (before 14), or a platform without, is left
    as it is."""
    is_set = False
    with suppress(Exception):  # in each driver's own words
        is_set = bool(session.fetch(_SET))
    try:
        yield
    finally:
        if is_set:
            # The connection may be the project's own, and go on to serve it.
            with suppress(Exception):
                session.fetch(_RESET)
