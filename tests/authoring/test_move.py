"""`move`, whole: proven on a copy, written together or not at all, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modalembic.authoring.move.undo import undo_move
from modalembic.errors import (
    ImportCircle,
    ModalembicError,
    MoveUnproven,
    UncommittedChanges,
    UndoRefused,
    WriteRefused,
)
from tests.authoring.moving import application, commit, git, move, planned_move, python, text, tree
from tests.projects import ProjectFiles, read_only

NEW = "app.modules.billing.models.tier"
BASE = "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n"
TIER = """\
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base


def code() -> str:
    return "free"


class Tier(Base):
    __tablename__ = "tiers"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(default=code)
    users: Mapped[list["User"]] = relationship(back_populates="tier", cascade="all, delete-orphan")


@event.listens_for(Tier, "before_insert")
def check(*args: object) -> None: ...
"""
USER = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    tier: Mapped["Tier"] = relationship("app.models.tier.Tier", back_populates="users")
"""
MODELS = {
    "app/db.py": BASE,
    "app/models/__init__.py": (
        "from app.models.tier import Tier\nfrom app.models.user import User\n\n"
        '__all__ = ["Tier", "User"]\n'
    ),
    "app/models/tier.py": TIER,
    "app/models/user.py": USER,
}


@pytest.mark.parametrize("source", ["app.models.tier", "app.models.tier:Tier"])
def test_a_model_of_two_modules_relationships_moves(tmp_path: Path, source: str) -> None:
    project = application(tmp_path, MODELS)
    move(project, source, NEW)
    for first in ("app.models", "app.models.tier", "app.models.user", NEW, "app.modules.billing"):
        said = python(
            project,
            f"import {first}, app.models, app.models.tier, {NEW}\n"
            "from sqlalchemy.orm import configure_mappers; configure_mappers()\n"
            f"print(app.models.Tier is app.models.tier.Tier is {NEW}.Tier)",
        )
        assert said == "True"
    assert f'relationship("{NEW}.Tier"' in text(project, "app/models/user.py")


def test_star_imports_and_hasattr_work_on_what_is_left(tmp_path: Path) -> None:
    project = application(tmp_path, MODELS)
    move(project, "app.models.tier", "billing")
    said = python(
        project,
        "from app.models.tier import *\nfrom app.models import *\nimport app.models.tier as old\n"
        "print(Tier.__module__, User.__name__, hasattr(old, 'nothing'), old.code())",
    )
    assert said == f"{NEW} User False free"


def test_a_circle_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    source = "class Base: ...\n\n\nclass Tier(Base): ...\n\n\nALL = [Tier]\n"
    project = application(tmp_path, {"app/models/tier.py": source})
    before = tree(project)
    with pytest.raises(ImportCircle) as caught:
        move(project, "app.models.tier:Tier", NEW)
    assert f"{NEW} -> app.models.tier" in caught.value.message
    assert caught.value.hint is not None
    assert "Base of app.models.tier: move that out" in caught.value.hint
    assert tree(project) == before


def test_a_circle_with_the_old_package_says_to_move_the_base_first(tmp_path: Path) -> None:
    files = {
        "app/models/base.py": "class Base: ...\n",
        "app/models/tier.py": "from app.models.base import Base\n\n\nclass Tier(Base): ...\n",
        "app/models/plan.py": "from app.models.tier import Tier\n\n\nclass Plan(Tier): ...\n",
        "app/models/__init__.py": (
            "from app.models.plan import Plan\nfrom app.models.tier import Tier\n\n"
            '__all__ = ["Plan", "Tier"]\n'
        ),
    }
    project = application(tmp_path, files)
    before = tree(project)
    with pytest.raises(ImportCircle) as caught:
        move(project, "app.models.tier", "billing")
    assert " app.models " in caught.value.message
    assert "Base of app.models.base: move that out of app.models first" in str(caught.value.hint)
    assert tree(project) == before
    move(project, "app.models.base", "app.base")
    move(project, "app.models.tier", "billing")
    assert python(project, f"import {NEW}; print({NEW}.Tier.__mro__[1].__module__)") == "app.base"


def test_what_is_configured_in_another_way_is_not_written(tmp_path: Path) -> None:
    comment = '    __table_args__ = {"comment": __name__}\n'
    tier = TIER.replace("    __tablename__", f"{comment}    __tablename__")
    project = application(tmp_path, {**MODELS, "app/models/tier.py": tier})
    before = tree(project)
    with pytest.raises(MoveUnproven, match=r"tiers, comment was .*app\.models\.tier"):
        move(project, "app.models.tier", "billing")
    assert tree(project) == before


