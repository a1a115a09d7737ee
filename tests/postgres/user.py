"""A program that uses an embedded server until its standard input ends. Run as a script."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from modalembic.errors import ModalembicError
from modalembic.postgres.connection import connect
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings


def main(data: str) -> None:
    try:
        with open_embedded(EmbeddedSettings(Path(data)), lambda _: None) as url:
            with connect(url) as connection:
                row = connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()
            print(json.dumps({"url": url.conninfo, "started": row and row[0]}), flush=True)
            sys.stdin.read()
    except ModalembicError as error:
        print(json.dumps({"error": error.code, "message": error.message}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
