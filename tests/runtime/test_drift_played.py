"""What creating models would send, told the same each time."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from modalembic.runtime.drift.played import play

TABLES = [f"t{number}" for number in range(12)]


def circle() -> MetaData:
    """Tables that refer to one another in a circle, so that their foreign keys come last."""
    metadata = MetaData()
    for name, other in zip(TABLES, [*TABLES[1:], TABLES[0]], strict=True):
        key = ForeignKey(f"{other}.id", name=f"fk_{name}", use_alter=True)
        Table(name, metadata, Column("id", Integer, primary_key=True), Column("other", key))
    return metadata


def test_foreign_keys_of_a_circle_have_one_order() -> None:
    metadatas = [circle() for _ in range(8)]  # sets of them are in the order of their addresses

    digests = {play(metadata).digest for metadata in metadatas}

    assert len(digests) == 1
    assert None not in digests