def test_models_that_cannot_be_imported_before_are_not_moved(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/models/tier.py": "import nothing\n\n\nclass Tier: ...\n"})
    with pytest.raises(MoveUnproven, match="as they stand") as caught:
        move(project, "app.models.tier", "billing")
    assert caught.value.path == project.root / "app/models/tier.py"


def test_a_module_that_could_not_be_imported_before_is_told(tmp_path: Path) -> None:
    project = application(
        tmp_path, {"app/windows.py": "import winsound\nfrom app.models import Tier\n"}
    )
    made = move(project, "app.models.tier", "billing")
    assert any("app.windows cannot be imported, and could not before" in n for n in made.notes)
    assert f"from {NEW} import Tier" in text(project, "app/windows.py")


def test_code_that_would_run_is_not_imported(tmp_path: Path) -> None:
    script = "from app.models import Tier\n\nraise SystemExit('ran')\n"
    project = application(tmp_path, {"scripts/fill.py": script, "app/tests/test_x.py": script})
    move(project, "app.models.tier", "billing")
    assert f"from {NEW} import Tier" in text(project, "scripts/fill.py")


def test_what_cannot_be_seen_is_told(tmp_path: Path) -> None:
    source = "import logging\n\nlog = logging.getLogger(__name__)\n\n\nclass Tier: ...\n"
    project = application(tmp_path, {"app/models/tier.py": source})
    notes = " ".join(planned_move(project, "app.models.tier", "billing").notes)
    assert "tier.py uses __name__" in notes
    assert "pickles" in notes


def test_nothing_is_written_by_planning(tmp_path: Path) -> None:
    project = application(tmp_path, MODELS)
    before = tree(project)
    planned = planned_move(project, "app.models.tier", "billing")
    assert tree(project) == before
    assert "--- a/app/models/tier.py" in planned.changes.diff()


def _read_only(project: ProjectFiles) -> None:
    (project.root / "app/models/user.py").chmod(0o444)


def _uncommitted(project: ProjectFiles) -> None:
    commit(project)
    project.file("app/models/user.py", USER + "\n# mine\n")


def _untracked(project: ProjectFiles) -> None:
    commit(project)
    git(project, "rm", "-q", "--cached", "app/models/user.py")
    git(project, "commit", "-q", "-m", "Forget a file")


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (_read_only, WriteRefused),
        (_uncommitted, UncommittedChanges),
        (_untracked, UncommittedChanges),
    ],
)
def test_a_file_that_is_not_to_be_written_stops_it(
    tmp_path: Path, spoil: Callable[[ProjectFiles], None], error: type[ModalembicError]
) -> None:
    project = application(tmp_path, MODELS)
    spoil(project)
    before = tree(project)
    with pytest.raises(error) as caught:
        move(project, "app.models.tier", "billing")
    assert caught.value.path == project.root / "app/models/user.py"
    assert tree(project) == before


def test_a_read_only_tree_stops_it(tmp_path: Path) -> None:
    project = application(tmp_path / "shop", MODELS)
    before = tree(project)
    with read_only(project.root), pytest.raises(WriteRefused):
        move(project, "app.models.tier", "billing")
    assert tree(project) == before


def test_uncommitted_changes_elsewhere_are_moved_along(tmp_path: Path) -> None:
    project = application(tmp_path, MODELS)
    commit(project)
    project.file("app/db.py", "import app.extra\n" + BASE).file("app/extra.py")
    move(project, "app.models.tier", "billing")
    assert python(project, f"import {NEW}; print('in')") == "in"


def test_what_git_ignores_is_there_for_the_proof(tmp_path: Path) -> None:
    project = application(tmp_path, MODELS)
    project.file(".gitignore", "app/local.py\n.env\n").file("app/local.py", "X = 1\n")
    project.file("app/db.py", "from app.local import X\n" + BASE)
    commit(project)
    move(project, "app.models.tier", "billing")


def test_one_move_after_another_needs_no_commit(tmp_path: Path) -> None:
    project = application(tmp_path, MODELS)
    commit(project)
    move(project, "app.models.tier", "billing")
    move(project, "app.models.user", "billing")
    assert git(project, "status", "--porcelain", ".modalembic") == ""


