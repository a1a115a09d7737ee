"""Functions, procedures and aggregates."""

from __future__ import annotations

from typing import Any, Final

from modalembic.postgres.catalog.model import Routine
from modalembic.postgres.catalog.names import literal
from modalembic.postgres.catalog.reading.snapshot import PG_PROC, Snapshot, not_member, texts

ROUTINES = f"""
SELECT p.oid, p.pronamespace, p.proname::text, p.prokind::text,
       ARRAY(SELECT pg_catalog.format_type(u.type, NULL)
               FROM pg_catalog.unnest(p.proargtypes::pg_catalog.oid[])
                    WITH ORDINALITY AS u (type, place) ORDER BY u.place),
       pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid),
       l.lanname::text, p.prosrc, p.probin, pg_catalog.pg_get_function_sqlbody(p.oid),
       p.provolatile::text, p.proisstrict, p.prosecdef, p.proleakproof, p.proparallel::text,
       p.procost::text, p.prorows::text, p.proconfig,
       NULLIF(p.prosupport, 0)::pg_catalog.regproc::text,
       ARRAY(SELECT pg_catalog.format_type(u, NULL)
               FROM pg_catalog.unnest(p.protrftypes) AS u)
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
 WHERE p.pronamespace IN ($namespaces) AND {not_member(PG_PROC, "p.oid")}
 ORDER BY p.oid
"""
AGGREGATES = """
SELECT a.aggfnoid::pg_catalog.oid, a.aggkind::text,
       a.aggtransfn::text, pg_catalog.format_type(a.aggtranstype, NULL), a.aggtransspace,
       a.aggfinalfn::text, a.aggfinalextra, a.aggfinalmodify::text, a.aggcombinefn::text,
       a.aggserialfn::text, a.aggdeserialfn::text, a.agginitval,
       a.aggmtransfn::text, a.aggminvtransfn::text,
       CASE WHEN a.aggmtranstype <> 0 THEN pg_catalog.format_type(a.aggmtranstype, NULL) END,
       a.aggmtransspace, a.aggmfinalfn::text, a.aggmfinalextra, a.aggmfinalmodify::text,
       a.aggminitval, n.nspname::text, o.oprname::text
  FROM pg_catalog.pg_aggregate AS a
  JOIN pg_catalog.pg_proc AS p ON p.oid = a.aggfnoid
  LEFT JOIN pg_catalog.pg_operator AS o ON o.oid = a.aggsortop
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
 WHERE p.pronamespace IN ($namespaces)
"""
KINDS: Final = {"f": "function", "p": "procedure", "w": "window function", "a": "aggregate"}
VOLATILITY: Final = {"v": "volatile", "s": "stable", "i": "immutable"}
PARALLEL: Final = {"u": "unsafe", "r": "restricted", "s": "safe"}
MODIFY: Final = {"r": "READ_ONLY", "s": "SHAREABLE", "w": "READ_WRITE"}


def read_routines(snapshot: Snapshot) -> tuple[Routine, ...]:
    """All functions, procedures and aggregates."""
    aggregates = {row[0]: _options(row) for row in snapshot.rows(AGGREGATES)}
    return tuple(_routine(snapshot, row, aggregates) for row in snapshot.rows(ROUTINES))


def _routine(snapshot: Snapshot, row: tuple[Any, ...], aggregates: dict[int, str]) -> Routine:
    oid, namespace, name, kind, signature, arguments, returns, language = row[:8]
    source, binary, statement, volatility, strict, definer, leakproof, parallel = row[8:16]
    cost, rows, settings, support, transforms = row[16:]
    return Routine(
        schema=snapshot.namespaces[namespace],
        name=name,
        kind=KINDS[kind],  # type: ignore[arg-type]
        signature=", ".join(signature),
        arguments=arguments,
        body=aggregates.get(oid) or statement or source,
        returns=returns,
        language=language,
        standard_body=statement is not None,
        library=binary,
        volatility=VOLATILITY[volatility],  # type: ignore[arg-type]
        strict=strict,
        security_definer=definer,
        leakproof=leakproof,
        parallel=PARALLEL[parallel],  # type: ignore[arg-type]
        cost=cost,
        rows=None if rows == "0" else rows,
        settings=tuple(settings or ()),
        support=support,
        transforms=texts(transforms),
        requires=snapshot.required(PG_PROC, oid),
        **snapshot.common(PG_PROC, oid),
    )


def _options(row: tuple[Any, ...]) -> str:
    """The options of CREATE AGGREGATE: https://www.postgresql.org/docs/current/sql-createaggregate.html"""
    _, kind, step, state, space, final, extra, modify, combine, serial, deserial, initial = row[:12]
    mstep, minverse, mstate, mspace, mfinal, mextra, mmodify, minitial, schema, sort = row[12:]
    # Ordered-set aggregates may change their state while they finish; others may not.
    usual = "r" if kind == "n" else "w"
    words: list[tuple[str, object, bool]] = [
        ("SFUNC", step, True),
        ("STYPE", state, True),
        ("SSPACE", space, bool(space)),
        ("FINALFUNC", final, final != "-"),
        ("FINALFUNC_EXTRA", None, extra),
        ("FINALFUNC_MODIFY", MODIFY[modify], final != "-" and modify != usual),
        ("COMBINEFUNC", combine, combine != "-"),
        ("SERIALFUNC", serial, serial != "-"),
        ("DESERIALFUNC", deserial, deserial != "-"),
        ("INITCOND", literal(initial or ""), initial is not None),
        ("MSFUNC", mstep, mstep != "-"),
        ("MINVFUNC", minverse, minverse != "-"),
        ("MSTYPE", mstate, mstate is not None),
        ("MSSPACE", mspace, bool(mspace)),
        ("MFINALFUNC", mfinal, mfinal != "-"),
        ("MFINALFUNC_EXTRA", None, mextra),
        ("MFINALFUNC_MODIFY", MODIFY[mmodify], mfinal != "-" and mmodify != usual),
        ("MINITCOND", literal(minitial or ""), minitial is not None),
        ("SORTOP", f"OPERATOR({schema}.{sort})", sort is not None),
        ("HYPOTHETICAL", None, kind == "h"),
    ]
    return ", ".join(
        word if value is None else f"{word} = {value}" for word, value, there in words if there
    )
