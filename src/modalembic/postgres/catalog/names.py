"""Names and texts as SQL spells them."""

from __future__ import annotations

import re

# Words that Postgres 14 to 18 quote in what they print: all of pg_get_keywords() but the unreserved
# (https://www.postgresql.org/docs/current/sql-keywords-appendix.html).
KEYWORDS = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
    boolean both case cast char character check coalesce collate collation column concurrently
    constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user dec decimal default deferrable desc distinct do else end except
    exists extract false fetch float for foreign freeze from full grant greatest group grouping
    having ilike in initially inner inout int integer intersect interval into is isnull join json
    json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar
    json_serialize json_table json_value lateral leading least left like limit localtime
    localtimestamp merge_action national natural nchar none normalize not notnull null nullif
    numeric offset on only or order out outer overlaps overlay placing position precision primary
    real references returning right row select session_user setof similar smallint some substring
    symmetric system_user table tablesample then time timestamp to trailing treat trim true union
    unique user using values varchar variadic verbose when where window with xmlattributes
    xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize
    xmltable
    """.split()  # noqa: SIM905 - as a list it would take 170 lines
)
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def quote(name: str) -> str:
    """An identifier, quoted where it has to be, as `quote_ident` does it."""
    if _PLAIN.fullmatch(name) and name not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """`schema.name`, each quoted where it has to be."""
    return f"{quote(schema)}.{quote(name)}"


def listed(names: tuple[str, ...]) -> str:
    """Identifiers with commas between them."""
    return ", ".join(map(quote, names))


def literal(text: str) -> str:
    """A string constant that means the same under both settings of
    `standard_conforming_strings`."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'" if "\\" not in text else " E'" + doubled.replace("\\", "\\\\") + "'"


def dollar_quoted(text: str) -> str:
    """A string constant in dollar quotes, for what is read by people."""
    for tag in ("$$", "$body$"):
        if tag not in text and not text.endswith("$"):
            return f"{tag}{text}{tag}"
    return literal(text)
