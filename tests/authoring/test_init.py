"""`init`: what it writes, and where it refuses to."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from modalembic.authoring.init import plan_init
from modalembic.checks.structure import check_structure
from modalembic.errors import AlreadyInitialised, ConfigurationError, UsageError, WriteRefused
from modalembic.project import Project
from tests.projects import ProjectFiles, read_only
from tests.runtime.support import done, modalembic

TEMPLATES = ("modular", "modular-async")


def test_in_an_empty_directory_it_lays_down_all_that_is_needed(tmp_path: Path) -> None:
    changes = plan_init(tmp_path)
    names = [path.relative_to(tmp_path).as_posix() for path in changes.written]
    assert names == [
        "pyproject.toml",
        "migrations/env.py",
        "migrations/script.py.mako",
        ".gitignore",
    ]
    assert list(tmp_path.iterdir()) == []
    changes.apply()
    assert Project.load(tmp_path).configuration.modules == ("app/modules/*",)


@pytest.mark.parametrize("template", TEMPLATES)
def test_it_writes_the_template_that_is_named(tmp_path: Path, template: str) -> None:
    plan_init(tmp_path, template=template).apply()
    env = (tmp_path / "migrations/env.py").read_text()
    assert ("run_async" in env) == (template == "modular-async")
    compile(env, "env.py", "exec")
    assert "${up_revision}" in (tmp_path / "migrations/script.py.mako").read_text()


def test_it_adds_to_what_is_there(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path)
    project.file("pyproject.toml", '[project]\nname = "shop"  # ours\n')
    project.file(".gitignore", "*.pyc")
    project.module("billing").revision("b1")
    project.module("orders").revision("o1")
    plan_init(tmp_path).apply()
    text = (tmp_path / "pyproject.toml").read_text()
    assert text.startswith('[project]\nname = "shop"  # ours\n\n[tool.modalembic]\n')
    assert tomllib.loads(text)["tool"]["alembic"]["version_locations"] == [
        "%(here)s/app/modules/billing/migrations/versions",
        "%(here)s/app/modules/orders/migrations/versions",
    ]
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n.modalembic/\n"
    assert list(check_structure(Project.load(tmp_path))) == []


def test_it_keeps_the_line_ends_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(b'[project]\r\nname = "shop"\r\n')
    plan_init(tmp_path).apply()
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") > 5


def test_it_finds_modules_wherever_they_are_said_to_be(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path)
    project.module("billing", at="src/shop/billing").revision("b1")
    project.module("odd", at='src/shop/100% "odd"').revision("x1")
    plan_init(tmp_path, modules=["src/shop/*"]).apply()
    table = tomllib.loads((tmp_path / "pyproject.toml").read_text())["tool"]["alembic"]
    assert "%(here)s/src/shop/billing/migrations/versions" in table["version_locations"]
    assert table["prepend_sys_path"] == ["%(here)s", "%(here)s/src"]
    loaded = Project.load(tmp_path)
    assert loaded.by_name["billing"].package == "shop.billing"


@pytest.mark.parametrize("line", [".modalembic/", ".modalembic", "/.modalembic/"])
def test_it_leaves_a_gitignore_that_has_the_entry(tmp_path: Path, line: str) -> None:
    (tmp_path / ".gitignore").write_text(f"*.pyc\n{line}\n")
    assert ".gitignore" not in {file.path.name for file in plan_init(tmp_path).changes}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("modalembic.toml", ""),
        ("alembic.ini", "[alembic]\n"),
        ("migrations/env.py", ""),
        ("migrations/script.py.mako", ""),
        ("migrations/alembic.ini", "[alembic]\n"),
        ("alembic/env.py", ""),
        ("pyproject.toml", "[tool.modalembic]\n"),
        ("pyproject.toml", "[tool.alembic]\n"),
    ],
)
def test_it_refuses_where_modalembic_or_alembic_is_at_home(
    tmp_path: Path, name: str, content: str
) -> None:
    project = ProjectFiles(tmp_path).file(name, content)
    before = sorted(tmp_path.rglob("*"))
    result = modalembic(project, "init", str(tmp_path))
    assert result.code == 2
    assert "nothing was written" in result.err
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / name).read_text() == content
    with pytest.raises(AlreadyInitialised):
        plan_init(tmp_path)


def test_it_refuses_to_run_twice(tmp_path: Path) -> None:
    plan_init(tmp_path).apply()
    with pytest.raises(AlreadyInitialised):
        plan_init(tmp_path)


def test_an_unknown_template_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no template 'sync'") as caught:
        plan_init(tmp_path, template="sync")
    assert caught.value.hint == "there is modular, modular-async"


def test_on_the_command_line_it_says_what_it_wrote(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path)
    directory = str(tmp_path / "new shop")
    result = done(modalembic(project, "init", directory, "--template", "modular-async"))
    assert "pyproject.toml" in result.out
    assert "env.py" in result.out
    assert (tmp_path / "new shop/migrations/env.py").is_file()


def test_a_dry_run_shows_a_diff_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    out = done(modalembic(ProjectFiles(tmp_path), "init", str(tmp_path), "--dry-run")).out
    assert out.count("--- /dev/null\n") == 3
    assert "+++ b/migrations/env.py\n" in out
    assert "--- a/.gitignore\n+++ b/.gitignore\n@@ -1 +1,2 @@\n *.pyc\n+.modalembic/\n" in out
    assert [path.name for path in tmp_path.iterdir()] == [".gitignore"]


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_a_read_only_directory_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with read_only(tmp_path):
        result = modalembic(ProjectFiles(tmp_path), "init", str(tmp_path), *arguments)
    assert result.code == 2
    assert "is read-only; nothing was written" in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_directory_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "migrations").write_text("")
    with pytest.raises(WriteRefused, match="migrations is not a directory"):
        plan_init(tmp_path).apply()
    assert [path.name for path in tmp_path.iterdir()] == ["migrations"]


def test_a_project_that_has_alembic_is_pointed_to_adopt(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    with pytest.raises(AlreadyInitialised) as caught:
        plan_init(tmp_path)
    assert "modalembic adopt" in str(caught.value.hint)


def test_a_pyproject_that_cannot_be_added_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool = { ruff = {} }\n")
    with pytest.raises(ConfigurationError, match="cannot be added to"):
        plan_init(tmp_path)


def test_its_document_names_the_files(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path)
    result = done(modalembic(project, "--format", "json", "init", str(tmp_path), "--dry-run"))
    assert result.document["written"] is False
    assert len(result.document["files"]) == 4
