"""What cannot be made is refused, and then nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authoring.new_module.shops import initialised, new_module, tree
from tests.projects import ProjectFiles, read_only


def refused(shop: ProjectFiles, *arguments: str) -> str:
    """What is said to arguments that are refused, with a dry run and without."""
    before = tree(shop)
    result = new_module(shop, *arguments)
    assert result.code == 2, result.out
    assert tree(shop) == before
    assert new_module(shop, *arguments, "--dry-run").code == 2
    return result.err


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("my-module", "no identifier"),
        ("my.module", "no identifier"),
        ("a/b", "no identifier"),
        ("../x", "no identifier"),
        ("1st", "no identifier"),
        ("", "no identifier"),
        ("loyalty ", "no identifier"),
        ("x@head", "no identifier"),
        ("class", "keyword"),
        ("None", "keyword"),
        ("head", "means something else"),
        ("heads", "means something else"),
        ("base", "means something else"),
        ("bases", "means something else"),
        ("current", "means something else"),
        ("_private", "underscore"),
        ("café", "letters, digits"),
        ("x" * 64, "64 characters"),
    ],
)
def test_a_name_that_no_module_can_have(shop: ProjectFiles, name: str, why: str) -> None:
    assert why in refused(shop, "--", name) if name.startswith("-") else refused(shop, name)


def test_a_name_that_a_module_has(shop: ProjectFiles) -> None:
    assert "there is a module 'billing' already" in refused(shop, "billing")
    assert "there is a module 'billing' already" in refused(shop, "Billing")


def test_a_name_that_a_central_location_has(shop: ProjectFiles) -> None:
    shop.configure('modules = ["app/modules/*"]\nlocations = { legacy = "migrations/old" }')
    shop.location("migrations/old").revision("l1")
    assert "there is a module 'legacy' already" in refused(shop, "legacy")


def test_a_name_that_a_branch_label_has(shop: ProjectFiles) -> None:
    shop.module("orders").revision("o1", labels="expand", depends_on="b2")
    assert "'expand' is a branch label of revision o1" in refused(shop, "expand")


@pytest.mark.parametrize("name", ["cafe", "cafe12"])
def test_a_name_that_a_revisions_id_begins_with(shop: ProjectFiles, name: str) -> None:
    shop.module("cms").revision("cafe12")
    assert "is the beginning of revision cafe12" in refused(shop, name)


@pytest.mark.parametrize(
    "taken", ["loyalty/notes.txt", "loyalty.py", "Loyalty/x.txt", "LOYALTY.py"]
)
def test_a_directory_or_file_that_is_there(shop: ProjectFiles, taken: str) -> None:
    shop.file(f"app/modules/{taken}", "x = 1\n")
    assert "is there already" in refused(shop, "loyalty")


def test_an_empty_directory_that_is_there(shop: ProjectFiles) -> None:
    (shop.root / "app/modules/loyalty").mkdir()
    assert "app/modules/loyalty is there already" in refused(shop, "loyalty")


@pytest.mark.parametrize("name", ["json", "sys", "sqlalchemy"])
def test_a_top_level_package_that_would_hide_another(tmp_path: Path, name: str) -> None:
    shop = ProjectFiles(tmp_path / "shop").configure('modules = ["src/*"]')
    (shop.root / "src").mkdir()
    assert "Python imports something else" in refused(shop, name)


def test_a_requirement_that_is_not_there(shop: ProjectFiles) -> None:
    said = refused(shop, "loyalty", "--requires", "billing,bling")
    assert "there is no module 'bling'" in said
    assert "the modules are billing, orders" in said


def test_a_requirement_in_a_project_without_modules(tmp_path: Path) -> None:
    said = refused(initialised(tmp_path / "shop"), "loyalty", "--requires", "billing")
    assert "there are no modules yet" in said


def test_a_module_that_requires_itself(shop: ProjectFiles) -> None:
    assert "cannot require itself" in refused(shop, "loyalty", "--requires", "loyalty")


def test_a_component_that_is_not_there(shop: ProjectFiles) -> None:
    said = refused(shop, "loyalty", "--components", "models,modles")
    assert "there is no component 'modles'" in said
    assert "config, definition, exceptions" in said


def test_a_tier_that_is_not_there(shop: ProjectFiles) -> None:
    said = refused(shop, "loyalty", "--tier", "main")
    assert "there is core, optional, internal" in said


@pytest.mark.parametrize("base", ["app.db:Bass", "app.nowhere:Base", "Base"])
def test_a_base_that_is_not_there(shop: ProjectFiles, base: str) -> None:
    assert f"the base {base} is not in the source" in refused(shop, "loyalty", "--base", base)


def test_a_project_that_is_not_sound(shop: ProjectFiles) -> None:
    shop.module("orders").revision("o2", down="nowhere")
    assert "down_revision 'nowhere'" in refused(shop, "loyalty")


def test_a_read_only_tree(shop: ProjectFiles) -> None:
    with read_only(shop.root):
        assert "is read-only; nothing was written" in refused(shop, "loyalty")


def test_a_read_only_configuration(shop: ProjectFiles) -> None:
    configuration = shop.root / "pyproject.toml"
    shop.file("pyproject.toml", configuration.read_text() + "\n[tool.alembic]\n")
    configuration.chmod(0o444)
    assert "pyproject.toml is read-only" in refused(shop, "loyalty")


def test_a_directory_that_python_could_not_import(shop: ProjectFiles) -> None:
    assert "Python could not import" in refused(shop, "loyalty", "--path", "add-ons/loyalty")
    assert "Python could not import" in refused(shop, "loyalty", "--path", "class/loyalty")


@pytest.mark.parametrize("path", ["../loyalty", ".", "/elsewhere/loyalty"])
def test_a_directory_outside_of_the_project(shop: ProjectFiles, path: str) -> None:
    assert "is not below the project's directory" in refused(shop, "loyalty", "--path", path)


def test_the_directory_above_the_module_as_its_path(shop: ProjectFiles) -> None:
    said = refused(shop, "loyalty", "--path", "app/modules")
    assert "as in --path app/modules/loyalty" in said


def test_a_template_of_revisions_that_fails(shop: ProjectFiles) -> None:
    shop.file("migrations/env.py", "").file("migrations/script.py.mako", "${nothing.at_all}\n")
    assert "Alembic cannot make the revision file" in refused(shop, "loyalty")


def test_a_template_of_revisions_without_labels(shop: ProjectFiles) -> None:
    shop.file("migrations/env.py", "").file(
        "migrations/script.py.mako", "revision = '${up_revision}'\ndown_revision = None\n"
    )
    assert "branch_labels" in refused(shop, "loyalty")
