"""All of a module is written or nothing of it; what is told and shown."""

from __future__ import annotations

import subprocess
import sys

from tests.authoring.new_module.shops import loaded, new_module, text, tree
from tests.projects import ProjectFiles
from tests.runtime.support import done, modalembic, modalembic_process

GLOB = 'modules = ["app/modules/*"]\n'
STAMP = 'import sys; open(sys.argv[1], "a").write("# formatted by {}\\n"); print("said {}")'


def with_hooks(shop: ProjectFiles, *names: str, own: str = "", script: str = STAMP) -> None:
    """Alembic hooks that each add a line to the file."""
    hooks = "".join(
        f'[[tool.alembic.post_write_hooks]]\nname = "{name}"\ntype = "exec"\n'
        f'executable = "{sys.executable}"\noptions = "{name}.py REVISION_SCRIPT_FILENAME"\n'
        f'cwd = "{shop.root}"\n'
        for name in names
    )
    for name in names:
        shop.file(f"{name}.py", script.format(name, name))
    shop.configure(f"{GLOB}{own}\n[tool.alembic]\n{hooks}")


def test_a_dry_run_shows_what_would_be_written_and_writes_nothing(shop: ProjectFiles) -> None:
    before = tree(shop)
    out = done(new_module(shop, "loyalty", "--requires", "orders", "--dry-run")).out
    assert tree(shop) == before
    assert "--- /dev/null\n+++ b/app/modules/loyalty/definition.py\n" in out
    applied = subprocess.run(
        ["git", "apply", "-"], cwd=shop.root, input=out, text=True, check=False, capture_output=True
    )
    assert applied.returncode == 0, applied.stderr
    assert loaded(shop).module("loyalty").requires == ("orders",)


def test_it_says_what_it_wrote_and_what_to_do_next(shop: ProjectFiles) -> None:
    out = done(new_module(shop, "loyalty", "--components", "models")).out.splitlines()
    assert out[0] == "wrote app/modules/loyalty/__init__.py"
    assert out[-1] == (
        "next: `modalembic upgrade heads`, write its models in app.modules.loyalty.models, and "
        "revisions that follow loyalty@head"
    )


def test_its_document_has_all_of_it(shop: ProjectFiles) -> None:
    arguments = ("new-module", "loyalty", "--requires", "orders", "--format", "json")
    planned = done(modalembic(shop, *arguments, "--dry-run")).document
    assert planned["written"] is False
    assert planned["diff"].startswith("diff --git a/app/modules/loyalty/__init__.py ")
    written = done(modalembic(shop, *arguments)).document
    assert (written["module"], written["tier"]) == ("loyalty", "optional")
    assert (written["written"], written["diff"]) == (True, None)
    assert written["depends_on"] == ["o1"]
    assert loaded(shop).graph.heads["loyalty"] == (written["revision"],)
    assert {*written["files"]} >= {each for each in planned["files"] if "_start_" not in each}


def test_the_projects_hooks_run_on_every_python_file(shop: ProjectFiles) -> None:
    with_hooks(shop, "first", "second")
    result = done(modalembic_process(shop, "new-module", "loyalty", "--format", "json"))
    assert result.document["written"] is True
    assert "said first" in result.err
    stamped = "# formatted by first\n# formatted by second\n"
    for path in (shop.root / "app/modules/loyalty").rglob("*.py"):
        assert path.read_text().endswith(stamped)
        assert path.read_text().count("formatted") == 2
    assert (shop.root / "app/modules/loyalty/templates/.gitkeep").read_text() == ""
    assert "formatted" not in text(shop, "pyproject.toml")


def test_the_configuration_chooses_among_the_hooks(shop: ProjectFiles) -> None:
    with_hooks(shop, "first", "second", own='post_write_hooks = ["second"]')
    done(new_module(shop, "loyalty"))
    source = text(shop, "app/modules/loyalty/__init__.py")
    assert source.endswith('"""\n# formatted by second\n')


def test_no_hooks_can_be_chosen_too(shop: ProjectFiles) -> None:
    with_hooks(shop, "first", own="post_write_hooks = []")
    done(new_module(shop, "loyalty"))
    assert "formatted" not in text(shop, "app/modules/loyalty/__init__.py")


def test_an_unknown_hook_is_refused_and_nothing_is_left(shop: ProjectFiles) -> None:
    with_hooks(shop, "first", own='post_write_hooks = ["third"]')
    before = tree(shop)
    result = new_module(shop, "loyalty")
    assert result.code == 2
    assert "no hook 'third'" in result.err
    assert tree(shop) == before


def test_a_hook_that_cannot_be_run_leaves_nothing(shop: ProjectFiles) -> None:
    with_hooks(shop, "first")
    configuration = text(shop, "pyproject.toml").replace(sys.executable, "/nowhere/ruff")
    shop.file("pyproject.toml", configuration)
    before = tree(shop)
    result = new_module(shop, "loyalty")
    assert result.code == 2
    assert "cannot be run" in result.err
    assert tree(shop) == before


def test_a_hook_that_breaks_the_module_leaves_nothing(shop: ProjectFiles) -> None:
    with_hooks(shop, "first", script='import sys; open(sys.argv[1], "w").write("x = (")')
    before = tree(shop)
    result = new_module(shop, "loyalty")
    assert result.code == 2
    assert "all of it was undone" in result.err
    assert tree(shop) == before
    assert not (shop.root / "app/modules/loyalty").exists()


def test_a_module_that_would_have_another_name_is_undone(shop: ProjectFiles) -> None:
    shop.configure('modules = ["app/modules/mod_*"]\n[tool.modalembic.module.x]\npath = "app"\n')
    (shop.root / "app/modules/billing/definition.py").unlink(missing_ok=True)
    before = tree(shop)
    result = new_module(shop, "loyalty")
    assert result.code == 2
    assert "did not become the module that was asked for: it was not discovered" in result.err
    assert tree(shop) == before
