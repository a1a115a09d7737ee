"""`move` takes a part of the monolith apart, in phases, and its own tests pass after each."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.authoring.moving import commit, python
from tests.examples.shops import MONOLITH, Shop
from tests.projects import ProjectFiles
from tests.runtime.support import done, fetch, modalembic, tables

CONFIGURATION = """
[tool.modalembic]
modules = ["app/modules/*"]
locations = { legacy = "migrations/versions" }
"""
MODELS = """
[[move]]
from = ["app.models.subscription", "app.models.tier", "app.models.invoice"]
to = "billing"
"""
REST = """
[[move]]
from = ["app.services.subscriptions", "app.services.invoicing"]
to = "app.modules.billing.services"

[[move]]
from = "app.schemas.invoice"
to = "app.modules.billing.schemas.invoice"

[[move]]
from = "app.tasks.invoicing"
to = "app.modules.billing.tasks.invoicing"

[[move]]
from = "app.routes.invoices"
to = "app.modules.billing.routes.invoices"

[[move]]
from = "app.exceptions:NoLiveSubscriptionError,InvoiceNotOpenError"
to = "app.modules.billing.exceptions"
"""


@pytest.mark.slow
def test_billing_leaves_the_monolith(tmp_path: Path, database_url: str) -> None:
    project = _monolith(tmp_path / "monolith")
    done(modalembic(project, "upgrade", "heads", url=database_url))
    before = _schema(database_url)
    names = _tasks(project)
    for number, plan in enumerate((MODELS, REST)):
        (tmp_path / f"{number}.toml").write_text(plan)
        done(modalembic(project, "move", "--from-file", str(tmp_path / f"{number}.toml")))
        _works(project, database_url)
    for number in (1, 0):
        done(
            modalembic(
                project, "move", "--from-file", str(tmp_path / f"{number}.toml"), "--no-shim"
            )
        )
        _works(project, database_url)
    assert _schema(database_url) == before
    assert _tasks(project) == names
    left = [path for path in (project.root / "app").rglob("*.py") if "_MOVED" in path.read_text()]
    assert left == []
    assert not list((project.root / "app").glob("*/invoic*.py"))


def _monolith(root: Path) -> ProjectFiles:
    ignored = shutil.ignore_patterns("__pycache__", ".ruff_cache")
    shutil.copytree(MONOLITH.directory, root, ignore=ignored)
    project = ProjectFiles(root)
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION)
    # What `adopt` asks for: one head becomes several.
    conftest = (root / "tests/conftest.py").read_text()
    project.file("tests/conftest.py", conftest.replace('"head")', '"heads")'))
    project.file("app/modules/__init__.py")
    project.file("app/modules/billing/__init__.py")
    commit(project)
    return project


def _works(project: ProjectFiles, url: str) -> None:
    """The application's tests pass, the database needs nothing but empty revisions, and the
    files are as its formatter leaves them."""
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["format", "--check", "."], ["check", "."]):
        ran = subprocess.run(
            [*ruff, *command], cwd=project.root, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout
    commit(project)
    done(modalembic(project, "upgrade", "heads", url=url))
    report = Shop(str(project.root)).python(url, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert " passed" in report
    assert "skipped" not in report


def _schema(url: str) -> tuple[set[str], list[tuple[object, ...]]]:
    oids = fetch(url, "SELECT relname, oid FROM pg_class WHERE relname LIKE 'subscription%'")
    return tables(url), sorted(oids)


def _tasks(project: ProjectFiles) -> str:
    code = (
        "from app.celery_app import celery_app\ncelery_app.loader.import_default_modules()\n"
        "print(*sorted(celery_app.tasks))"
    )
    return python(project, code)
