"""What a run is called: in the history table, in `application_name`, in logs, hooks and spans."""

from __future__ import annotations

import secrets


def new_run_id() -> str:
    """The id of a run that begins."""
    return secrets.token_hex(8)


def application_name(run_id: str) -> str:
    """What the connections of a run are called, for `pg_stat_activity` and the server's log."""
    return f"modalembic {run_id}"
