"""The tutorial takes the monolith apart by its own commands, and ends where the marketplace is."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import sql

from modalembic.modules.ownership import read_ownership
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from tests import catalog
from tests.examples.shops import MARKETPLACE, MONOLITH
from tests.examples.test_data_survives import LEGACY_HEAD, ROWS
from tests.examples.tutorial import CHECKS, Command, Player, actions, sections

if TYPE_CHECKING:
    import psycopg

Rows = dict[str, tuple[int, str | None]]
# In the marketplace these are still in the old place, and their modules re-export them.
LENT = {"core": "media", "orders": "shipment", "billing": "subscription"}
# The application's tests make rows of their own, on the same database.
OWN_ROWS = ROWS.partition("INSERT INTO health_checks")[0]
for theirs, ours in (("ada@", "ida@"), ("'pro'", "'old'"), ("2025-01-01", "2095-01-01")):
    OWN_ROWS = OWN_ROWS.replace(theirs, ours)
OLD_PLACES = {"app/models/__init__.py", "app/tasks/__init__.py"}
BEFORE_THE_FIRST = "What you need"


@dataclass
class Watched:
    """A database that goes along, and what was in it to begin with."""

    connection: psycopg.Connection[Any]
    schema: dict[str, Any]
    rows: Rows

    def is_as_it_was(self) -> bool:
        """Whether neither its schema nor a row has changed."""
        same = catalog.read(self.connection) == self.schema
        return same and _rows(self.connection) == self.rows


@pytest.mark.slow
@pytest.mark.longest
def test_the_monolith_becomes_the_modules_of_the_marketplace(
    tmp_path: Path,
    server_url: str,
    server_directory: Path,
    database_url: str,
    connect_to: Callable[[str], psycopg.Connection[Any]],
) -> None:
    player = _player(tmp_path / "shop", server_url, server_directory, database_url)
    player.run(f"alembic upgrade {LEGACY_HEAD}")
    connection = connect_to(database_url)
    connection.execute(OWN_ROWS)
    for action in actions(BEFORE_THE_FIRST):
        player.act(action)
    watched = Watched(connection, catalog.read(connection), _rows(connection))
    assert sum(count for count, _ in watched.rows.values()) > 20

    tasks = _tasks(player)
    for section in sections():
        if section != BEFORE_THE_FIRST:
            _play(player, section, watched)
        assert _tasks(player) == tasks

    _compare(player.root)
    assert player.run("git status --porcelain") == ""
    for line, seconds, worked in player.times:
        print(f"{seconds:6.1f} s {worked:6.1f} s  {line}")


def _player(root: Path, server_url: str, server_directory: Path, url: str) -> Player:
    """At a copy of the monolith that is the first commit of a repository."""
    shutil.copytree(MONOLITH.directory, root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    sqlalchemy = DatabaseURL.parse(url).sqlalchemy
    player = Player(
        root,
        {
            "DATABASE_URL": sqlalchemy,
            "MODALEMBIC_DATABASE_URL": url,
            "MODALEMBIC_SCRATCH_URL": server_url,
            "MODALEMBIC_CACHE_DIR": str(server_directory / "tutorial"),
        },
    )
    player.run("git init --quiet && git add --all && git commit --quiet -m 'The monolith'")
    return player


def _play(player: Player, section: str, watched: Watched) -> None:
    """A section; before it is committed, everything has to be as it should."""
    for action in actions(section):
        if isinstance(action, Command) and action.is_commit:
            _check(player, watched)
        player.act(action)


def _check(player: Player, watched: Watched) -> None:
    for action in actions(CHECKS):
        assert isinstance(action, Command)
        said = player.act(action)
        if "pytest" in action.line:
            assert " passed" in said
            assert "skipped" not in said
    player.run("python -c 'import app.main, app.celery_app'")
    assert [path for path in _new_revisions(player) if not _is_empty(path)] == []
    assert watched.is_as_it_was()


def _new_revisions(player: Player) -> Iterator[Path]:
    said = player.run("git diff --cached --name-only --diff-filter=A")
    for name in said.splitlines():
        if "versions" in Path(name).parts and name.endswith(".py"):
            yield player.root / name


def _is_empty(revision: Path) -> bool:
    bodies = {
        node.name: [type(each) for each in node.body]
        for node in ast.parse(revision.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    return bodies == {"upgrade": [ast.Pass], "downgrade": [ast.Pass]}


def _rows(connection: psycopg.Connection[Any]) -> Rows:
    """How many rows each table of the application has, and what is in them."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND relname !~ '^(alembic_version|modalembic_)'"
    ).fetchall()
    query = sql.SQL("SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {} t")
    found: Rows = {}
    for (name,) in names:
        row = connection.execute(query.format(sql.Identifier(name))).fetchone()
        assert row is not None
        found[name] = row
    return found


def _tasks(player: Player) -> str:
    """The names by which Celery knows the tasks of the application."""
    return player.run(
        "python -c 'from app.celery_app import celery_app; "
        'celery_app.loader.import_default_modules(); print(*sorted(celery_app.tasks), sep="\\n")\''
    )


def _compare(root: Path) -> None:
    """The modules are those of the marketplace, their code lies where it does there, and nothing
    is left in the old places but what registers models and tasks."""
    assert _modules(root) == _modules(MARKETPLACE.directory)
    assert len(_modules(root)) == 13
    assert _code(root) == _code_of_the_marketplace()
    assert len(_code(root)) > 80
    assert _other_files(root) == (_other_files(MARKETPLACE.directory) | OLD_PLACES)
    left = [path for path in (root / "app").rglob("*.py") if "_MOVED" in path.read_text()]
    assert left == []


def _modules(root: Path) -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...] | None]]:
    """The tier of each module, what it requires, and its tables."""
    project = Project.load(root, environ={})
    tables = read_ownership(project.modules, project.search, project.configuration).tables
    return {
        module.name: (module.tier, tuple(sorted(module.requires)), tables[module.name])
        for module in project.modules
        if module.package is not None
    }


def _code(root: Path) -> dict[str, set[str]]:
    """What each file of a module defines, those that say what the module is left out."""
    files = sorted((root / "app/modules").glob("*/**/*.py"))
    return {
        path.relative_to(root / "app/modules").as_posix(): names
        for path in files
        if path.name != "definition.py" and not {"migrations", "__pycache__"} & set(path.parts)
        if (names := set(_defined(path)))
    }


def _code_of_the_marketplace() -> dict[str, set[str]]:
    lent = {
        f"{module}/models/{name}.py": set(_defined(MARKETPLACE.directory / f"app/models/{name}.py"))
        for module, name in LENT.items()
    }
    return _code(MARKETPLACE.directory) | lent


def _defined(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if name != "__all__":
                    yield name


def _other_files(root: Path) -> set[str]:
    """The Python files of the application outside of its modules."""
    found = {path.relative_to(root).as_posix() for path in (root / "app").rglob("*.py")}
    lent = {f"app/models/{name}.py" for name in LENT.values()}
    return {name for name in found if not name.startswith("app/modules/")} - lent
