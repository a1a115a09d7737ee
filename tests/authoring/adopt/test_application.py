"""Which application's context an `env.py` of Flask-Migrate runs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.adopt.application import find_context
from modalembic.errors import AdoptRefused
from tests.projects import ProjectFiles

FACTORY = "from flask import Flask\n\n\ndef create_app():\n    return Flask(__name__)\n"
PLAIN = "from flask import Flask\n\nserver = Flask(__name__)\n"


def context(root: Path, **environ: str) -> str:
    return find_context(root, (root,), environ, root / "migrations/env.py")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("shop", "shop:create_app"),
        ("shop:create_app", "shop:create_app"),
        ("shop:create_app()", "shop:create_app"),
        ("shop/wsgi.py", "shop.wsgi:server"),
        ("shop.wsgi:server", "shop.wsgi:server"),
    ],
)
def test_it_is_what_flask_app_says(tmp_path: Path, value: str, found: str) -> None:
    project = ProjectFiles(tmp_path).file("shop/__init__.py", FACTORY).file("shop/wsgi.py", PLAIN)
    assert context(tmp_path, FLASK_APP=value) == found
    project.file(".flaskenv", f"# ours\nexport FLASK_APP='{value}'  # here\n")
    assert context(tmp_path) == found


def test_without_it_the_usual_files_are_looked_at(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path).file("app.py", FACTORY)
    assert context(tmp_path) == "app:create_app"
    project.file("wsgi.py", "from shop import application\n")
    assert context(tmp_path) == "wsgi:application"


@pytest.mark.parametrize("value", ["shop:create_app('test')", "nowhere", "shop.empty"])
def test_what_cannot_be_named_is_refused_with_the_option(tmp_path: Path, value: str) -> None:
    ProjectFiles(tmp_path).file("shop/__init__.py", FACTORY).file("shop/empty.py")
    with pytest.raises(AdoptRefused, match="leads to no application") as caught:
        context(tmp_path, FLASK_APP=value)
    assert caught.value.hint is not None
    assert "--context" in caught.value.hint


def test_nothing_to_go_by_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdoptRefused, match="FLASK_APP is not set"):
        context(tmp_path)
