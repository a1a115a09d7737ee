"""`examples/monolith`, adopted in a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from modalembic.postgres.url import DatabaseURL
from tests import catalog
from tests.authoring.adopt.layouts import revision_of
from tests.checks.repository import repository
from tests.examples.shops import MONOLITH
from tests.projects import ProjectFiles
from tests.runtime.support import alembic_process, done, modalembic_process, versions


@pytest.mark.slow
def test_the_monolith_is_adopted_with_its_first_modules(
    tmp_path: Path,
    make_database: Callable[[], str],
    connect_to: Callable[[str], object],
) -> None:
    root = tmp_path / "shop"
    shutil.copytree(MONOLITH.directory, root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    project = ProjectFiles(root)
    project.module("loyalty")
    billing = project.module("billing")
    shutil.move(root / "app/models/subscription.py", billing.path / "models.py")
    models = root / "app/models/__init__.py"
    old, new = "app.models.subscription import", "app.modules.billing.models import"
    models.write_text(models.read_text().replace(old, new))
    repository(root, project)
    ours, empty = make_database(), make_database()

    def stock(url: str, *arguments: str) -> str:
        sqlalchemy = DatabaseURL.parse(url).sqlalchemy
        return done(alembic_process(project, *arguments, DATABASE_URL=sqlalchemy)).out

    stock(ours, "upgrade", "head")
    before = catalog.read(connect_to(ours))  # type: ignore[arg-type]
    env = (root / "migrations/env.py").read_bytes()
    document = done(modalembic_process(project, "adopt", "--format", "json")).document
    assert {module["module"]: module["tables"] for module in document["modules"]} == {
        "billing": ["subscriptions"],
        "loyalty": [],
    }
    assert [head["line"] for head in document["heads"]] == [6, 35]
    assert (root / "migrations/env.py").read_bytes() == env

    plan = done(modalembic_process(project, "upgrade", "--format", "json", url=ours)).document
    first = [revision_of(project, name) for name in ("billing", "loyalty")]
    assert [step["revision"] for step in plan["applied"]] == first
    stock(empty, "upgrade", "heads")
    for url in (ours, empty):
        assert catalog.read(connect_to(url)) == before  # type: ignore[arg-type]
        assert versions(url) == set(first)
    checked = modalembic_process(project, "check", "drift", "history", "dependencies")
    assert checked.code == 0, checked.out
