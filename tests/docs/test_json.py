"""Every field of the documents in the reference is produced, and none is missing there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from modalembic.cli.main import run
from tests.authoring.adopt.layouts import generic, with_models
from tests.checks.repository import repository
from tests.docs.pages import page
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten

REFERENCE = page("reference/json.md")
Run = Callable[..., dict[str, Any]]


def _shape(value: Any) -> Any:
    """A document's fields, whatever their values; of a list its first element's."""
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value[:1] if isinstance(item, dict)]
    return None


def _documented(heading: str, number: int = 0) -> Any:
    section = REFERENCE.section(heading)
    blocks = [part.partition("```")[0] for part in section.split("```json\n")[1:]]
    return _shape(json.loads(blocks[number]))


def _sql(statement: str) -> str:
    return f"op.execute({statement!r})"


@pytest.fixture(autouse=True)
def _looks_at_all_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast this machine is."""
    monkeypatch.setattr("modalembic.runtime.watch.held.PRECISION", 0.0)


@pytest.fixture
def shop(tmp_path: Path) -> ProjectFiles:
    files = ProjectFiles(tmp_path / "shop").configure()
    files.module("billing", tier="core").revision("b1").revision("b2", down="b1")
    files.module("orders", requires=["billing"]).revision("o1", depends_on="b1")
    return files


@pytest.fixture
def produced(
    shop: ProjectFiles,
    make_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs a command over `shop` and gives its document. All commands share a database."""
    for name, value in shop.environ.items():
        monkeypatch.setenv(name, value)
    url = make_database()

    def produce(*arguments: str, database: str = url) -> dict[str, Any]:
        options = ("--project", str(shop.root), "--database", database, "--format", "json")
        run([*arguments, *options])
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return produce


def test_what_is_read_from_files(produced: Run) -> None:
    assert _shape(produced("plan", database="none")) == _documented("plan")
    assert _shape(produced("heads")) == _documented("heads")
    assert _shape(produced("history")) == _documented("history")
    assert _shape(produced("show", "b1")) == _documented("history")


def test_what_a_database_is_asked(produced: Run, shop: ProjectFiles) -> None:
    # What runs after the first revision holds a lock, and says so.
    billing = shop.module("billing", tier="core").revision("b1", upgrade=_sql("CREATE TABLE a ()"))
    billing.revision("b2", down="b1", upgrade=_sql("ALTER TABLE a ADD b int"))
    shop.module("orders", requires=["billing"]).revision(
        "o1", depends_on="b1", downgrade=_sql("TRUNCATE a")
    )
    assert _shape(produced("upgrade", "--check")) == _documented("plan")
    produced("upgrade", "b1")
    assert _shape(produced("upgrade")) == _documented("upgrade")
    assert _shape(produced("downgrade", "orders@base", "--dry-run")) == _documented("plan")
    assert _shape(produced("modules")) == _documented("modules")
    assert _shape(produced("current")) == _documented("current")
    assert _shape(produced("downgrade", "orders@base")) == _documented("upgrade")
    assert _shape(produced("stamp", "heads")) == _documented("stamp")


def test_a_stamp_of_what_is_there(
    produced: Run, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", server_url)
    produced("upgrade", "b1")
    assert _shape(produced("stamp", "--match")) == _documented("stamp", 1)


def test_optional_modules(produced: Run, shop: ProjectFiles) -> None:
    make = 'op.execute("CREATE TABLE moves (id int); CREATE VIEW days AS TABLE moves")'
    take = 'op.execute("DROP VIEW days"); op.execute("DROP TABLE moves")'
    shop.module("inventory", auto_install=False).revision("i1", upgrade=make, downgrade=take)
    assert _shape(produced("install", "inventory", "--dry-run")).keys() >= {"modules", "steps"}
    assert _shape(produced("install", "inventory")) == _documented("install")
    dry = _shape(produced("uninstall", "inventory", "--dry-run"))
    assert dry == _documented("uninstall")
    done = _shape(produced("uninstall", "inventory", "--yes", "--no-backup"))
    documented = _documented("uninstall", 1)
    assert done.pop("dependents") == dry["dependents"]
    assert documented.pop("dependents") == []
    assert done == documented


def test_a_revision_that_fails(produced: Run, shop: ProjectFiles) -> None:
    shop.module("reports").revision("r1", upgrade="op.execute('SELECT 1 / 0')")
    assert _shape(produced("upgrade")) == _documented("upgrade", 1)


def test_sql(produced: Run) -> None:
    assert _shape(produced("upgrade", "--sql")) == _documented("upgrade", 2)


def test_an_error(produced: Run) -> None:
    assert _shape(produced("upgrade", "nowhere")) == _documented("Errors")


def test_findings(produced: Run, shop: ProjectFiles) -> None:
    shop.file("alembic.ini", "[alembic]\nscript_location = migrations\n")
    tables = "from sqlalchemy import *\nparcels = Table('parcels', MetaData(), Column('a', Text))\n"
    shop.module("orders").file("models.py", tables)
    repository(shop.root, shop)
    (shop.root / "app/modules/orders/models.py").unlink()
    shop.module("billing").file("models.py", tables)
    with forgotten("app"):
        document = produced("check", "moves", "structure", "--base", "main", "--static")
    assert _shape(document) == _documented("check")


def test_init(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))
    run(["init", str(tmp_path / "new"), "--format", "json"])
    assert _shape(json.loads(capsys.readouterr().out)) == _documented("init")


@pytest.mark.filterwarnings("ignore:.*path_separator:DeprecationWarning")
def test_adopt(
    tmp_path: Path,
    server_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", server_url)
    project = with_models(generic(tmp_path / "old")).file("x.sh", "alembic upgrade head\n")
    run(["adopt", "--project", str(project.root), "--format", "json"])
    assert _shape(json.loads(capsys.readouterr().out)) == _documented("adopt")


def test_revision(produced: Run) -> None:
    arguments = ("revision", "--transfer", "orders", "--module", "billing", "-m", "Take over")
    assert _shape(produced(*arguments)) == _documented("revision")


def test_merge(produced: Run, shop: ProjectFiles) -> None:
    shop.module("billing").revision("b3", down="b1")
    assert _shape(produced("merge", "billing")) == _documented("merge")


def test_rebase(produced: Run, shop: ProjectFiles) -> None:
    repository(shop.root, shop)
    shop.module("billing").revision("b3", down="b1")
    document = produced("rebase", "billing", "--base", "main", database="none")
    assert _shape(document) == _documented("rebase")


def test_new_module(shop: ProjectFiles, produced: Run) -> None:
    assert _shape(produced("new-module", "loyalty", "--requires", "billing")) == _documented(
        "new-module"
    )


def test_doctor_and_repair(
    produced: Run, shop: ProjectFiles, make_database: Callable[[], str]
) -> None:
    url = make_database()
    # One revision has to be left to a person, one row to be mended.
    reads = 'op.execute("CREATE TABLE t ()")\nop.get_bind().exec_driver_sql("SELECT 1")\n'
    fails = "with op.get_context().autocommit_block():\n    op.execute('SELECT 1 / 0')"
    shop.module("reports").revision("r1", upgrade=reads + fails)
    produced("upgrade", database=url)
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO alembic_version VALUES ('b1')")

    assert _shape(produced("doctor", database=url)) == _documented("doctor")
    assert _shape(produced("repair", "--dry-run", database=url)) == _documented("repair")
