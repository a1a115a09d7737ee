"""A migration asked for an extension, or for ICU collations, that the server does not have: what to
do about it."""

from __future__ import annotations

import re

from modalembic.postgres.place import CONTAINER, EMBEDDED

# feature_not_supported, and undefined_file as servers before 15 or so say it.
STATES = frozenset({"0A000", "58P01"})
CONTROL_FILE = re.compile(r"""extension ["«„]?(?P<name>[\w-]+)["»“]? is not available""")
WITHOUT_ICU = "ICU is not supported in this build"
IN_ANY_LANGUAGE = re.compile(r"""/extension/(?P<name>[\w-]+?)\.control""")
# Images that have what the official one has not.
IMAGES = {
    "postgis": "postgis/postgis:17-3.5",
    "timescaledb": "timescale/timescaledb:latest-pg17",
    "vector": "pgvector/pgvector:pg17",
    "ICU": "postgres:18",
}
BUILT_IN = {
    "pgcrypto": "gen_random_uuid() needs no extension since Postgres 13",
    "uuid-ossp": "gen_random_uuid(), built in since Postgres 13, stands in for uuid_generate_v4()",
}


def explain_missing_extension(
    error_text: str, *, sqlstate: str | None = None, place: str
) -> str | None:
    """The hint for a failed `CREATE EXTENSION` (or ICU collation), or None if that is not what
    failed.

    `error_text` is all that Postgres said (message and detail); `place` is what was asked for as
    the database: a URL, `embedded` or `container`. On a server of the user's own the extension's
    package is missing; the embedded one has most of contrib, but nothing that needs OpenSSL, ICU or
    a UUID library.
    """
    name = _missing(error_text, sqlstate)
    if name is None:
        return None
    built_in = f" ({BUILT_IN[name]})" if name in BUILT_IN else ""
    if place == EMBEDDED:
        return (
            f"the embedded Postgres has no {name}{built_in}; use the programs of a local "
            "installation that has it: [tool.modalembic.embedded] programs = "
            '"/usr/lib/postgresql/18/bin"; or --database container'
        )
    if place == CONTAINER:
        return f"the image has no {name}{built_in}; name one that has it: MODALEMBIC_POSTGRES_IMAGE"
    if name == "ICU":
        return "the migration needs a server that was built with ICU"
    return f"install the package with {name} on the server (postgresql-contrib, say){built_in}"


def explain_missing_on_scratch(
    error_text: str, *, sqlstate: str | None = None, place: str
) -> str | None:
    """The same for a server that has only scratch databases, which can be another one. `place` is
    what it was asked for as: `embedded`, `container` or nothing."""
    name = _missing(error_text, sqlstate)
    if name is None:
        return None
    what = {EMBEDDED: "the embedded Postgres", CONTAINER: "the image"}.get(
        place, "the scratch server"
    )
    built_in = f" ({BUILT_IN[name]})" if name in BUILT_IN else ""
    image = f'image = "{IMAGES.get(name, "NAME")}" in [tool.modalembic.container]'
    container = "" if place == CONTAINER else ' with scratch = "container"'
    return (
        f"{what} has no {name}{built_in}; name an image that has it ({image}{container}), or a "
        'server: scratch = "postgresql://..."'
    )


def _missing(error_text: str, sqlstate: str | None) -> str | None:
    """The extension that is missing, or ICU; None if that is not what failed."""
    if sqlstate is not None and sqlstate not in STATES:
        return None
    found = CONTROL_FILE.search(error_text) or IN_ANY_LANGUAGE.search(error_text)
    if found is not None:
        return found.group("name")
    return "ICU" if WITHOUT_ICU in error_text else None
