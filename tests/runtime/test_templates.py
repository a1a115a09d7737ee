"""The environments that modalembic brings: modalembic and stock Alembic on one tree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.projects import ProjectFiles
from tests.runtime.support import (
    alembic_process,
    body,
    done,
    fetch,
    modalembic_process,
    sql,
    tables,
    versions,
)

TEMPLATES = ("modular", "modular-async")
MODELS = """
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={"ix": "idx_%(table_name)s_%(column_0_name)s"})
"""
COLUMNS = """
SELECT table_name, column_name, data_type, column_default, is_nullable
  FROM information_schema.columns
 WHERE table_schema = 'public' AND table_name <> 'modalembic_history' ORDER BY 1, 2
"""
INDEXES = """
SELECT indexdef FROM pg_indexes
 WHERE schemaname = 'public' AND tablename <> 'modalembic_history' ORDER BY 1
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace
   AND conrelid <> coalesce(to_regclass('modalembic_history'), 0) ORDER BY 1, 2
"""


def catalog(url: str) -> list[Any]:
    return [fetch(url, query) for query in (COLUMNS, INDEXES, CONSTRAINTS)]


@pytest.fixture(params=TEMPLATES)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> ProjectFiles:
    """What `modalembic init` makes of two modules whose indexes are named by a convention."""
    project = ProjectFiles(tmp_path / "shop").file("app/__init__.py").file("app/db.py", MODELS)
    billing = project.module("billing", tier="core")
    billing.file(
        "models.py",
        """
        from app.db import Base
        from sqlalchemy.orm import Mapped, mapped_column

        class Invoice(Base):
            __tablename__ = "invoices"
            id: Mapped[int] = mapped_column(primary_key=True)
            number: Mapped[str] = mapped_column(index=True)
        """,
    )
    billing.revision(
        "b1",
        labels="billing",
        upgrade=body("""
            op.create_table(
                "invoices",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("number", sa.String, nullable=False, index=True),
            )
        """),
        downgrade='op.drop_table("invoices")',
    ).revision(
        "b2",
        down="b1",
        upgrade=body("""
            with op.get_context().autocommit_block():
                op.execute("CREATE INDEX CONCURRENTLY later ON invoices (number, id)")
        """),
        downgrade=sql("DROP INDEX later"),
    )
    project.module("orders").revision(
        "o1",
        labels="orders",
        depends_on="b1",
        upgrade=body("""
            op.create_table(
                "orders",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("invoice_id", sa.Integer, sa.ForeignKey("invoices.id")),
            )
        """),
        downgrade='op.drop_table("orders")',
    )
    done(modalembic_process(project, "init", "--template", request.param))
    return project


def test_both_leave_the_same_catalog_and_the_same_version_rows(
    project: ProjectFiles, make_database: Callable[[], str]
) -> None:
    ours, stock = make_database(), make_database()
    done(modalembic_process(project, "upgrade", "heads", url=ours))
    done(alembic_process(project, "upgrade", "heads", MODALEMBIC_DATABASE_URL=stock))
    assert catalog(ours) == catalog(stock)
    assert tables(ours) == {"invoices", "orders"}
    assert versions(ours) == versions(stock) == {"b2", "o1"}
    # The convention of the models has named it.
    assert "idx_invoices_number" in str(catalog(ours)[1])
    # Each goes on where the other one stopped, and takes it down again.
    done(alembic_process(project, "downgrade", "base", MODALEMBIC_DATABASE_URL=ours))
    done(modalembic_process(project, "downgrade", "base", url=stock))
    assert tables(ours) == tables(stock) == set()
    assert versions(ours) == versions(stock) == set()


@pytest.mark.parametrize("project", ["modular-async"], indirect=True)
def test_the_asynchronous_one_works_over_asyncpg(project: ProjectFiles, database_url: str) -> None:
    url = "postgresql+asyncpg" + database_url[database_url.index("://") :]
    done(modalembic_process(project, "upgrade", url=url))
    assert versions(database_url) == {"b2", "o1"}


@pytest.mark.parametrize("project", ["modular"], indirect=True)
def test_a_convention_in_the_configuration_keeps_models_from_being_imported(
    project: ProjectFiles, database_url: str
) -> None:
    path = project.root / "pyproject.toml"
    convention = 'naming_convention = { ix = "by_%(table_name)s_%(column_0_name)s" }'
    path.write_text(
        path.read_text().replace("[tool.modalembic]", f"[tool.modalembic]\n{convention}")
    )
    project.module("billing").file("models.py", "raise AssertionError\n")
    done(modalembic_process(project, "upgrade", url=database_url))
    assert "by_invoices_number" in str(catalog(database_url)[1])


@pytest.mark.parametrize("project", ["modular"], indirect=True)
def test_sql_of_both_is_of_the_same_statements(project: ProjectFiles) -> None:
    ours = done(modalembic_process(project, "upgrade", "--sql")).out
    stock = done(alembic_process(project, "upgrade", "heads", "--sql")).out
    for statement in ("CREATE TABLE invoices", "CREATE INDEX idx_invoices_number", "later"):
        assert statement in ours
        assert statement in stock


def test_stock_autogenerate_leaves_modalembics_own_table_alone(
    project: ProjectFiles, database_url: str
) -> None:
    env = project.root / "migrations/env.py"
    source = env.read_text().replace(
        "compare_type=True", "include_name=lambda name, kind, _: (name, kind) != ('later', 'index')"
    )
    env.write_text(source.replace(", compare_server_default=True", ""))
    done(modalembic_process(project, "upgrade", "heads", url=database_url))
    (project.root / "app/modules/orders/models.py").write_text(
        "import sqlalchemy as sa\nfrom app.db import Base\n"
        "sa.Table('orders', Base.metadata, sa.Column('id', sa.Integer, primary_key=True),\n"
        "         sa.Column('invoice_id', sa.ForeignKey('invoices.id')))\n"
    )
    result = alembic_process(project, "check", MODALEMBIC_DATABASE_URL=database_url)
    assert "No new upgrade operations detected" in done(result).out
