"""A made-up project with many modules, for stock Alembic and modalembic alike."""

from __future__ import annotations

from pathlib import Path

ENV = '''"""As Alembic's generic template, with a transaction for each revision."""

from alembic import context
from sqlalchemy import create_engine, pool

config = context.config
url = config.file_config.get("alembic", "sqlalchemy.url", fallback=None)
given = config.attributes.get("connection")


def run(connection):
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


if given is not None:
    run(given)
else:
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        run(connection)
'''

REVISION = '''"""Change {number} of {module}.

Revision ID: {id}
Revises: {down}
"""

import sqlalchemy as sa
from alembic import op

revision = {id!r}
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends_on!r}


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


def generate(root: Path, modules: int, revisions: int) -> None:
    """Write a project with `modules` x `revisions` revisions below `root`.

    Each module makes a table every tenth revision and adds to it in between, and depends on the
    module before it now and then.
    """
    locations = []
    for number in range(modules):
        name = f"m{number:03d}"
        versions = root / "app" / "modules" / name / "migrations" / "versions"
        versions.mkdir(parents=True)
        (versions.parents[1] / "__init__.py").touch()
        locations.append(f"%(here)s/{versions.relative_to(root)}")
        for position in range(revisions):
            text = _revision(name, number, position)
            (versions / f"{_id(name, position)}_change.py").write_text(text)
    environment = root / "migrations"
    environment.mkdir()
    (environment / "env.py").write_text(ENV)
    (root / "pyproject.toml").write_text('[tool.modalembic]\nmodules = ["app/modules/*"]\n')
    (root / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/migrations\npath_separator = newline\n"
        "version_locations =\n" + "".join(f"    {location}\n" for location in locations)
    )


def _id(module: str, position: int) -> str:
    return f"{module}r{position:04d}"


def _revision(module: str, number: int, position: int) -> str:
    table = f"{module}_t{position // 10}"
    if position % 10 == 0:
        upgrade = (
            f'op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True), '
            'sa.Column("name", sa.String(50), nullable=False))'
        )
        downgrade = f'op.drop_table("{table}")'
    else:
        column = f"c{position % 10}"
        upgrade = f'op.add_column("{table}", sa.Column("{column}", sa.Integer))'
        downgrade = f'op.drop_column("{table}", "{column}")'
    depends = number and position % 10 == 0
    return REVISION.format(
        number=position,
        module=module,
        id=_id(module, position),
        down=_id(module, position - 1) if position else None,
        labels=(module,) if position == 0 else None,
        depends_on=_id(f"m{number - 1:03d}", position) if depends else None,
        upgrade=upgrade,
        downgrade=downgrade,
    )
