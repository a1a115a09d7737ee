"""A made-up project whose models and migrations say the same, for stock Alembic and modalembic."""

from __future__ import annotations

from pathlib import Path

# As Alembic's generic template, with a transaction for each revision.
ENV = """from importlib import import_module

from alembic import context
from sqlalchemy import create_engine, pool

from app.base import Base, MODULES

for module in MODULES:
    import_module(f"app.modules.{module}.models")

config = context.config
given = config.attributes.get("connection")


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if given is not None:
    run(given)
else:
    url = config.get_main_option("sqlalchemy.url")
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        run(connection)
"""

BASE = """from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

MODULES = {modules!r}


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={{
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }}
    )
"""

MODELS = """from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.base import Base
"""

MODEL = """

class {name}(Base):
    __tablename__ = "{table}"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="positive"),
        Index("ix_{table}_name", text("lower(name)"), "state"),
        Index("ix_{table}_at", text("at DESC"), postgresql_where=text("flag")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    other_id: Mapped[int | None] = mapped_column(ForeignKey("{previous}.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(server_default="x")
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2), server_default=text("0"))
    state: Mapped[str | None] = mapped_column(server_default="new")
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=text("now()"))
    flag: Mapped[bool | None]
    data: Mapped[dict | None] = mapped_column(JSONB)
    notes: Mapped[str | None]
"""

REVISION = '''"""The tables of {module}.

Revision ID: {id}
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

revision = {id!r}
down_revision = None
branch_labels = ({module!r},)
depends_on = {depends_on!r}


def upgrade() -> None:
{tables}

def downgrade() -> None:
    pass
'''

TABLE = """    op.create_table(
        "{table}",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(), server_default="x", nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.String(), server_default="new", nullable=True),
        sa.Column("at", TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("flag", sa.Boolean(), nullable=True),
        sa.Column("data", JSONB(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_{table}_positive")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["{previous}.id"], name=op.f("fk_{table}_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_{table}")),
        sa.UniqueConstraint("code", name=op.f("uq_{table}_code")),
    )
    op.create_index("ix_{table}_name", "{table}", [sa.text("lower(name)"), "state"])
    op.create_index(
        "ix_{table}_at", "{table}", [sa.text("at DESC")], postgresql_where=sa.text("flag")
    )
"""


def generate(root: Path, tables: int, per_module: int = 20) -> None:
    """Write a project with `tables` tables below `root`, a revision and a file of models for each
    module of `per_module` tables. Every table refers to the one before it."""
    modules = [f"m{number:03d}" for number in range(-(-tables // per_module))]
    for number, module in enumerate(modules):
        names = [f"t{n:04d}" for n in range(number * per_module, (number + 1) * per_module)]
        _module(
            root / "app" / "modules" / module,
            module,
            modules[:number],
            [n for n in names if int(n[1:]) < tables],
        )
    (root / "app" / "__init__.py").touch()
    (root / "app" / "modules" / "__init__.py").touch()
    (root / "app" / "base.py").write_text(BASE.format(modules=tuple(modules)))
    environment = root / "migrations"
    environment.mkdir()
    (environment / "env.py").write_text(ENV)
    (root / "pyproject.toml").write_text('[tool.modalembic]\nmodules = ["app/modules/*"]\n')
    locations = [f"    %(here)s/app/modules/{module}/migrations/versions\n" for module in modules]
    (root / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = %(here)s\n"
        f"path_separator = newline\nversion_locations =\n{''.join(locations)}"
    )


def _module(directory: Path, module: str, before: list[str], names: list[str]) -> None:
    versions = directory / "migrations" / "versions"
    versions.mkdir(parents=True)
    (directory / "__init__.py").touch()
    models, made = MODELS, ""
    for name in names:
        previous = f"t{max(int(name[1:]) - 1, 0):04d}"
        models += MODEL.format(name=name.upper(), table=name, previous=previous)
        made += TABLE.format(table=name, previous=previous)
    (directory / "models.py").write_text(models)
    depends_on = f"{before[-1]}_first" if before else None
    revision = REVISION.format(
        module=module, id=f"{module}_first", depends_on=depends_on, tables=made
    )
    (versions / f"{module}_first.py").write_text(revision)
