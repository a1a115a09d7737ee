"""What of a scratch server the catalogs made on it depend on, as a text; known without starting
one, where that can be."""

from __future__ import annotations

from modalembic.config import Configuration
from modalembic.postgres.connection import connect
from modalembic.postgres.place import CONTAINER, EMBEDDED
from modalembic.postgres.programs import programs_fingerprint
from modalembic.postgres.scratch import ScratchServer
from modalembic.runtime.database import container_settings, embedded_settings

# What bears on a schema and how it prints, that an administrator may have set.
_SETTINGS = (
    "DateStyle",
    "IntervalStyle",
    "TimeZone",
    "array_nulls",
    "bytea_output",
    "check_function_bodies",
    "default_table_access_method",
    "default_tablespace",
    "default_text_search_config",
    "default_toast_compression",
    "extra_float_digits",
    "lc_messages",
    "lc_monetary",
    "lc_numeric",
    "lc_time",
    "quote_all_identifiers",
    "search_path",
    "server_version",
    "session_preload_libraries",
    "shared_preload_libraries",
    "standard_conforming_strings",
    "transform_null_equals",
    "xmloption",
)
# pg_settings leaves out what the role may not see; current_setting would fail. to_jsonb, since the
# columns of template0's locale are not the same in all versions.
_ASKED = """
SELECT pg_catalog.md5(pg_catalog.concat_ws(' ',
    (SELECT pg_catalog.string_agg(s.name || '=' || s.setting, ';' ORDER BY s.name)
       FROM pg_catalog.pg_settings AS s WHERE s.name = ANY (%s::text[])),
    (SELECT (pg_catalog.to_jsonb(d) - '{oid,datfrozenxid,datminmxid,datacl}'::text[])::text
       FROM pg_catalog.pg_database AS d WHERE datname = 'template0'),
    (SELECT pg_catalog.string_agg(e.name || ' ' || e.default_version, ';' ORDER BY e.name)
       FROM pg_catalog.pg_available_extensions AS e),
    (SELECT r.rolsuper::text FROM pg_catalog.pg_roles AS r WHERE rolname = current_user)))
"""


def identity_of_place(configuration: Configuration, place: str) -> str | None:
    """The identity of the `embedded` server or a `container`; None where only a server of that kind
    that runs could tell."""
    if place == EMBEDDED:
        found = programs_fingerprint(embedded_settings(configuration))
    elif place == CONTAINER:
        from modalembic.postgres.container import image_id

        found = image_id(container_settings(configuration))
    else:
        return None
    return f"{place} {found}" if found is not None else None


def identity_of_server(server: ScratchServer) -> str:
    """The identity of a server that runs, by its own account. Raises what connecting raises."""
    with connect(server.url, application_name="modalembic") as connection:
        row = connection.execute(_ASKED.encode(), [list(_SETTINGS)]).fetchone()
    assert row is not None
    return f"server {row[0]}"
