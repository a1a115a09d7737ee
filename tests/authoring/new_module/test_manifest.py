"""The manifest of a new module has the shape that those of the project have."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from tests.authoring.new_module.shops import loaded, new_module, python, text
from tests.projects import ProjectFiles
from tests.runtime.support import done, modalembic_process

GLOB = 'modules = ["app/modules/*"]\n'


def shop_of(
    shop: ProjectFiles, configuration: str = "", file: str = "definition.py", **manifests: str
) -> ProjectFiles:
    """The project anew, with modules that have these manifests."""
    shop.configure(GLOB + dedent(configuration))
    for name in ("billing", "orders"):
        (shop.root / f"app/modules/{name}/definition.py").unlink(missing_ok=True)
    for name, source in manifests.items():
        shop.file(f"app/modules/{name}/{file}", source)
    return shop


def made(shop: ProjectFiles, *arguments: str, file: str = "definition.py") -> str:
    """The manifest of the module `dev_tools`, without its docstring."""
    done(new_module(shop, "dev_tools", *arguments))
    source = text(shop, f"app/modules/dev_tools/{file}")
    python(shop, "-m", "ruff", "format", "--isolated", "--check", f"app/modules/dev_tools/{file}")
    ast.parse(source)
    return source.partition('module."""\n\n')[2]


def test_the_first_one_is_modalembics_own(shop: ProjectFiles) -> None:
    shop_of(shop)
    source = made(shop, "--tier", "core", "--requires", "billing,orders")
    assert source == dedent(
        """\
        from modalembic import ModuleDefinition

        definition = ModuleDefinition(
            name="dev_tools",
            tier="core",
            requires=["billing", "orders"],
        )
        """
    )
    python(shop, "-c", "import app.modules.dev_tools.definition")


def test_the_first_one_takes_the_applications_class(shop: ProjectFiles) -> None:
    shop_of(shop).file(
        "app/core/registry.py",
        """
        from dataclasses import dataclass

        @dataclass
        class ModuleDefinition:
            code: str
            label: str
            description: str
            menu: list[str]
            tier: str = "optional"
            requires: tuple[str, ...] = ()
        """,
    )
    source = made(shop)
    assert "from app.core.registry import ModuleDefinition\n" in source
    assert 'code="dev_tools"' in source
    assert 'label="Dev tools"' in source
    assert 'description="The dev tools module"' in source
    assert "menu=[]" in source
    python(shop, "-c", "import app.modules.dev_tools.definition")


def test_fields_that_all_have_are_filled_and_others_left_out(shop: ProjectFiles) -> None:
    shop.file("app/kinds.py", "from dict import dict as Manifest\nVERSION = (1, 0)\n")
    shop.file("app/kinds.py", "VERSION = (1, 0)\n\n\ndef ModuleDefinition(**given): pass\n")
    shop_of(
        shop,
        billing="""
        from app.kinds import VERSION, ModuleDefinition

        billing_module = ModuleDefinition(
            code="billing",
            name="Billing",
            route="/billing",
            version=VERSION,
            author="Us",
            menu=["a", "b"],
            icon="coins",
            requires=(),
            paid=True,
        )
        """,
        orders="""
        from app.kinds import VERSION, ModuleDefinition

        orders_module = ModuleDefinition(
            code="orders",
            name="Orders of customers",
            route="/orders",
            version=VERSION,
            author="Us",
            menu=["c"],
            icon="cart",
            requires=("billing",),
            tier="core",
        )
        """,
    )
    source = made(shop, "--requires", "orders", "--tier", "internal")
    assert source == dedent(
        """\
        from app.kinds import ModuleDefinition, VERSION

        dev_tools_module = ModuleDefinition(
            code="dev_tools",
            name="Dev tools",
            route="/dev_tools",
            version=VERSION,
            author="Us",
            menu=[],
            icon="Dev tools",
            requires=("orders",),
            tier="internal",
        )
        """
    )


@pytest.mark.parametrize(
    ("tier", "expected"), [("core", "is_core=True"), ("internal", "is_internal=True")]
)
def test_tiers_that_are_flags_stay_flags(shop: ProjectFiles, tier: str, expected: str) -> None:
    shop_of(shop, billing="ModuleDefinition(code='billing', is_core=True)")
    source = made(shop, "--tier", tier)
    assert expected in source
    assert "tier=" not in source


def test_without_a_flag_a_module_is_optional(shop: ProjectFiles) -> None:
    shop_of(shop, billing="ModuleDefinition(code='billing', is_core=True)")
    source = made(shop)
    assert "tier" not in source
    assert "is_core" not in source


@pytest.mark.parametrize("member", ["Tier.CORE", "Tier.core", "Tier.CORE.value"])
def test_tiers_that_are_members_stay_members(shop: ProjectFiles, member: str) -> None:
    shop.file("app/tiers.py", "class Tier: ...\n")
    shop_of(
        shop,
        billing=f"""
        from app.tiers import Tier
        x = ModuleDefinition(code="billing", tier={member})
        """,
    )
    source = made(shop, "--tier", "internal")
    internal = "INTERNAL" if "CORE" in member else "internal"
    assert f"tier={member.replace('CORE', internal).replace('core', internal)}," in source
    assert "from app.tiers import Tier\n" in source


