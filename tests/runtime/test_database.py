"""Which database a command works on, from what is said where."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.errors import ConfigurationError
from modalembic.runtime.database import database_named
from tests.projects import GLOB, ProjectFiles

ENVIRONMENT, SECOND_ENVIRONMENT = "MODALEMBIC_DATABASE_URL", "MODALEMBIC_MIGRATION_DATABASE_URL"
KEY, SECOND_KEY = "database", "migration_database"


def named(directory: Path, said: dict[str, str], *, migrating: bool) -> str | None:
    """What is named where `said` has variables and keys with their values."""
    keys = [f'{key} = "{value}"' for key, value in said.items() if key.islower()]
    project = ProjectFiles(directory / "shop").configure("\n".join([GLOB, *keys]))
    project.module("core")
    environ = {key: value for key, value in said.items() if key.isupper()}
    return database_named(project.load(environ), None, migrating=migrating)


@pytest.mark.parametrize(
    ("said", "migrating", "looking"),
    [
        ({}, None, None),
        ({KEY: "a"}, "a", "a"),
        ({SECOND_KEY: "b"}, "b", "b"),
        ({KEY: "a", SECOND_KEY: "b"}, "b", "a"),
        ({ENVIRONMENT: "c"}, "c", "c"),
        ({SECOND_ENVIRONMENT: "d"}, "d", "d"),
        ({ENVIRONMENT: "c", SECOND_ENVIRONMENT: "d"}, "d", "c"),
        # What is set to try something wins over what is written for production.
        ({ENVIRONMENT: "c", KEY: "a", SECOND_KEY: "b"}, "c", "c"),
        ({SECOND_ENVIRONMENT: "d", KEY: "a", SECOND_KEY: "b"}, "d", "a"),
        ({ENVIRONMENT: "none", KEY: "a", SECOND_KEY: "b"}, None, None),
        ({KEY: "a", SECOND_KEY: "none"}, None, "a"),
        # A variable that only deployments set is no trouble for who looks.
        ({KEY: "a", SECOND_KEY: "${NOT_SET_HERE}"}, ConfigurationError, "a"),
        ({SECOND_KEY: "${NOT_SET_HERE}"}, ConfigurationError, None),
    ],
)
def test_commands_that_take_locks_and_those_that_look_find_their_database(
    tmp_path: Path,
    said: dict[str, str],
    migrating: str | type[ConfigurationError] | None,
    looking: str | None,
) -> None:
    assert named(tmp_path, said, migrating=False) == looking
    if isinstance(migrating, type):
        with pytest.raises(migrating, match=r"migration_database refers to \$\{NOT_SET_HERE\}"):
            named(tmp_path, said, migrating=True)
    else:
        assert named(tmp_path, said, migrating=True) == migrating
