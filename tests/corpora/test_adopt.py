"""`adopt` on public projects: their own `env.py` and their own history, by the command alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from tests.corpora.commands import Corpus, Look
from tests.corpora.environments import ASSETS, Environments

if TYPE_CHECKING:
    import psycopg

pytestmark = [pytest.mark.corpus]

INI = "[alembic]\nscript_location = %(here)s/quetz/migrations\nprepend_sys_path = .\n"
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
FLASK = "shop"


@dataclass(frozen=True)
class Public:
    """A package with a linear history; `ini` is its own file for Alembic (None: it has none)."""

    corpus: str
    package: str
    versions: str
    ini: str | None
    head: str
    edited: bool
    name: str = "legacy"
    own: str | None = None  # the variable that names its own database
    named: str | None = None


QUETZ = Public(
    "quetz", "quetz", "migrations/versions", None, "3ba25f23fb7d", edited=False, name="quetz"
)
ARGILLA = Public(
    "argilla",
    "argilla_server",
    "alembic/versions",
    "alembic.ini",
    "580a6553186f",
    edited=True,
    own="ARGILLA_DATABASE_URL",
    named="postgresql+asyncpg://nobody:secret@127.0.0.1:1/nowhere",
)
PLACEMENT = Public(
    "openstack_models",
    "placement",
    "db/sqlalchemy/alembic/versions",
    "db/sqlalchemy/alembic.ini",
    "a082b8bb98d0",
    edited=True,
    own="OS_PLACEMENT_DATABASE__CONNECTION",
)
each = pytest.mark.parametrize("public", [QUETZ, ARGILLA, PLACEMENT], ids=lambda p: p.package)


@pytest.fixture(scope="session")
def server_url(icu_server_url: str) -> str:
    """Quetz asks for a collation of ICU."""
    return icu_server_url


@pytest.fixture(scope="session")
def server(server_url: str) -> Iterator[psycopg.Connection]:
    with connect(DatabaseURL.parse(server_url), application_name="tests") as connection:
        yield connection


def _stock(directory: Path, versions: Path) -> Path:
    directory.mkdir()
    shutil.copy(ASSETS / "env.py", directory)
    (directory / "pyproject.toml").write_text(
        f'[tool.alembic]\nscript_location = "%(here)s"\nversion_locations = ["{versions}"]\n'
    )
    return directory


@pytest.fixture
def project(public: Public, environments: Environments, tmp_path: Path) -> Corpus:
    """The package as a project of its own, with a first module beside it."""
    environment = environments.with_packages(public.corpus)
    (installed,) = environment.python.parents[1].glob(f"lib/*/site-packages/{public.package}")
    root = tmp_path / "project"
    shutil.copytree(installed, root / public.package, ignore=shutil.ignore_patterns("*.pyc"))
    (root / "app/modules/billing").mkdir(parents=True)
    (root / "app/modules/billing/__init__.py").touch()
    if public.ini is None:
        (root / "alembic.ini").write_text(INI)
    stock = _stock(tmp_path / "stock", root / public.package / public.versions)
    return Corpus(environment, root, stock)


@each
def test_a_public_history_is_adopted_and_its_databases_stay_as_they_are(
    public: Public,
    project: Corpus,
    server_url: str,
    make_database: Callable[[], str],
    look: Look,
) -> None:
    old, empty = make_database(), make_database()
    project.alembic(old, "upgrade", "heads")
    before = look.schema(old)
    directory = project.root / public.package
    files = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}

    chosen = ("-c", f"{public.package}/{public.ini}") if public.ini else ()
    environ = {"MODALEMBIC_SCRATCH_URL": server_url}
    if public.own is not None:  # placement connects to it before anything else
        environ[public.own] = public.named or DatabaseURL.parse(old).sqlalchemy
    told = project.modalembic("adopt", *chosen, "--format", "json", environ=environ).document
    (module,) = told["modules"]
    assert (module["module"], module["depends_on"]) == ("billing", [public.head])
    assert set(told["locations"]) == {public.name}
    changed = {path for path, content in files.items() if path.read_bytes() != content}
    assert {path.name for path in changed} - {"alembic.ini"} == (
        {"env.py"} if public.edited else set()
    )

    done = project.modalembic(
        "upgrade", "heads", "--format", "json", database=old, environ=environ
    ).document
    assert [step["revision"] for step in done["applied"]] == [module["revision"]]
    project.modalembic("upgrade", "heads", database=empty, environ=environ)
    assert look.schema(old) == look.schema(empty) == before
    assert look.rows(old) == look.rows(empty) == [module["revision"]]
    ini = f"{public.package}/{public.ini}" if public.ini else "alembic.ini"
    heads = project.alembic(old, "-c", ini, "heads", stock=project.root).out
    assert f"{module['revision']} (billing) (head)" in heads


def test_flask_migrates_layout_is_adopted(
    environments: Environments,
    tmp_path: Path,
    server_url: str,
    make_database: Callable[[], str],
    look: Look,
) -> None:
    environment = environments.with_packages("flask_migrate")
    root = tmp_path / "project"
    shutil.copytree(ASSETS / "flask_migrate/project", root)
    corpus = Corpus(environment, root, root)
    old, empty = make_database(), make_database()

    def flask(url: str, *arguments: str) -> str:
        environ = {"DATABASE_URL": DatabaseURL.parse(url).sqlalchemy, "FLASK_APP": FLASK}
        return corpus.run_module("flask", "db", *arguments, environ=environ).out

    flask(old, "init")
    versions = root / "migrations/versions"
    shutil.copy(ASSETS / "flask_migrate/first.py", versions / "first.py")
    flask(old, "upgrade")
    before = look.schema(old)
    environ = {"MODALEMBIC_SCRATCH_URL": server_url, "FLASK_APP": FLASK, "DATABASE_URL": NOWHERE}
    told = corpus.modalembic("adopt", "--format", "json", environ=environ).document
    (module,) = told["modules"]
    assert module["tables"] == ["invoices"]
    assert [path for path in told["files"] if path.endswith("env.py")] != []

    assert f"{module['revision']} (billing) (head)" in flask(old, "heads")
    flask(old, "upgrade", "heads")
    assert look.schema(old) == before
    assert look.rows(old) == [module["revision"]]
    flask(empty, "upgrade", "heads")
    assert look.schema(empty) == before
    corpus.modalembic("current", "--check", database=old, environ=environ)
