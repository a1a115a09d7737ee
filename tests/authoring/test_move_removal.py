"""`move --remove-shims`: re-exports that nobody uses any more go."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.move.command import write_move
from modalembic.authoring.move.relocations import Place
from modalembic.authoring.move.removal import PlannedRemoval, plan_removal
from modalembic.authoring.move.undo import undo_move
from modalembic.errors import SourceNotFound, StillImported
from tests.authoring.moving import application, commit, move, text, tree
from tests.projects import ProjectFiles
from tests.runtime.support import done, modalembic

TIER = "app.models.tier"
TIER_NAMES = ("DEFAULT", "Tier", "cheapest")


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Tiers have moved to billing, and the old places re-export them."""
    project = application(tmp_path, {"migrate.py": "import app.models\n"})
    move(project, TIER, "billing")
    return project


def removal(project: ProjectFiles, *places: Place) -> PlannedRemoval:
    """A removal, proven and not written."""
    return plan_removal(project.load(), places)


def remove(project: ProjectFiles, *places: Place) -> PlannedRemoval:
    """A removal, proven and written."""
    planned = removal(project, *places)
    write_move(project.load(), planned.move)
    return planned


def kept(planned: PlannedRemoval) -> dict[str, list[str]]:
    """What stays, with the files that use it."""
    return {str(place): sorted({use.path.name for use in uses}) for place, uses in planned.kept}


def test_what_nobody_uses_goes(project: ProjectFiles) -> None:
    planned = remove(project)
    assert planned.kept == ()
    assert not (project.root / "app/models/tier.py").exists()
    # The package registers every model for whoever imports it.
    left = "import app.modules.billing.models.tier  # noqa: E402, F401\n"
    assert text(project, "app/models/__init__.py") == left
    assert [str(old) for old, _ in planned.move.moved] == [
        "app.models:Tier",
        *(f"{TIER}:{name}" for name in TIER_NAMES),
    ]


@pytest.mark.parametrize(
    ("file", "source", "used"),
    [
        ("app/x.py", "from app.models.tier import Tier\n", {f"{TIER}:Tier"}),
        ("app/x.py", "from .models.tier import Tier as T\n", {f"{TIER}:Tier"}),
        ("app/x.py", "def f():\n    from app.models import Tier\n", {"app.models:Tier"}),
        ("app/x.py", "from app import models\n\nmodels.Tier\n", {"app.models:Tier"}),
        ("app/x.py", "import app.models\n\napp.models.Tier\n", {"app.models:Tier"}),
        ("app/x.py", "from app.models import *\n", {"app.models:Tier"}),
        ("app/x.py", "patched = 'app.models.tier.cheapest'\n", {f"{TIER}:cheapest"}),
        ("app/x.py", "path = 'app.models.tier:Tier'\n", {f"{TIER}:Tier"}),
        (
            "tests/test_x.py",
            "import app.models.tier as tier\n",
            {f"{TIER}:{name}" for name in TIER_NAMES},
        ),
        (
            "app/modules/billing/migrations/versions/b1.py",
            "from app.models import Tier\n\nrevision = 'b1'\ndown_revision = None\n",
            {"app.models:Tier"},
        ),
    ],
)
def test_what_is_used_stays_and_its_users_are_named(
    project: ProjectFiles, file: str, source: str, used: set[str]
) -> None:
    project.file(file, source)
    planned = remove(project)
    assert kept(planned) == {name: [Path(file).name] for name in used}
    assert text(project, file) == source
    everything = {"app.models:Tier", *(f"{TIER}:{name}" for name in TIER_NAMES)}
    assert {str(old) for old, _ in planned.move.moved} == everything - used


def test_files_that_the_configuration_names_are_users_too(project: ProjectFiles) -> None:
    project.configure('modules = ["app/modules/*"]\nmove_files = ["*.ini"]')
    project.file("run.ini", "[run]\nmain = app.models.tier:cheapest\n")
    assert kept(remove(project)) == {f"{TIER}:cheapest": ["run.ini"]}


def test_what_is_named_alone_goes(project: ProjectFiles) -> None:
    remove(project, Place(TIER, "cheapest"))
    source = text(project, "app/models/tier.py")
    assert "cheapest" not in source
    assert '"Tier": ' in source
    assert '"Tier": ' in text(project, "app/models/__init__.py")


def test_a_package_means_all_below_it(project: ProjectFiles) -> None:
    planned = removal(project, Place("app"))
    assert len(planned.move.moved) == 1 + len(TIER_NAMES)


