"""`auto_install`: in every shape of a manifest, and in the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.definition import ModuleDefinition
from modalembic.errors import ManifestError
from tests.projects import GLOB, ProjectFiles, SitePackages


def waits(project: ProjectFiles) -> dict[str, bool]:
    """Whether each module waits for `install`."""
    loaded = project.load()
    loaded.require_sound()
    return {module.name: not module.auto_install for module in loaded.modules}


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    return ProjectFiles(tmp_path / "shop").configure()


def test_is_true_where_nobody_says_anything(project: ProjectFiles) -> None:
    project.module("plain").file("models.py")
    project.module("core", tier="core")
    project.location("history", name="legacy")
    project.configure(f'{GLOB}\nlocations = {{ legacy = "history" }}')
    assert waits(project) == {"legacy": False, "core": False, "plain": False}


@pytest.mark.parametrize(("value", "expected"), [(False, True), (True, False), (None, False)])
def test_is_a_field_of_the_definition(
    project: ProjectFiles, value: bool | None, expected: bool
) -> None:
    project.module("loyalty", auto_install=value)
    assert waits(project) == {"loyalty": expected}


def test_is_a_field_of_modalembics_own() -> None:
    assert ModuleDefinition(name="loyalty").auto_install
    assert not ModuleDefinition(name="loyalty", auto_install=False).auto_install


def test_may_be_a_constant_of_the_file(project: ProjectFiles) -> None:
    text = "WAITS = False\nMODULE = ModuleDefinition(code='loyalty', auto_install=WAITS)\n"
    project.module("loyalty").file("definition.py", text)
    assert waits(project) == {"loyalty": True}


def test_is_a_key_of_a_dict(project: ProjectFiles) -> None:
    project.configure(f'{GLOB}\n[tool.modalembic.manifest]\nfile = "__manifest__.py"\nsymbol = ""')
    project.module("sale").file("__manifest__.py", "{'name': 'sale', 'auto_install': False}\n")
    project.module("web").file("__manifest__.py", "{'name': 'web', 'auto_install': True}\n")
    assert waits(project) == {"sale": True, "web": False}


def test_may_have_another_name(project: ProjectFiles) -> None:
    project.configure(f'{GLOB}\n[tool.modalembic.manifest]\nauto_install = ["flags.boot", "boot"]')
    project.module("one").file(
        "definition.py", "MODULE = ModuleDefinition(code='one', flags={'boot': False})\n"
    )
    project.module("two", boot=False)
    project.module("three", auto_install=False)
    assert waits(project) == {"one": True, "three": False, "two": True}


def test_is_a_key_of_the_modules_table_which_wins(project: ProjectFiles) -> None:
    project.configure(
        f"""\
        {GLOB}
        [tool.modalembic.module.loyalty]
        auto_install = true
        [tool.modalembic.module.gifts]
        auto_install = false
        [tool.modalembic.module.addon]
        path = "addons/addon"
        auto_install = false
        """
    )
    project.module("loyalty", auto_install=False)
    project.module("gifts", auto_install=True)
    project.module("addon", at="addons/addon")
    assert waits(project) == {"addon": True, "gifts": True, "loyalty": False}


def test_is_read_for_entry_points(
    project: ProjectFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = SitePackages(tmp_path / "site")
    text = "MODULE = ModuleDefinition(code='loyalty', auto_install=False)\n"
    site.package("acme_loyalty", {"definition.py": text})
    site.distribution("acme", "[shop.modules]\nloyalty = acme_loyalty\n")
    monkeypatch.syspath_prepend(str(site.path))
    project.configure('entry_points = ["shop.modules"]')
    assert waits(project) == {"loyalty": True}


@pytest.mark.parametrize("value", ["no", 0, ["core"]])
def test_is_true_or_false(project: ProjectFiles, value: object) -> None:
    project.module("loyalty", auto_install=value)
    with pytest.raises(ManifestError, match=r"auto_install is .* not True or False"):
        waits(project)


def test_that_only_running_code_knows_is_given_by_the_configuration(project: ProjectFiles) -> None:
    text = "import os\nMODULE = ModuleDefinition(code='a', auto_install='X' in os.environ)\n"
    project.module("a").file("definition.py", text)
    with pytest.raises(ManifestError, match=r"auto_install is .* cannot be read without running"):
        waits(project)
    project.configure(f"{GLOB}\n[tool.modalembic.module.a]\nauto_install = false")
    assert waits(project) == {"a": True}
