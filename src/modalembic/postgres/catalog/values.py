"""Whether two defaults give one value, and not only here and now.

What a default is made of says what its value hangs on. Nothing volatile is evaluated: it would be
another value each time, or leave something behind. What depends on the moment, the role or a
setting is never the same as what does not, though it may have the same value on a scratch server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from modalembic.postgres.catalog.comparing.normalise import Values

if TYPE_CHECKING:
    import psycopg

PROBE = """
CREATE TEMPORARY TABLE modalembic_probe (expected {type} DEFAULT {expected},
                                         actual {type} DEFAULT {actual}) ON COMMIT DROP
"""
# A default is stored as a tree, in which functions and operators stand by number.
FUNCTIONS = """
SELECT d.adnum, p.provolatile = 'v', p.provolatile = 's',
       p.pronamespace = 'pg_catalog'::regnamespace, p.proname, p.pronargs
  FROM pg_catalog.pg_attrdef AS d,
       pg_catalog.regexp_matches(d.adbin::text, ':(?:op)?funcid ([0-9]+)', 'g') AS m,
       pg_catalog.pg_proc AS p
 WHERE d.adrelid = 'pg_temp.modalembic_probe'::regclass AND p.oid = m[1]::oid
"""
# CURRENT_DATE and the like are no functions there, nor is 'now' cast by way of its text.
KEYWORDS = """
SELECT d.adnum, m[1]::integer
  FROM pg_catalog.pg_attrdef AS d,
       pg_catalog.regexp_matches(d.adbin::text, 'SQLVALUEFUNCTION :op ([0-9]+)', 'g') AS m
 WHERE d.adrelid = 'pg_temp.modalembic_probe'::regclass
UNION ALL
SELECT d.adnum, 0
  FROM pg_catalog.pg_attrdef AS d
 WHERE d.adrelid = 'pg_temp.modalembic_probe'::regclass AND d.adbin::text ~ 'COERCEVIAIO'
   AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) ~* '''(now|today|tomorrow|yesterday)''::text'
"""
VALUES = """
INSERT INTO pg_temp.modalembic_probe DEFAULT VALUES
RETURNING expected::text COLLATE "C" IS NOT DISTINCT FROM actual::text COLLATE "C"
"""
# Whatever the hour is, one of the two has another date than UTC.
SESSIONS: Final = (
    "SET LOCAL TimeZone = 'Etc/GMT+12'; SET LOCAL DateStyle = 'ISO, MDY'",
    "SET LOCAL TimeZone = 'Etc/GMT-14'; SET LOCAL DateStyle = 'German, DMY'",
)

_TIME, _OPAQUE = "time", "opaque"
# SQLValueFunctionOp in Postgres' primnodes.h: the moment up to 8, then who and where.
_LAST_TIME: Final = 8
_OPS: Final = {
    9: "current_user",
    10: "current_user",
    11: "current_user",
    12: "session_user",
    13: "current_database",
    14: "current_schema",
}
_EMPTY_JSON: Final = ("json_build", "jsonb_build")


def same_value(connection: psycopg.Connection[Any], pair: Values) -> bool:
    """Whether a column with either default gets the same value, whatever the time zone is. What
    cannot be evaluated is not the same."""
    import psycopg

    try:
        return all(_same_in(connection, pair, session) for session in SESSIONS)
    except psycopg.Error:
        return False


def _same_in(connection: psycopg.Connection[Any], pair: Values, session: str) -> bool:
    with connection.transaction(force_rollback=True):
        probe = PROBE.format(type=pair.type, expected=pair.expected, actual=pair.actual)
        connection.execute(probe.encode())
        expected, actual = _hangs_on(connection)
        if expected != actual or _OPAQUE in expected:
            return False
        connection.execute(session.encode())
        row = connection.execute(VALUES).fetchone()
        return row is not None and bool(row[0])


def _hangs_on(connection: psycopg.Connection[Any]) -> tuple[set[str], set[str]]:
    """What the values of the two defaults hang on."""
    found: dict[int, set[str]] = {1: set(), 2: set()}
    for place, *function in connection.execute(FUNCTIONS):
        found[place].update(_of_function(*function))
    for place, op in connection.execute(KEYWORDS):
        found[place].add(_TIME if op <= _LAST_TIME else _OPS.get(op, _OPAQUE))
    return found[1], found[2]


def _of_function(
    volatile: bool, stable: bool, builtin: bool, name: str, arguments: int
) -> tuple[str, ...]:
    if volatile or (stable and (not builtin or name == "current_setting")):
        return (_OPAQUE,)
    if not stable or arguments or name.startswith(_EMPTY_JSON):
        return ()
    return (_TIME,) if name in {"now", "transaction_timestamp"} else (name,)
