"""CREATE FUNCTION, PROCEDURE and AGGREGATE."""

from __future__ import annotations

from modalembic.postgres.catalog.keys import routine_key
from modalembic.postgres.catalog.model import Routine
from modalembic.postgres.catalog.names import dollar_quoted, literal, qualified, quote
from modalembic.postgres.catalog.writing.options import access, comment, setting
from modalembic.postgres.catalog.writing.units import Rank, Unit


def routine_units(routine: Routine) -> list[Unit]:
    """A routine of any kind."""
    name = qualified(routine.schema, routine.name)
    kind = {"procedure": "PROCEDURE", "aggregate": "AGGREGATE"}.get(routine.kind, "FUNCTION")
    none = "*" if routine.kind == "aggregate" else ""
    called = f"{name}({routine.signature or none})"
    statement = _aggregate(routine) if routine.kind == "aggregate" else _routine(routine, kind)
    key = routine_key(routine.schema, routine.name, routine.signature)
    return [
        Unit(Rank.ROUTINE, called, (statement,), key, routine.requires),
        *comment(kind, called, routine.comment),
        *access(kind, called, routine.owner, routine.grants),
    ]


def _aggregate(routine: Routine) -> str:
    name = qualified(routine.schema, routine.name)
    parallel = "" if routine.parallel == "unsafe" else f", PARALLEL = {routine.parallel.upper()}"
    return f"CREATE AGGREGATE {name}({routine.arguments or '*'}) ({routine.body}{parallel})"


def _routine(routine: Routine, kind: str) -> str:
    name = qualified(routine.schema, routine.name)
    lines = [f"CREATE {kind} {name}({routine.arguments})"]
    if kind == "FUNCTION":
        lines.append(f"    RETURNS {routine.returns}")
    lines.append(f"    LANGUAGE {quote(routine.language)}")
    if routine.transforms:
        types = ", ".join(f"FOR TYPE {type_}" for type_ in routine.transforms)
        lines.append(f"    TRANSFORM {types}")
    lines += [f"    {word}" for word in _attributes(routine, kind)]
    lines += [f"    {setting(text)}" for text in routine.settings]
    return "\n".join([*lines, _body(routine)])


def _attributes(routine: Routine, kind: str) -> list[str]:
    words = ["SECURITY DEFINER"] if routine.security_definer else []
    if kind == "PROCEDURE":
        return words  # the others mean nothing there, and are refused
    words += ["WINDOW"] if routine.kind == "window function" else []
    words += [routine.volatility.upper()] if routine.volatility != "volatile" else []
    words += ["STRICT"] if routine.strict else []
    words += ["LEAKPROOF"] if routine.leakproof else []
    words += [f"PARALLEL {routine.parallel.upper()}"] if routine.parallel != "unsafe" else []
    words += [f"COST {routine.cost}"] if routine.cost is not None else []
    words += [f"ROWS {routine.rows}"] if routine.rows is not None else []
    words += [f"SUPPORT {routine.support}"] if routine.support is not None else []
    return words


def _body(routine: Routine) -> str:
    if routine.standard_body:
        return routine.body
    if routine.library is not None:
        return f"AS {literal(routine.library).strip()}, {literal(routine.body).strip()}"
    return f"AS {dollar_quoted(routine.body)}"
