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
    if sqlstate is not None and sqlstate not in STATES:
        return None
    found = CONTROL_FILE.search(error_text) or IN_ANY_LANGUAGE.search(error_text)
    if found is not None:
        name = found.group("name")
    elif WITHOUT_ICU in error_text:
        name = "ICU"
    else:
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
