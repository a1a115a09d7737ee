"""`modalembic move` on the command line, with a history and a database."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.authoring.moving import commit, git, text, tree
from tests.projects import ProjectFiles
from tests.runtime.support import Result, done, fetch, modalembic, new_project, sql, versions

BASE = "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n"
MODEL = """\
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class {name}(Base):
    __tablename__ = "{table}"

    id: Mapped[int] = mapped_column(primary_key=True)
"""
NEW = "app.modules.billing.models.invoice"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Two modules: core has the invoices that billing should have."""
    project = new_project(tmp_path)
    project.file("app/__init__.py").file("app/modules/__init__.py").file("app/db.py", BASE)
    core = project.module("core", tier="core")
    core.file("models/__init__.py").file(
        "models/invoice.py", MODEL.format(name="Invoice", table="invoices")
    )
    made = sql("CREATE TABLE invoices (id serial PRIMARY KEY)")
    core.revision("core1", labels="core", upgrade=made, downgrade=sql("DROP TABLE invoices"))
    core.revision("core2", down="core1")
    billing = project.module("billing", requires=["core"])
    billing.file("models/__init__.py").file(
        "models/tier.py", MODEL.format(name="Tier", table="tiers")
    )
    created = sql("CREATE TABLE tiers (id serial PRIMARY KEY)")
    billing.revision("bill1", labels="billing", upgrade=created, downgrade=sql("DROP TABLE tiers"))
    commit(project)
    return project


def test_a_model_changes_its_owner_and_the_database_stays(
    project: ProjectFiles, database_url: str
) -> None:
    done(modalembic(project, "upgrade", "heads", url=database_url))
    before = fetch(database_url, "SELECT oid, relname FROM pg_class WHERE relname = 'invoices'")
    result = _moved(project)
    assert result.document["moved"] == [{"from": "app.modules.core.models.invoice", "to": NEW}]
    assert result.document["tables"] == {"billing": ["invoices"]}
    (revision,) = result.document["revisions"]
    source = Path(revision).read_text(encoding="utf-8")
    assert "- invoices" in source
    assert "core2" in source
    done(modalembic(project, "upgrade", "heads", url=database_url))
    after = fetch(database_url, "SELECT oid, relname FROM pg_class WHERE relname = 'invoices'")
    assert after == before
    assert len(versions(database_url)) == 1  # billing's head implies core's
    modules = done(modalembic(project, "modules", "--format", "json", url=database_url)).document
    owned = {module["name"]: module["tables"] for module in modules["modules"]}
    assert owned == {"core": [], "billing": ["invoices", "tiers"]}


def test_it_is_taken_back_but_for_the_transfer(project: ProjectFiles) -> None:
    before = tree(project)
    (revision,) = _moved(project).document["revisions"]
    undone = done(modalembic(project, "move", "--undo", "--format", "json")).document
    assert undone["undone"] == [f"app.modules.core.models.invoice -> {NEW}"]
    left = {path for path in tree(project).keys() - before.keys() if ".modalembic" not in path}
    versions_ = "app/modules/billing/migrations/versions"
    assert left == {f"{versions_}/{Path(revision).name}", f"{versions_}/HEAD"}
    assert {path: tree(project)[path] for path in before} == before
    again = _moved(project).document
    assert again["revisions"] == []


def test_a_dry_run_prints_the_diff_and_writes_nothing(project: ProjectFiles) -> None:
    before = tree(project)
    result = done(
        modalembic(project, "move", "app.modules.core.models.invoice", "billing", "--dry-run")
    )
    assert "diff --git a/app/modules/billing/models/invoice.py" in result.out
    assert "+++ b/app/modules/billing/migrations/versions/" in result.out
    assert "not seen: pickles" in result.err
    assert tree(project) == before
    assert git(project, "status", "--porcelain") == ""


def test_a_plan_moves_many_things_at_once(project: ProjectFiles, tmp_path: Path) -> None:
    project.file("app/services.py", "def bill():\n    return 1\n\n\ndef other():\n    return 2\n")
    commit(project)
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[[move]]\nfrom = "app.modules.core.models.invoice"\nto = "billing"\n\n'
        '[[move]]\nfrom = ["app.services:bill", "app.services:other"]\n'
        'to = "app.modules.billing.services.bills"\n'
    )
    done(modalembic(project, "move", "--from-file", str(plan)))
    commit(project)
    assert "def other" in text(project, "app/modules/billing/services/bills.py")
    done(modalembic(project, "move", "--from-file", str(plan), "--no-shim"))
    assert not (project.root / "app/services.py").exists()
    assert not (project.root / "app/modules/core/models/invoice.py").exists()


