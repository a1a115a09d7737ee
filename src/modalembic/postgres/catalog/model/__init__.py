"""What Postgres itself says of a schema, as one value that can be compared and written down.

Objects are named by `schema` and `name`, raw. A text that refers to another object is spelled as
Postgres spells it under an empty search path: qualified, and quoted where it has to be. A tuple is
in the order of the database where that has a meaning (columns, labels, index keys), else sorted.
`requires` holds the keys (`catalog/keys.py`) of what has to be there before an object is created.

Facts about the system catalogs: https://www.postgresql.org/docs/current/catalogs.html
"""

from modalembic.postgres.catalog.model.access import Grant
from modalembic.postgres.catalog.model.attached import FiringState, Policy, Rule, Trigger
from modalembic.postgres.catalog.model.catalog import Catalog, Extension, Other, Schema
from modalembic.postgres.catalog.model.columns import Column
from modalembic.postgres.catalog.model.keys import (
    Constraint,
    ConstraintKind,
    Index,
    IndexKey,
    Timing,
)
from modalembic.postgres.catalog.model.relations import Table, TableKind, View, ViewKind
from modalembic.postgres.catalog.model.routines import Routine, RoutineKind
from modalembic.postgres.catalog.model.sequences import Persistence, Sequence
from modalembic.postgres.catalog.model.types import (
    Attribute,
    Composite,
    Domain,
    DomainConstraint,
    Enum,
    Range,
)

__all__ = [
    "Attribute",
    "Catalog",
    "Column",
    "Composite",
    "Constraint",
    "ConstraintKind",
    "Domain",
    "DomainConstraint",
    "Enum",
    "Extension",
    "FiringState",
    "Grant",
    "Index",
    "IndexKey",
    "Other",
    "Persistence",
    "Policy",
    "Range",
    "Routine",
    "RoutineKind",
    "Rule",
    "Schema",
    "Sequence",
    "Table",
    "TableKind",
    "Timing",
    "Trigger",
    "View",
    "ViewKind",
]
