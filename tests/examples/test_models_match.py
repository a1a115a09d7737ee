"""Autogenerate finds nothing to do between the models of each example and its migrated database."""

from __future__ import annotations

import pytest

from tests.examples.shops import MARKETPLACE, MONOLITH, Shop

COMPARE = """
import os
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url
{imports}
from app.db import Base

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
with create_engine(url).connect() as connection:
    context = MigrationContext.configure(
        connection, opts={{"compare_type": True, "compare_server_default": True}}
    )
    differences = compare_metadata(context, Base.metadata)
print(len(Base.metadata.tables), differences)
"""


@pytest.mark.parametrize(
    ("shop", "imports"),
    [
        (MONOLITH, "import app.models"),
        (MARKETPLACE, "from app.modules.base import import_models; import_models()"),
    ],
    ids=["monolith", "marketplace"],
)
def test_models_match_the_migrated_database(shop: Shop, imports: str, database_url: str) -> None:
    shop.alembic(database_url, "upgrade", "heads")

    # A warning would say that something could not be compared.
    found = shop.python(
        database_url, "-W", "error::UserWarning", "-c", COMPARE.format(imports=imports)
    )

    assert found.strip() == "51 []"