def test_an_owner_in_the_configuration_follows(project: ProjectFiles) -> None:
    project.configure('modules = ["app/modules/*"]\nowners = { invoices = "core" }  # ours\n')
    commit(project)
    _moved(project)
    assert 'owners = { invoices = "billing" }  # ours\n' in text(project, "pyproject.toml")


def test_a_module_without_a_history_gets_one(project: ProjectFiles) -> None:
    project.module("sales", requires=["core"])
    commit(project)
    result = done(
        modalembic(project, "move", "app.modules.core.models.invoice", "sales", "--format", "json")
    )
    (revision,) = result.document["revisions"]
    assert "app/modules/sales/migrations/versions" in revision
    heads = done(modalembic(project, "heads")).out
    assert "sales" in heads


def test_a_history_that_would_not_be_in_order_is_refused(project: ProjectFiles) -> None:
    core = project.module("core")
    core.revision("core3", down="core2", depends_on="bill1", upgrade=sql("SELECT 1"))
    billing = project.module("billing")
    billing.revision("bill2", down="bill1", upgrade=sql("ALTER TABLE invoices ADD COLUMN x int"))
    billing.revision("bill3", down="bill2", depends_on="core2")
    commit(project)
    before = tree(project)
    result = modalembic(project, "move", "app.modules.core.models.invoice", "billing")
    assert result.code == 2
    assert "check moves" in result.err
    assert tree(project) == before


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("app.modules.core.models.invoice", "billing", "--undo"),
        ("--undo", "--from-file", "plan.toml"),
        ("--from-file", "nowhere.toml"),
        ("--undo",),
    ],
)
def test_options_that_make_no_sense_are_refused(
    project: ProjectFiles, arguments: tuple[str, ...]
) -> None:
    before = tree(project)
    assert modalembic(project, "move", *arguments).code == 2
    assert tree(project) == before


@pytest.mark.parametrize(
    "plan",
    [
        "",
        "move = 1\n",
        "[[moves]]\n",
        '[[move]]\nfrom = "a"\n',
        '[[move]]\nfrom = [1]\nto = "b"\n',
        '[[move]]\nfrom = "a"\nto = "b"\nshim = true\n',
        "[[move\n",
    ],
)
def test_a_file_that_is_no_plan_is_refused(
    project: ProjectFiles, tmp_path: Path, plan: str
) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(plan)
    result = modalembic(project, "move", "--from-file", str(path))
    assert result.code == 2
    assert "plan.toml" in result.err


def _moved(project: ProjectFiles) -> Result:
    return done(
        modalembic(
            project, "move", "app.modules.core.models.invoice", "billing", "--format", "json"
        )
    )


def test_without_libcst_it_says_what_to_install(
    project: ProjectFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "libcst", None)
    result = modalembic(project, "move", "app.modules.core.models.invoice", "billing")
    assert result.code == 2
    assert 'pip install "modalembic[authoring]"' in result.err


def test_files_that_are_no_python_follow_but_for_patterns_and_tasks(
    project: ProjectFiles,
) -> None:
    old = "app.modules.core.models.invoice"
    project.file("setup.cfg", f"[a]\nx = {old}.Invoice\ny = {old}.*\nz = {old}:Invoice.id\n")
    commit(project)
    _moved(project)
    assert text(project, "setup.cfg") == (
        f"[a]\nx = {NEW}.Invoice\ny = {old}.*\nz = {NEW}:Invoice.id\n"
    )


def test_an_uncommitted_configuration_is_not_touched(project: ProjectFiles) -> None:
    project.configure('modules = ["app/modules/*"]\nowners = { invoices = "core" }\n')
    before = tree(project)
    result = modalembic(project, "move", "app.modules.core.models.invoice", "billing")
    assert result.code == 2
    assert "pyproject.toml has changes that are not committed" in result.err
    assert tree(project) == before
