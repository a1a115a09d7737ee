"""Who proposes what, by the kind of the object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.attached import of_policy, of_rule, of_trigger
from modalembic.postgres.catalog.fixing.columns import of_column
from modalembic.postgres.catalog.fixing.constraints import of_constraint
from modalembic.postgres.catalog.fixing.domains import of_check, of_domain
from modalembic.postgres.catalog.fixing.indexes import of_index
from modalembic.postgres.catalog.fixing.others import of_extension, of_other, of_schema
from modalembic.postgres.catalog.fixing.proposal import Proposal, refusal
from modalembic.postgres.catalog.fixing.routines import of_routine
from modalembic.postgres.catalog.fixing.sequences import of_sequence
from modalembic.postgres.catalog.fixing.sides import Sides, group
from modalembic.postgres.catalog.fixing.tables import of_table
from modalembic.postgres.catalog.fixing.types import of_attribute, of_composite, of_enum, of_range
from modalembic.postgres.catalog.fixing.views import of_view

_KINDS: Mapping[str, Callable[[Sides, Difference], Proposal]] = MappingProxyType(
    {
        "attribute": of_attribute,
        "column": of_column,
        "composite type": of_composite,
        "constraint": of_constraint,
        "domain": of_domain,
        "domain constraint": of_check,
        "enum": of_enum,
        "extension": of_extension,
        "index": of_index,
        "policy": of_policy,
        "range": of_range,
        "routine": of_routine,
        "rule": of_rule,
        "schema": of_schema,
        "sequence": of_sequence,
        "table": of_table,
        "trigger": of_trigger,
        "view": of_view,
    }
)


def proposal_for(sides: Sides, each: Difference) -> Proposal:
    """What would mend a difference, as far as nothing is in the way."""
    if each.object == "server":
        return refusal("server")
    if each.severity == "info" and each.part == "default":
        return refusal("spelling")
    return _KINDS.get(group(each.object), of_other)(sides, each)
