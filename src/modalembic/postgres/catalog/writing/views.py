"""CREATE VIEW and CREATE MATERIALIZED VIEW."""

from __future__ import annotations

from modalembic.postgres.catalog.keys import relation_key
from modalembic.postgres.catalog.model import View
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.attached import rule_units, trigger_units
from modalembic.postgres.catalog.writing.columns import column_units
from modalembic.postgres.catalog.writing.options import access, comment, storage
from modalembic.postgres.catalog.writing.tables import index_units
from modalembic.postgres.catalog.writing.units import Rank, Unit


def view_units(view: View) -> list[Unit]:
    """A view with all that belongs to it; a materialised one without data."""
    name = qualified(view.schema, view.name)
    kind = view.kind.upper()
    words = [f"CREATE {kind} {name}"]
    words += [f"USING {quote(view.access_method)}"] if view.access_method else []
    words += [f"WITH {storage(view.options)}"] if view.options else []
    words += [f"TABLESPACE {quote(view.tablespace)}"] if view.tablespace else []
    no_data = "\nWITH NO DATA" if view.kind == "materialized view" else ""
    create = f"{' '.join(words)} AS\n{view.definition}{no_data}"
    key = relation_key(view.schema, view.name)
    units = [Unit(Rank.VIEW, name, (create,), key, view.requires)]
    units += column_units(view, [])
    for index in view.indexes:
        units += index_units(view.schema, view.name, view.kind, index, None)
    for trigger in view.triggers:
        units += trigger_units(name, trigger)
    for rule in view.rules:
        units += rule_units(name, rule)
    units += comment(kind, name, view.comment)
    return units + access(kind, name, view.owner, view.grants)
