"""What stock Alembic makes of a database, through the project's own `env.py`: its script directory
and its way to run revisions, and nothing of modalembic's plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from modalembic.errors import EnvironmentMisuse
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.environment.entering import Entered, enter_environment
from modalembic.runtime.environment.file import environment_file
from modalembic.runtime.loader import RevisionLoader
from modalembic.runtime.options import Options


@dataclass(frozen=True)
class Configured:
    """The version table that `env.py` configures; a schema of None is the search path's."""

    version_table: str
    version_table_schema: str | None


def configured_by_environment(
    project: Project, url: DatabaseURL, then: Callable[[Entered], None] | None = None
) -> Configured:
    """What `env.py` configures when it is given the database at `url`; `then` is called where it
    runs migrations, which does nothing by itself.

    Raises EnvironmentMisuse where it connects to another one, and what entering it raises.
    """
    found: list[Configured] = []

    def entered(environment: Entered) -> None:
        _require_database(environment, url)
        context = environment.context
        found.append(Configured(context.version_table, context.version_table_schema))
        if then is not None:
            then(environment)

    settled = Options().settled(project.configuration)
    enter_environment(project, url, entered, options=settled, loader=RevisionLoader())
    return found[0]


def stock_upgrade(project: Project, url: DatabaseURL, locations: Sequence[Path]) -> None:
    """`alembic upgrade heads` with the revisions in `locations`, each in a transaction of its own.

    Raises whatever a revision raises, and as `configured_by_environment` does.
    """
    script = ScriptDirectory(
        str(environment_file(project).parent),
        version_locations=[str(location) for location in locations],
        recursive_version_locations=project.alembic.recursive_version_locations,
    )

    def upgrade(entered: Entered) -> None:
        context = entered.context

        def steps(revision: Any, _: MigrationContext) -> Any:
            return script._upgrade_revs("heads", revision)  # noqa: SLF001 - as its own command

        context._migrations_fn = steps  # noqa: SLF001 - what its command gives it
        # The instance's own method is ours while env.py runs.
        MigrationContext.run_migrations(context, **entered.arguments)

    configured_by_environment(project, url, upgrade)


def _require_database(entered: Entered, url: DatabaseURL) -> None:
    connection = entered.context.connection
    assert connection is not None
    with connection.begin():
        actual = connection.execute(text("SELECT pg_catalog.current_database()")).scalar_one()
    if actual != url.database:
        raise EnvironmentMisuse(
            f"env.py connects to the database {actual!r}, and not to the one that it is given "
            f"({url.database!r}); nothing was run",
            hint='let it use config.attributes["connection"], or the URL in '
            'config.get_main_option("sqlalchemy.url")',
            path=entered.path,
            line=entered.line,
        )
