"""`schema dump` as a document."""

from __future__ import annotations

from typing import Any

from modalembic.postgres.catalog import Catalog, to_document


def schema_document(catalog: Catalog, database: str | None) -> dict[str, Any]:
    """`schema dump --format json`. `database` is a URL without its password."""
    return {"database": database, **to_document(catalog)}