def test_what_is_named_and_used_is_refused(project: ProjectFiles) -> None:
    project.file("app/x.py", "import os\nfrom app.models.tier import Tier\n")
    before = tree(project)
    with pytest.raises(StillImported, match=r"still used by app/x\.py:2") as caught:
        removal(project, Place(TIER))
    assert (caught.value.line, caught.value.path) == (2, project.root / "app/x.py")
    assert f"move {TIER} app.modules.billing.models.tier --no-shim" in str(caught.value.hint)
    assert tree(project) == before


@pytest.mark.parametrize("place", [Place("app.db"), Place(TIER, "Base"), Place("app.nothing")])
def test_what_no_move_has_left_is_refused(project: ProjectFiles, place: Place) -> None:
    with pytest.raises(SourceNotFound, match="left a re-export"):
        removal(project, place)


def test_packages_that_are_empty_then_go_too(tmp_path: Path) -> None:
    files = {
        "app/services/__init__.py": '"""What the shop does."""\n',
        "app/services/pay/__init__.py": "",
        "app/services/pay/card.py": "def pay(): ...\n",
        "app/jobs/__init__.py": "",
        "app/jobs/nightly.py": "def run(): ...\n",
        "app/tools/__init__.py": "",
        "app/tools/text.py": "def slug(): ...\n",
        "app/tools/words.txt": "a\n",
        "app/runner.py": "include = ['app.jobs']\n",
    }
    project = application(tmp_path, files)
    move(project, "app.services.pay.card", "app.modules.billing.services.card")
    move(project, "app.jobs.nightly", "app.modules.billing.jobs.nightly")
    move(project, "app.tools.text", "app.modules.billing.text")
    remove(project)
    assert not (project.root / "app/services").exists()
    assert [path.name for path in (project.root / "app/jobs").glob("*.py")] == ["__init__.py"]
    assert [path.name for path in (project.root / "app/tools").glob("*.*")] == [
        "__init__.py",
        "words.txt",
    ]


def test_the_name_of_a_task_is_no_use(tmp_path: Path) -> None:
    files = {
        "app/queue.py": (
            "from celery import Celery\n\nqueue = Celery('shop', include=['app.tasks'])\n"
            "SCHEDULE = {'charge': {'task': 'app.tasks.bill.charge'}}\n"
        ),
        "app/tasks/__init__.py": "from app.tasks.bill import charge\n",
        "app/tasks/bill.py": (
            "from app.queue import queue\n\n\n@queue.task\ndef charge():\n    return 1\n"
        ),
    }
    project = application(tmp_path, files)
    move(project, "app.tasks.bill", "app.modules.billing.tasks.bill")
    assert remove(project).kept == ()
    assert not (project.root / "app/tasks/bill.py").exists()
    registered = "import app.modules.billing.tasks.bill  # noqa: E402, F401\n"
    assert text(project, "app/tasks/__init__.py") == registered
    assert "'app.tasks.bill.charge'" in text(project, "app/queue.py")


def test_it_is_taken_back_like_a_move(project: ProjectFiles) -> None:
    before = tree(project)
    remove(project)
    undo_move(project.load(), dry_run=False)
    assert tree(project) == before


def test_on_the_command_line(project: ProjectFiles) -> None:
    project.file("app/x.py", "from app.models.tier import Tier\n")
    commit(project)
    before = tree(project)
    shown = done(modalembic(project, "move", "--remove-shims", "--dry-run"))
    assert "-def __getattr__" in shown.out
    assert tree(project) == before
    document = done(modalembic(project, "move", "--remove-shims", "--format", "json")).document
    assert {"from": "app.models:Tier", "to": "app.modules.billing.models.tier:Tier"} in document[
        "removed"
    ]
    (left,) = document["kept"]
    assert left["from"] == f"{TIER}:Tier"
    assert left["used_by"] == [{"path": str(project.root / "app/x.py"), "line": 1}]
    again = done(modalembic(project, "move", "--remove-shims"))
    assert "no re-export that nobody uses" in again.out
    assert f"{TIER}:Tier is kept: used by {project.root / 'app/x.py'}:1" in again.err


def test_it_is_one_thing_at_a_time(project: ProjectFiles) -> None:
    assert modalembic(project, "move", "--remove-shims", "--undo").code == 2
    (project.root / "plan.toml").write_text('[[move]]\nfrom = "app.db"\nto = "billing"\n')
    assert modalembic(project, "move", "--remove-shims", "--from-file", "plan.toml").code == 2
