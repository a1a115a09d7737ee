"""What statements that were interrupted leave in the catalog."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.doctor.patient import Patient
from modalembic.checks.finding import Finding
from modalembic.runtime.tables.version import quoted
from modalembic.runtime.trace.found import Trace, read_open
from modalembic.runtime.trace.outcome import outcome_of

# Those of partitioned tables are invalid until every partition has its part, which is no leftover
# of a statement that was interrupted.
_INVALID = """
SELECT n.nspname, c.relname, tn.nspname, t.relname, i.indisready, i.indisunique,
       pg_catalog.pg_get_indexdef(i.indexrelid),
       (SELECT min(l.pid) FROM pg_catalog.pg_locks AS l
         WHERE l.relation = i.indrelid AND l.granted AND l.mode = 'ShareUpdateExclusiveLock'
           AND l.database = (SELECT oid FROM pg_catalog.pg_database
                              WHERE datname = current_database())
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v
                            WHERE v.pid = l.pid))
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
 WHERE NOT (i.indisvalid AND i.indisready AND i.indislive) AND c.relkind = 'i'
 ORDER BY 1, 2
"""
_DETACHING = """
SELECT pn.nspname, p.relname, cn.nspname, c.relname
  FROM pg_catalog.pg_inherits AS i
  JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
  JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
  JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
  JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
 WHERE to_jsonb(i) ->> 'inhdetachpending' = 'true'
 ORDER BY 1, 2, 3, 4
"""


def examine(patient: Patient) -> Iterator[Finding]:
    """A finding for each invalid index and each partition that is half detached, but for those that
    `repair` cleans up with the revision that left them."""
    traces = read_open(patient.session, patient.situation.history)
    cleaned = {
        statement
        for trace in traces
        for statement in (() if trace.settled else outcome_of(patient.session, trace).clean)
    }
    yield from _indexes(patient, traces, cleaned)
    yield from _partitions(patient, cleaned)


def _indexes(patient: Patient, traces: tuple[Trace, ...], cleaned: set[str]) -> Iterator[Finding]:
    for schema, name, table_schema, table, ready, unique, definition, pid in patient.session.fetch(
        _INVALID
    ):
        drop = f"DROP INDEX CONCURRENTLY {quoted(schema, name)}"
        if any(quoted(schema, name) in statement for statement in cleaned):
            continue
        building = pid is not None
        costs = "writes keep it up to date" if ready else "nothing keeps it up to date"
        if unique:
            costs += ", and it does not make anything unique"
        yield Finding(
            rule="doctor/invalid-index",
            severity="info" if building else "warning",
            message=f"the index {schema}.{name} on {table_schema}.{table} is invalid: no query "
            f"uses it, {costs}{_made_by(traces, name)}"
            + (f"; backend {pid} is at work on its table" if building else ""),
            object="index",
            name=f"{schema}.{name}",
            actual=definition,
            fix=None if building else _fix(schema, name, drop),
            fix_reason="ask again when that backend is gone" if building else None,
        )


def _fix(schema: str, name: str, drop: str) -> str:
    """The copy of a REINDEX is superfluous; another index is wanted by somebody."""
    if "_ccnew" in name or "_ccold" in name:
        return drop
    return f"REINDEX INDEX CONCURRENTLY {quoted(schema, name)}, or {drop}"


def _made_by(traces: tuple[Trace, ...], name: str) -> str:
    for trace in traces:
        noted = [*trace.statements, *(trace.sent.statements if trace.sent else ())]
        if any(name in statement for statement in noted):
            return f"; {trace.revision} of {trace.module} makes it"
    return ""


def _partitions(patient: Patient, cleaned: set[str]) -> Iterator[Finding]:
    for parent_schema, parent, schema, name in patient.session.fetch(_DETACHING):
        finalize = (
            f"ALTER TABLE {quoted(parent_schema, parent)} DETACH PARTITION {quoted(schema, name)} "
            "FINALIZE"
        )
        if finalize not in cleaned:
            yield Finding(
                rule="doctor/half-detached",
                severity="warning",
                message=f"the partition {schema}.{name} of {parent_schema}.{parent} is half "
                "detached: a DETACH PARTITION CONCURRENTLY was interrupted",
                object="partition",
                name=f"{schema}.{name}",
                fix=finalize,
            )
