"""Interpreters for the proof of a move: forks of one that knows nothing of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.move.inert import inert_modules
from modalembic.authoring.move.probing import Question, ask_each, ask_forks
from modalembic.errors import ImportCircle
from tests.authoring.moving import application, move, planned_move, text
from tests.projects import ProjectFiles

FIRSTS = ("app.models", "app.models.tier", "app.db")


def question(libraries: tuple[str, ...] = ()) -> Question:
    return Question(FIRSTS, ("app.models",), libraries=libraries)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of others' code, beside the project."""
    directory = tmp_path / "libraries"
    directory.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(directory))
    return directory


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    return application(tmp_path / "shop")


def test_forks_and_fresh_interpreters_say_the_same(project: ProjectFiles) -> None:
    loaded = project.load()
    forks = ask_forks(loaded, loaded.root, question(("json", "nothing.of.that.name")))
    fresh = ask_each(loaded, loaded.root, question(), FIRSTS)
    assert set(forks) == set(fresh) == set(FIRSTS)
    for first in FIRSTS:
        theirs = {**fresh[first].found, "libraries": []}
        assert {**forks[first].found, "libraries": []} == theirs


def test_a_library_that_starts_a_thread_is_not_forked(project: ProjectFiles, library: Path) -> None:
    (library / "busy.py").write_text(
        "import threading, time\n\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    )
    loaded = project.load()
    assert ask_forks(loaded, loaded.root, question(("busy",))) == {}
    project.file("app/db.py", "import busy\n\n\nclass Base:\n    pass\n")
    move(project, "app.models.tier", "billing")
    assert "class Tier" in text(project, "app/modules/billing/models/tier.py")


def test_a_library_that_imports_the_project_is_not_loaded_before(
    project: ProjectFiles, library: Path
) -> None:
    (library / "plugin.py").write_text("import app.models\n")
    loaded = project.load()
    assert ask_forks(loaded, loaded.root, question(("plugin",))) == {}


def test_what_a_fork_complains_of_is_asked_again(project: ProjectFiles, library: Path) -> None:
    """The library is something else when it is loaded before the project."""
    (library / "late.py").write_text("import os\n\nREADY = os.environ.get('SHOP') == '1'\n")
    project.file("app/__init__.py", "import os\n\nos.environ['SHOP'] = '1'\n")
    project.file("app/db.py", "import late\n\nassert late.READY\n\n\nclass Base:\n    pass\n")
    loaded = project.load()
    forks = ask_forks(loaded, loaded.root, question(("late",)))
    assert {answer.failure.type for answer in forks.values() if answer.failure} == {
        "AssertionError"
    }
    assert planned_move(project, "app.models.tier", "billing").notes


def test_a_circle_of_one_order_among_many_is_found(project: ProjectFiles) -> None:
    """`app.models` first is fine; the new module first is not."""
    project.file("app/models/plan.py", "from app.models.tier import Tier\n\nBEST = Tier\n")
    project.file(
        "app/models/__init__.py",
        "from app.models.tier import Tier as Tier\nfrom app.models.plan import BEST as BEST\n",
    )
    project.file("app/db.py", "class Base:\n    pass\n")
    tier = text(project, "app/models/tier.py").replace("app.db", "app.models.base")
    project.file("app/models/tier.py", tier)
    project.file("app/models/base.py", "class Base:\n    pass\n")
    with pytest.raises(ImportCircle, match=r"app\.modules\.billing\.models\.tier"):
        move(project, "app.models.tier", "billing")


@pytest.mark.parametrize(
    ("source", "inert"),
    [
        ("", True),
        ('"""Words."""\nimport os\nfrom a import b\n', True),
        ("from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import x\n", True),
        ("__all__ = ['f']\nX: int = 1\nY: int\n", True),
        ("def f(a: int = 1) -> str: ...\n", True),
        ("async def f(): ...\n", True),
        ("def f(a=g()): ...\n", False),
        ("@task\ndef f(): ...\n", False),
        ("class A: ...\n", False),
        ("register('x')\n", False),
        ("X = {}\nX['a'] = 1\n", False),
        ("X = compute\n", False),
        ("if DEBUG:\n    import x\n", False),
        ("def (", False),
    ],
)
def test_a_module_that_only_imports_and_names_is_inert(
    tmp_path: Path, source: str, inert: bool
) -> None:
    files = ProjectFiles(tmp_path).file("a/__init__.py").file("a/b.py", source)
    found = inert_modules(["a.b", None, "missing.c"], [files.root])
    assert found == ({"a", "a.b"} if inert else {"a"})
