"""Owners and grants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from modalembic.postgres.catalog.fixing.proposal import Proposal
from modalembic.postgres.catalog.fixing.steps import make
from modalembic.postgres.catalog.model import Grant
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.options import grantee
from modalembic.postgres.catalog.writing.units import Rank


def owner(kind: str, name: str, ours: Any) -> Proposal:
    """ALTER … OWNER. `kind` is the word of ALTER."""
    statement = f"ALTER {kind} {name} OWNER TO {quote(ours.owner)}"
    # Postgres gives the new owner the old one's privileges: grants come after.
    return Proposal((make(Rank.ACCESS, f"{name} {kind}", statement, key=f"owner {kind} {name}"),))


def grants(kind: str, name: str, ours: Any, theirs: Any, column: str | None = None) -> Proposal:
    """GRANT and REVOKE. `kind` is the word of ALTER, `column` the quoted name of a column."""
    on = "TABLE" if kind in {"VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE"} else kind
    on = "TYPE" if kind == "DOMAIN" else "ROUTINE" if kind == "AGGREGATE" else on
    of = f" ({column})" if column is not None else ""
    revoked = [*_revoked(theirs.grants, ours.grants, of, f"{on} {name}")]
    granted = _granted(theirs.grants, ours.grants, of, f"{on} {name}")
    columns = _of_columns(ours, f"{on} {name}") if revoked and column is None else ()
    where, key = f"{name} {kind}{of} grants", f"grants {kind} {name}"
    requires = [f"owner {kind} {name}", *([] if column is None else [key])]
    step = make(
        Rank.ACCESS,
        where,
        *revoked,
        *granted,
        *columns,
        key=key if column is None else None,
        requires=requires,
    )
    return Proposal((step,))


def _of_columns(relation: Any, on: str) -> Iterator[str]:
    """What is taken from a role on a whole table is taken on its columns as well."""
    for column in getattr(relation, "columns", ()):
        yield from _granted((), column.grants, f" ({quote(column.name)})", on)


def _revoked(there: Iterable[Grant], wanted: Iterable[Grant], of: str, on: str) -> Iterator[str]:
    kept = {(grant.grantee, grant.privilege): grant for grant in wanted}
    for grant in there:
        other = kept.get((grant.grantee, grant.privilege))
        words = f"{grant.privilege}{of} ON {on} FROM {grantee(grant.grantee)}"
        if other is None:
            yield f"REVOKE {words}"
        elif grant.grantable and not other.grantable:
            yield f"REVOKE GRANT OPTION FOR {words}"


def _granted(there: Iterable[Grant], wanted: Iterable[Grant], of: str, on: str) -> Iterator[str]:
    known = {(grant.grantee, grant.privilege): grant for grant in there}
    for grant in wanted:
        other = known.get((grant.grantee, grant.privilege))
        if other is None or (grant.grantable and not other.grantable):
            option = " WITH GRANT OPTION" if grant.grantable else ""
            yield f"GRANT {grant.privilege}{of} ON {on} TO {grantee(grant.grantee)}{option}"
