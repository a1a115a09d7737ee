"""What a new module consists of: components, and the project's own templates for them."""

from __future__ import annotations

import pytest

from tests.authoring.new_module.shops import loaded, new_module, python, text, tree
from tests.projects import ProjectFiles
from tests.runtime.support import done

GLOB = 'modules = ["app/modules/*"]\n'
EVERYTHING = {
    "__init__.py",
    "config.py",
    "definition.py",
    "exceptions.py",
    "migrations",
    "models",
    "routes",
    "schemas",
    "services",
    "tasks",
    "templates",
    "tests",
}


def parts(shop: ProjectFiles, name: str = "loyalty") -> set[str]:
    return {path.name for path in (shop.root / "app/modules" / name).iterdir()}


def own(shop: ProjectFiles, configuration: str, **templates: str) -> ProjectFiles:
    """The project with `configuration` for new modules, and templates in `scaffold`."""
    shop.configure(f"{GLOB}[tool.modalembic.new_module]\n{configuration}\n")
    for path, source in templates.items():
        (shop.root / "scaffold" / path).parent.mkdir(parents=True, exist_ok=True)
        (shop.root / "scaffold" / path).write_text(source)
    return shop


def test_by_default_a_module_has_all_of_them(shop: ProjectFiles) -> None:
    done(new_module(shop, "loyalty"))
    assert parts(shop) == EVERYTHING


def test_only_what_was_asked_for_beside_what_every_module_has(shop: ProjectFiles) -> None:
    done(new_module(shop, "loyalty", "--components", "services, config", "--components", "tasks"))
    always = {"__init__.py", "definition.py", "migrations"}
    assert parts(shop) == {*always, "services", "config.py", "tasks"}


def test_the_default_set_is_configured(shop: ProjectFiles) -> None:
    own(shop, 'components = ["models"]')
    done(new_module(shop, "loyalty"))
    assert parts(shop) == {"__init__.py", "definition.py", "migrations", "models"}
    done(new_module(shop, "other", "--components", "services"))
    assert parts(shop, "other") == {"__init__.py", "definition.py", "migrations", "services"}


def test_a_configured_component_that_is_not_there_is_refused(shop: ProjectFiles) -> None:
    own(shop, 'components = ["modles"]')
    result = new_module(shop, "loyalty")
    assert result.code == 2
    assert "there is no component 'modles'" in result.err
    assert "pyproject.toml:4" in result.err


def test_templates_of_the_project_replace_a_component_and_add_others(shop: ProjectFiles) -> None:
    own(
        shop,
        'templates = "scaffold"',
        **{
            "services/${name}_service.py.mako": "class ${class_name}Service: ...\n",
            "cli.py.mako": "# ${title}: ${package}, ${tier}, ${','.join(requires)}\n",
            "static/logo.svg": "<svg>${name} %stays</svg>\n% as it is\n",
        },
    )
    done(new_module(shop, "dev_tools", "--tier", "internal", "--requires", "billing,orders"))
    assert parts(shop, "dev_tools") == {*EVERYTHING, "cli.py", "static"}
    directory = "app/modules/dev_tools"
    assert {path.name for path in (shop.root / directory / "services").iterdir()} == {
        "dev_tools_service.py"
    }
    assert text(shop, f"{directory}/services/dev_tools_service.py").startswith("class DevTools")
    line = "# Dev tools: app.modules.dev_tools, internal, billing,orders\n"
    assert text(shop, f"{directory}/cli.py") == line
    assert text(shop, f"{directory}/static/logo.svg").startswith("<svg>${name} %stays</svg>\n% as")


def test_a_template_for_the_manifest_is_used_and_read_back(shop: ProjectFiles) -> None:
    manifest = (
        "MODULE = ModuleDefinition(code='${name}', tier='${tier}', requires=${list(requires)})\n"
    )
    own(shop, 'templates = "scaffold"', **{"definition.py.mako": manifest})
    done(new_module(shop, "loyalty", "--tier", "core", "--requires", "billing"))
    assert text(shop, "app/modules/loyalty/definition.py").startswith("MODULE = ModuleDefinition(")
    assert loaded(shop).module("loyalty").tier == "core"


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ("MODULE = ModuleDefinition(code='x')\n", "says name x"),
        ("MODULE = ModuleDefinition(code='${name}')\n", "says name loyalty, tier optional"),
        ("MODULE = Definition()\n", "has no ModuleDefinition"),
        ("MODULE = ModuleDefinition(\n", "cannot be read"),
        ("${nme}", "cannot be rendered"),
        ("% if name:\n", "cannot be rendered"),
    ],
)
def test_a_template_that_does_not_do_is_refused(
    shop: ProjectFiles, manifest: str, why: str
) -> None:
    own(shop, 'templates = "scaffold"', **{"definition.py.mako": manifest})
    before = tree(shop)
    result = new_module(shop, "loyalty", "--tier", "core", "--requires", "billing")
    assert result.code == 2
    assert why in result.err
    assert tree(shop) == before


def test_a_directory_of_templates_that_is_not_there_is_refused(shop: ProjectFiles) -> None:
    own(shop, 'templates = "nowhere"')
    result = new_module(shop, "loyalty")
    assert result.code == 2
    assert "there is no directory nowhere" in result.err


def test_models_are_where_the_configuration_looks_for_them(shop: ProjectFiles) -> None:
    shop.configure(GLOB + 'models = ["{package}.db.tables"]\n')
    result = done(new_module(shop, "loyalty"))
    assert "app.modules.loyalty.db.tables" in result.out
    assert parts(shop) == {*EVERYTHING - {"models"}, "db"}
    assert text(shop, "app/modules/loyalty/db/__init__.py") == ""
    python(shop, "-c", "import app.modules.loyalty.db.tables")


def test_models_that_need_no_base_bring_none(shop: ProjectFiles) -> None:
    (shop.root / "app/db.py").unlink()
    (shop.root / "app/modules/billing/models.py").unlink()
    own(shop, 'templates = "scaffold"', **{"models/__init__.py.mako": "# ${name}\n"})
    done(new_module(shop, "loyalty"))
    assert text(shop, "app/modules/loyalty/models/__init__.py") == "# loyalty\n"
    assert not (shop.root / "app/modules/base.py").exists()
