"""What `adopt` refuses, and that nothing is written then."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.adopt.plan import plan_adoption
from modalembic.authoring.adopt.request import Request
from modalembic.errors import (
    AdoptRefused,
    AdoptUnproven,
    AlreadyInitialised,
    ConfigurationError,
    EnvironmentFailed,
    MissingRevision,
    ModalembicError,
    NothingToAdopt,
    UncommittedChanges,
    UsageError,
    WriteRefused,
)
from tests.authoring.adopt.layouts import GENERIC, INI, generic
from tests.checks.repository import repository
from tests.projects import ProjectFiles, read_only
from tests.runtime.support import done, modalembic, sql

pytestmark = pytest.mark.filterwarnings("ignore:.*path_separator:DeprecationWarning")

MULTIDB = """
from alembic import context

for name, engine in engines.items():
    context.configure(connection=engine)
    context.run_migrations(engine_name=name)
"""


def refused(project: ProjectFiles, kind: type[ModalembicError], **asked: object) -> ModalembicError:
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    with pytest.raises(kind) as caught:
        plan_adoption(Request(project.root.resolve(), **asked), {})  # type: ignore[arg-type]
    after = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    assert {p: c for p, c in after.items() if ".git" not in p.parts} == {
        p: c for p, c in before.items() if ".git" not in p.parts
    }
    return caught.value


def test_a_project_without_alembic_is_sent_to_init(tmp_path: Path) -> None:
    error = refused(ProjectFiles(tmp_path / "shop"), NothingToAdopt)
    assert "modalembic init" in (error.hint or "")


def test_an_ini_file_somewhere_below_is_named(tmp_path: Path) -> None:
    error = refused(ProjectFiles(tmp_path / "shop").file("db/x/alembic.ini", INI), NothingToAdopt)
    assert "-c db/x/alembic.ini" in (error.hint or "")


def test_a_project_is_adopted_once(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop")
    done(modalembic(project, "adopt"))
    refused(project, AlreadyInitialised)


def test_several_databases_are_refused_with_the_reason(tmp_path: Path) -> None:
    error = refused(generic(tmp_path / "shop", MULTIDB), AdoptRefused)
    assert "multidb" in error.message
    assert (error.path, error.line) == ((tmp_path / "shop/migrations/env.py").resolve(), 6)


def test_an_environment_that_is_not_there(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path / "shop").file("alembic.ini", INI)
    assert "no env.py" in refused(project, NothingToAdopt).message
    project.file("alembic.ini", "[alembic]\n")
    assert "does not say where" in refused(project, NothingToAdopt).message


def test_an_environment_that_does_not_parse(tmp_path: Path) -> None:
    error = refused(generic(tmp_path / "shop", "def"), AdoptRefused)
    assert error.line == 1


def test_an_environment_that_fails(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop", f"{GENERIC}\nraise RuntimeError('no')\n")
    error = refused(project, EnvironmentFailed)
    assert error.path == project.root.resolve() / "migrations/env.py"


def test_an_ini_file_that_does_not_parse(tmp_path: Path) -> None:
    refused(generic(tmp_path / "shop", ini="alembic\n"), ConfigurationError)


def test_a_history_with_a_hole_in_it(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop")
    (project.root / "migrations/versions/aa1.py").unlink()
    error = refused(project, MissingRevision)
    assert error.path == project.root.resolve() / "migrations/versions/aa2.py"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"name": "head"}, "--name"),
        ({"name": "billing"}, "a module is called so"),
        ({"modules": ("nowhere/*",)}, "matches no directory"),
        ({"ini": Path("nowhere.ini")}, "there is no file"),
    ],
)
def test_options_that_lead_nowhere(tmp_path: Path, asked: dict[str, object], why: str) -> None:
    project = generic(tmp_path / "shop")
    project.module("billing")
    assert why in refused(project, UsageError, **asked).message


def test_an_ini_file_outside_of_the_project(tmp_path: Path) -> None:
    ini = ProjectFiles(tmp_path / "other").file("alembic.ini", INI).root / "alembic.ini"
    assert "not below" in refused(generic(tmp_path / "shop"), UsageError, ini=ini).message


def test_a_label_that_a_module_needs(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop")
    project.location("migrations/versions").revision("bb1", labels="billing")
    project.module("billing")
    error = refused(project, AdoptRefused)
    assert error.path == project.root.resolve() / "migrations/versions/bb1.py"


def test_uncommitted_changes_in_a_file_that_it_would_write(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop").file("pyproject.toml", "[project]\nname = 'shop'\n")
    repository(project.root, project)
    project.file("pyproject.toml", "[project]\nname = 'shops'\n")
    error = refused(project, UncommittedChanges)
    assert error.path == project.root.resolve() / "pyproject.toml"


def test_a_tree_that_is_read_only(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop")
    project.module("billing")
    with read_only(project.root):
        refused(project, WriteRefused)


def test_a_configuration_in_a_form_that_cannot_be_added_to(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop").file("pyproject.toml", "tool = { x = 1 }\n")
    refused(project, ConfigurationError)


def test_revisions_that_alembic_did_not_know_are_no_part_of_the_proof(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop")
    project.module("crm").revision("dd1", upgrade=sql("CREATE TABLE people (id int)"))
    error = refused(project, AdoptUnproven)
    assert "dd1" in error.message
    assert error.path == project.root.resolve() / "app/modules/crm/migrations/versions/dd1.py"


def test_a_history_that_chance_has_a_part_in_is_told_with_the_difference(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path / "shop").file("alembic.ini", INI)
    project.file("migrations/env.py", GENERIC)
    project.location("migrations/versions").revision(
        "aa1", upgrade="import uuid\nop.execute(f'CREATE TABLE t{uuid.uuid4().hex} (id int)')"
    )
    error = refused(project, AdoptUnproven)
    assert "on an empty database" in error.message
    assert "table public.t" in error.message


def test_a_history_that_fails_on_an_empty_database_is_told_with_its_line(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop")
    project.location("migrations/versions").revision("aa3", down="aa2", upgrade=sql("SELECT 1/0"))
    error = refused(project, ModalembicError)
    assert "division by zero" in error.message
    assert error.path == project.root.resolve() / "migrations/versions/aa3.py"