def test_a_shape_of_the_applications_own_with_its_words(shop: ProjectFiles) -> None:
    shop_of(
        shop,
        """
        [tool.modalembic.manifest]
        file = "module.py"
        symbol = "module"
        name = "slug"
        tier = "layer"
        requires = "needs"
        tiers = { platform = "core", product = "optional", tooling = "internal" }
        """,
        file="module.py",
        billing="""
        from app.plugins import Plugin


        class Billing(Plugin):
            \"\"\"Money.\"\"\"

            price = 3
            module = {"slug": "billing", "layer": "platform", "needs": ("core",)}

            def start(self): ...
        """.replace('("core",)', "()"),
    )
    shop.file("app/plugins.py", "class Plugin: ...\n")
    source = made(shop, "--tier", "internal", "--requires", "billing", file="module.py")
    assert source == dedent(
        """\
        from app.plugins import Plugin


        class DevTools(Plugin):
            module = {
                "slug": "dev_tools",
                "layer": "tooling",
                "needs": ("billing",),
            }
        """
    )


@pytest.mark.parametrize("known", [True, False])
def test_a_bare_dict(shop: ProjectFiles, known: bool) -> None:
    shop_of(
        shop,
        """
        [tool.modalembic.manifest]
        file = "__manifest__.py"
        symbol = ""
        name = "technical_name"
        requires = "depends"
        """,
        file="__manifest__.py",
        **({"billing": '{"technical_name": "billing", "depends": []}\n'} if known else {}),
    )
    source = made(shop, "--requires", "billing", file="__manifest__.py")
    assert '"technical_name": "dev_tools",\n' in source
    assert '"depends": ["billing"],\n' in source


def test_keys_of_a_dict_in_a_dict(shop: ProjectFiles) -> None:
    shop_of(
        shop,
        """
        [tool.modalembic.manifest]
        symbol = "MODULE"
        name = "meta.slug"
        tier = "meta.tier"
        """,
    )
    source = made(shop, "--tier", "core")
    assert '"meta": {"slug": "dev_tools", "tier": "core"},\n' in source


def test_a_long_list_of_requirements_has_a_line_for_each(shop: ProjectFiles) -> None:
    names = [f"module_with_a_long_name_{number}" for number in range(4)]
    for name in names:
        shop.module(name, requires=[])
    source = made(shop, "--requires", ",".join(names))
    assert "    requires=[\n" + "".join(f'        "{name}",\n' for name in names) in source


def test_a_path_to_the_migrations_in_the_manifest_is_followed(shop: ProjectFiles) -> None:
    shop_of(shop)
    for name in ("cms", "reports"):
        path = f"app.modules.{name}.db.history"
        files = shop.module(name, requires=[], migrations_path=path)
        files.versions = "db/history"
        files.revision(f"{name}1")
    (shop.root / "app/modules/billing/migrations/versions/b1.py").unlink()
    (shop.root / "app/modules/billing/migrations/versions/b2.py").unlink()
    (shop.root / "app/modules/orders/migrations/versions/o1.py").unlink()
    for name in ("billing", "orders"):
        (shop.root / f"app/modules/{name}/migrations/versions").rmdir()
    source = made(shop)
    assert 'migrations_path="app.modules.dev_tools.db.history"' in source
    location = loaded(shop).module("dev_tools").location
    assert location == shop.root / "app/modules/dev_tools/db/history"


def test_a_manifest_in_the_packages_own_file(shop: ProjectFiles) -> None:
    shop_of(
        shop,
        '[tool.modalembic.manifest]\nfile = "__init__.py"\n',
        file="__init__.py",
        billing="X = ModuleDefinition(code='billing', requires=[])\n",
    )
    assert 'code="dev_tools"' in made(shop, file="__init__.py")


def test_components_are_listed_where_others_list_theirs(shop: ProjectFiles) -> None:
    shop_of(
        shop,
        billing="M = ModuleDefinition(code='billing', components=['models'], models_path='.models',"
        " services_path='app.modules.billing.services')",
    )
    (shop.root / "app/modules/billing/services").mkdir()
    source = made(shop, "--components", "models,config")
    assert 'components=["config", "models"],\n' in source
    assert "services_path" not in source
    done(modalembic_process(shop, "check", "structure"))


def test_what_is_said_of_a_central_location_is_no_manifest(shop: ProjectFiles) -> None:
    """As `adopt` says where the old models are."""
    shop_of(
        shop,
        """
        locations = { legacy = "migrations/old" }

        [tool.modalembic.module.legacy]
        models = ["app.old"]
        """,
    ).file("app/old.py")
    (shop.root / "migrations/old").mkdir(parents=True)
    assert "ModuleDefinition(" in made(shop, "--tier", "core")
    assert "dev_tools" not in text(shop, "pyproject.toml")