@pytest.mark.parametrize("shim", [True, False])
def test_a_move_is_taken_back(tmp_path: Path, shim: bool) -> None:
    project = application(tmp_path, MODELS)
    before = tree(project)
    move(project, "app.models.tier", "billing", shim=shim)
    between = tree(project)
    move(project, "app.models.user", "billing", shim=shim)
    undo_move(project.load(), dry_run=False)
    assert tree(project) == between
    undo_move(project.load(), dry_run=False)
    assert tree(project) == {**before, ".modalembic/.gitignore": b"*\n"}
    assert not (project.root / "app/modules/billing/models").exists()
    with pytest.raises(UndoRefused, match="no move"):
        undo_move(project.load(), dry_run=False)


def test_a_move_is_not_taken_back_when_its_files_have_changed(tmp_path: Path) -> None:
    project = application(tmp_path, MODELS)
    move(project, "app.models.tier", "billing")
    changed = text(project, "app/models/user.py") + "\n# mine\n"
    project.file("app/models/user.py", changed)
    before = tree(project)
    with pytest.raises(UndoRefused, match=r"app/models/user\.py has changed"):
        undo_move(project.load(), dry_run=False)
    assert tree(project) == before


def test_a_move_is_not_taken_back_for_show(tmp_path: Path) -> None:
    project = application(tmp_path, MODELS)
    move(project, "app.models.tier", "billing")
    before = tree(project)
    last, changes = undo_move(project.load(), dry_run=True)
    assert tree(project) == before
    assert last.moved == (f"app.models.tier -> {NEW}",)
    assert {change.verb for change in changes.changes} == {"change", "remove"}


def test_an_application_that_prints_and_has_a_context(tmp_path: Path) -> None:
    project = application(tmp_path, MODELS)
    project.configure('modules = ["app/modules/*"]\ncontext = "app.context:entered"\n')
    project.file(
        "app/context.py",
        "from contextlib import contextmanager\n\nINSIDE = []\n\n\n@contextmanager\n"
        "def entered():\n    INSIDE.append(1)\n    yield\n",
    )
    needs = "from app.context import INSIDE\nINSIDE[0]\n"
    project.file("app/modules/billing/models/needs.py", needs)
    project.file("app/modules/billing/models/__init__.py", "print('loading')\n")
    move(project, "app.models.tier", "billing")
    assert "class Tier" in text(project, "app/modules/billing/models/tier.py")


def test_celery_finds_a_moved_task_by_its_name(tmp_path: Path) -> None:
    project = application(
        tmp_path,
        {
            "app/queue.py": "from celery import Celery\n\nqueue = Celery('shop')\n",
            "app/tasks/__init__.py": "from app.tasks.bill import charge\n",
            "app/tasks/bill.py": (
                "from celery import Task, shared_task\n\nfrom app.queue import queue\n\n\n"
                "@queue.task\ndef charge():\n    return 1\n\n\n"
                "@shared_task(bind=True)\ndef retry(self):\n    return 2\n\n\n"
                "class Slow(Task):\n    def run(self):\n        return 3\n\n\n"
                "slow = queue.register_task(Slow())\n"
            ),
        },
    )
    names = "app.tasks.bill.Slow app.tasks.bill.charge app.tasks.bill.retry"
    code = (
        "import app.tasks; from app.queue import queue\n"
        "print(*sorted(name for name in queue.tasks if name.startswith('app')))"
    )
    assert python(project, code) == names
    move(project, "app.tasks.bill", "app.modules.billing.tasks.bill")
    assert python(project, code) == names
    moved = text(project, "app/modules/billing/tasks/bill.py")
    assert '@queue.task(name="app.tasks.bill.charge")\n' in moved
    assert '@shared_task(bind=True, name="app.tasks.bill.retry")\n' in moved
    assert 'class Slow(Task):\n    name = "app.tasks.bill.Slow"\n' in moved


def test_a_name_that_a_module_of_the_old_package_has_too_is_refused(tmp_path: Path) -> None:
    project = application(
        tmp_path,
        {
            "app/tools/__init__.py": "from app.tools.slug import slug\n",
            "app/tools/slug.py": "def slug(): ...\n",
        },
    )
    before = tree(project)
    with pytest.raises(MoveUnproven, match="not the same object") as caught:
        move(project, "app.tools.slug", "app.modules.billing.slug")
    assert "--no-shim" in str(caught.value.hint)
    assert tree(project) == before
    move(project, "app.tools.slug", "app.modules.billing.slug", shim=False)
