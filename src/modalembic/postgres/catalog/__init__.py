"""The catalog: what Postgres itself says of a schema.

`read_catalog` reads it, `to_document` and `load` write it as JSON and read it back, `to_sql` writes
the statements that create it again, `compare` says how two of them differ, with a
`ScratchNormaliser` to tell meaning from spelling, and `fixes` what mends the differences.
"""

from modalembic.postgres.catalog.comparing.difference import Difference, Severity
from modalembic.postgres.catalog.comparing.normalise import Normaliser, compare
from modalembic.postgres.catalog.document import load, loads, to_document
from modalembic.postgres.catalog.fixing.fix import Fix
from modalembic.postgres.catalog.fixing.fixes import Fixes, fixes
from modalembic.postgres.catalog.model import Catalog
from modalembic.postgres.catalog.reading.catalog import read_catalog
from modalembic.postgres.catalog.reading.session import Connection, Session
from modalembic.postgres.catalog.scratch import ScratchNormaliser, scratch_database
from modalembic.postgres.catalog.writing.sql import to_sql

__all__ = [
    "Catalog",
    "Connection",
    "Difference",
    "Fix",
    "Fixes",
    "Normaliser",
    "ScratchNormaliser",
    "Session",
    "Severity",
    "compare",
    "fixes",
    "load",
    "loads",
    "read_catalog",
    "scratch_database",
    "to_document",
    "to_sql",
]
