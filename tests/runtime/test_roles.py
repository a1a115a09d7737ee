"""Roles that differ between who made the tables and who uses them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modalembic.postgres.url import DatabaseURL
from tests.runtime.support import (
    ENV,
    done,
    execute,
    fetch,
    history,
    modalembic,
    new_project,
    table,
    versions,
)

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from tests.projects import ProjectFiles

CREATOR, DEPLOYER = "roles_creator", "roles_deployer"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = new_project(tmp_path)
    project.module("core").revision("c1", **table("c_one")).revision(
        "c2", down="c1", **table("c_two")
    )
    return project


@pytest.fixture
def roles(server: psycopg.Connection, database_url: str) -> Iterator[None]:
    """Two that may connect; the schema is the creator's alone."""
    for role in (CREATOR, DEPLOYER):
        server.execute(f"CREATE ROLE {role} LOGIN".encode())
    execute(database_url, f"ALTER SCHEMA public OWNER TO {CREATOR}")
    execute(database_url, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    yield
    execute(database_url, "ALTER SCHEMA public OWNER TO CURRENT_USER")
    for role in (DEPLOYER, CREATOR):
        execute(database_url, f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")


def as_role(url: str, role: str) -> str:
    return replace(DatabaseURL.parse(url), user=role, password=None).conninfo


@pytest.fixture
def creator(roles: None, database_url: str) -> str:
    return as_role(database_url, CREATOR)


@pytest.fixture
def deployer(roles: None, database_url: str) -> str:
    return as_role(database_url, DEPLOYER)


def owners(url: str) -> set[tuple[str, str]]:
    return set(fetch(url, "SELECT tablename, tableowner FROM pg_tables WHERE schemaname='public'"))


class TestAnotherRoleThanTheCreator:
    def test_is_told_all_that_it_lacks_and_whose_it_is(
        self, project: ProjectFiles, creator: str, deployer: str, database_url: str
    ) -> None:
        done(modalembic(project, "upgrade", "c1", url=creator))
        execute(database_url, f"GRANT USAGE, CREATE ON SCHEMA public TO {DEPLOYER}")
        execute(database_url, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {DEPLOYER}")
        refused = modalembic(project, "upgrade", url=deployer)
        assert refused.code == 2
        assert refused.err.count(f"(it belongs to {CREATOR!r})") == 2
        hint = refused.err.partition("hint: ")[2].strip()
        execute(creator, *hint.rstrip(";").split("; "))
        done(modalembic(project, "upgrade", url=deployer))
        assert ("c_two", DEPLOYER) in owners(database_url)

    def test_may_have_been_granted_by_default_privileges(
        self, project: ProjectFiles, creator: str, deployer: str
    ) -> None:
        execute(
            creator,
            f"GRANT USAGE, CREATE ON SCHEMA public TO {DEPLOYER}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE "
            f"ON TABLES TO {DEPLOYER}",
        )
        done(modalembic(project, "upgrade", "c1", url=creator))
        done(modalembic(project, "upgrade", url=deployer))
        done(modalembic(project, "prune", "--older-than", "1d", url=deployer))
        assert versions(creator) == {"c2"}

    def test_needs_no_right_on_the_sequence(
        self, project: ProjectFiles, creator: str, deployer: str, database_url: str
    ) -> None:
        """The table's own numbers need none; a `serial` column would."""
        done(modalembic(project, "upgrade", "c1", url=creator))
        execute(
            creator,
            f"GRANT USAGE, CREATE ON SCHEMA public TO {DEPLOYER}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON alembic_version TO {DEPLOYER}",
            f"GRANT SELECT, INSERT, UPDATE ON modalembic_history TO {DEPLOYER}",
            f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {DEPLOYER}",
        )
        done(modalembic(project, "upgrade", url=deployer))
        assert ("c2", "upgrade") in history(database_url)

    @pytest.mark.parametrize("inherit", ["INHERIT", "NOINHERIT"])
    def test_may_act_as_the_creator_by_its_url(
        self,
        project: ProjectFiles,
        creator: str,
        deployer: str,
        database_url: str,
        inherit: str,
    ) -> None:
        execute(database_url, f"ALTER ROLE {DEPLOYER} {inherit}", f"GRANT {CREATOR} TO {DEPLOYER}")
        done(modalembic(project, "upgrade", "c1", url=creator))
        url = f"{deployer}&options=-c%20role%3D{CREATOR}"
        for arguments in (["upgrade"], ["current", "--check"], ["doctor"], ["stamp", "heads"]):
            done(modalembic(project, *arguments, url=url))
        assert {owner for _, owner in owners(database_url)} == {CREATOR}

    def test_may_act_as_the_creator_by_a_setting_of_its_role(
        self, project: ProjectFiles, deployer: str, database_url: str
    ) -> None:
        execute(
            database_url,
            f"ALTER ROLE {DEPLOYER} NOINHERIT",
            f"GRANT {CREATOR} TO {DEPLOYER}",
            f"ALTER ROLE {DEPLOYER} SET role = {CREATOR}",
        )
        done(modalembic(project, "upgrade", url=deployer))
        assert {owner for _, owner in owners(database_url)} == {CREATOR}

    @pytest.mark.parametrize("there", [True, False], ids=["tables there", "empty"])
    def test_may_become_the_creator_in_env_py(
        self, project: ProjectFiles, creator: str, deployer: str, database_url: str, there: bool
    ) -> None:
        """The role of the URL itself may do nothing."""
        execute(database_url, f"ALTER ROLE {DEPLOYER} NOINHERIT", f"GRANT {CREATOR} TO {DEPLOYER}")
        if there:
            done(modalembic(project, "upgrade", "c1", url=creator))
        project.file("migrations/env.py", SET_ROLE.format(role=CREATOR))
        done(modalembic(project, "upgrade", url=deployer))
        assert versions(database_url) == {"c2"}
        assert {owner for _, owner in owners(database_url)} == {CREATOR}
        done(modalembic(project, "downgrade", "base", url=deployer))
        assert versions(database_url) == set()

    def test_that_may_become_nobody_who_has_the_right_is_refused(
        self, project: ProjectFiles, creator: str, deployer: str, database_url: str
    ) -> None:
        done(modalembic(project, "upgrade", "c1", url=creator))
        execute(database_url, f"GRANT pg_monitor TO {DEPLOYER}")
        refused = modalembic(project, "upgrade", url=deployer)
        assert refused.code == 2
        assert f"role {DEPLOYER!r} may not" in refused.err
        assert versions(database_url) == {"c1"}


SET_ROLE = (
    ENV.replace(
        "    with engine.connect() as connection:\n",
        "    event.listen(engine, 'connect', lambda driver, _: become(driver))\n"
        "    with engine.connect() as connection:\n",
    )
    .replace(
        "url = context",
        'def become(driver):\n    driver.execute("SET ROLE {role}")\n    driver.commit()\n\n\n'
        "url = context",
    )
    .replace("from sqlalchemy import ", "from sqlalchemy import event, ")
    .replace("{'", "{{'")
    .replace("'}", "'}}")
)
