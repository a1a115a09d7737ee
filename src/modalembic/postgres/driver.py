"""What drivers know of their connection besides SQL: psycopg 2 and 3, asyncpg, pg8000."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from typing import Any


def told_pid(driver: Any) -> int | None:
    """The pid that the connection was told when it was made, as the one of its backend. A pooler
    tells one of its own making. None where the driver does not say."""
    for name in ("get_backend_pid", "get_server_pid"):
        method = getattr(driver, name, None)
        if method is not None:
            return int(method())
    info = getattr(driver, "info", None)
    if info is not None:
        return int(info.backend_pid)
    key = getattr(driver, "_backend_key_data", None)
    return struct.unpack("!i", key[:4])[0] if isinstance(key, bytes) else None


def request_cancel(driver: Any) -> None:
    """Ask the server to cancel the statement at work, over a connection that needs no login. From
    any thread. Nothing happens where the driver has no way for that."""
    pgconn = getattr(driver, "pgconn", None)
    with suppress(Exception):
        if pgconn is not None:
            pgconn.get_cancel().cancel()
        else:
            driver.cancel()


def cut(driver: Any) -> None:
    """Break the connection, from any thread: whoever waits for an answer gets an error. A server
    that looks for its client then ends what it is at."""
    number = _file_number(driver)
    if number is None:
        return
    # A duplicate: closing it leaves the driver its own.
    with suppress(OSError), socket.socket(fileno=os.dup(number)) as copy:
        copy.shutdown(socket.SHUT_RDWR)


def _file_number(driver: Any) -> int | None:
    with suppress(Exception):  # a driver's connection that is closed has none
        if hasattr(driver, "fileno"):
            return int(driver.fileno())
        own = getattr(driver, "_usock", None)  # pg8000
        transport = getattr(driver, "_transport", None)  # asyncpg
        return int((own or transport.get_extra_info("socket")).fileno())  # type: ignore[union-attr]
    return None
