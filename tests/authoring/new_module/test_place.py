"""Where a new module goes, and what makes it known."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.authoring.new_module.shops import loaded, new_module, text, tree
from tests.projects import ProjectFiles
from tests.runtime.support import done


def shop_with(tmp_path: Path, configuration: str, *modules: str) -> ProjectFiles:
    """A project with modules in these directories, each called as its directory."""
    shop = ProjectFiles(tmp_path / "shop").configure(configuration)
    for at in modules:
        shop.module(Path(at).name, at=at, requires=[])
    return shop


def placed(shop: ProjectFiles, *arguments: str) -> str:
    """Where `loyalty` went."""
    done(new_module(shop, "loyalty", *arguments))
    directory = loaded(shop).module("loyalty").directory
    assert directory is not None
    return directory.relative_to(shop.root.resolve()).as_posix()


def configured(shop: ProjectFiles) -> dict[str, Any]:
    return tomllib.loads(text(shop, "pyproject.toml"))["tool"]["modalembic"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("patterns", "modules", "expected"),
    [
        (["app/modules/*"], [], "app/modules/loyalty"),
        (["./app/modules/*/"], [], "app/modules/loyalty"),
        (["src/shop/*"], ["src/shop/billing"], "src/shop/loyalty"),
        (["modules/[a-z]*"], [], "modules/loyalty"),
        (["app/modules/mod_*"], [], "app/modules/mod_loyalty"),
        (["packages/*/src/*"], ["packages/cms/src/cms"], "packages/loyalty/src/loyalty"),
        (["app/*/modules/*"], ["app/web/modules/cms"], "app/web/modules/loyalty"),
        (["app/billing", "app/loyalty"], ["app/billing"], "app/loyalty"),
    ],
)
def test_a_pattern_says_where(
    tmp_path: Path, patterns: list[str], modules: list[str], expected: str
) -> None:
    shop = shop_with(tmp_path, f"modules = {patterns}", *modules)
    assert placed(shop) == expected
    assert configured(shop) == {"modules": patterns}


def test_a_part_of_a_pattern_that_no_module_tells_is_what_is_there(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = ["app/*/modules/*"]')
    (shop.root / "app/web/modules").mkdir(parents=True)
    assert placed(shop) == "app/web/modules/loyalty"


def test_the_module_lies_below_a_part_that_is_its_name(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = ["plugins/*/backend"]')
    assert placed(shop) == "plugins/loyalty/backend"


def test_two_places_are_one_too_many(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = ["app/modules/*", "addons/*"]')
    before = tree(shop)
    result = new_module(shop, "loyalty")
    assert result.code == 2
    assert "could go to addons/loyalty or app/modules/loyalty" in result.err
    assert "--path addons/loyalty" in result.err
    assert tree(shop) == before
    assert placed(shop, "--path", "addons/loyalty") == "addons/loyalty"
    assert configured(shop) == {"modules": ["app/modules/*", "addons/*"]}


def test_no_place_at_all_is_refused(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'locations = { old = "old" }')
    shop.location("old").revision("x1")
    result = new_module(shop, "loyalty")
    assert result.code == 2
    assert "--path app/modules/loyalty" in result.err


def test_a_path_that_no_pattern_finds_gets_a_table(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = ["app/modules/*"]  # ours\n', "app/modules/billing")
    assert placed(shop, "--path", "addons/loyalty", "--requires", "billing") == "addons/loyalty"
    assert configured(shop)["module"] == {"loyalty": {"path": "addons/loyalty"}}
    assert 'modules = ["app/modules/*"]  # ours\n' in text(shop, "pyproject.toml")


def test_modules_that_are_listed_one_by_one_get_another_in_the_list(tmp_path: Path) -> None:
    listed = 'modules = [\n  "app/billing",  # first\n  "app/orders",\n]\n'
    shop = shop_with(tmp_path, listed, "app/billing", "app/orders")
    assert placed(shop) == "app/loyalty"
    assert text(shop, "pyproject.toml") == "[tool.modalembic]\n" + listed.replace(
        '"app/orders",\n', '"app/orders",\n  "app/loyalty",\n'
    )


def test_one_module_in_a_string_becomes_a_list(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = "app/billing"', "app/billing")
    assert placed(shop) == "app/loyalty"
    assert configured(shop) == {"modules": ["app/billing", "app/loyalty"]}


TABLES = """
[tool.modalembic.module.billing]  # money
path = "lib/billing"
tier = "core"

[tool.modalembic.module.orders]
path = "lib/orders"
requires = ["billing"]

[tool.other]
x = 1
"""


def test_modules_of_tables_get_another_table(tmp_path: Path) -> None:
    shop = ProjectFiles(tmp_path / "shop").file("pyproject.toml", TABLES)
    shop.module("billing", at="lib/billing").revision("b1")
    shop.module("orders", at="lib/orders").revision("o1")
    assert placed(shop, "--tier", "internal", "--requires", "orders") == "lib/loyalty"
    assert configured(shop)["module"]["loyalty"] == {
        "path": "lib/loyalty",
        "tier": "internal",
        "requires": ["orders"],
    }
    assert not (shop.root / "lib/loyalty/definition.py").exists()
    assert "[tool.modalembic.module.billing]  # money\n" in text(shop, "pyproject.toml")
    module = loaded(shop).module("loyalty")
    assert (module.tier, module.requires) == ("internal", ("orders",))


def test_tables_that_name_packages_get_one_that_names_a_package(tmp_path: Path) -> None:
    shop = ProjectFiles(tmp_path / "shop").file(
        "modalembic.toml", '[module.billing]\npackage = "lib.billing"\n'
    )
    shop.module("billing", at="lib/billing", tier="core").revision("b1")
    assert placed(shop, "--requires", "billing") == "lib/loyalty"
    written = tomllib.loads(text(shop, "modalembic.toml"))["module"]["loyalty"]
    assert written == {"package": "lib.loyalty"}
    assert (shop.root / "lib/loyalty/definition.py").exists()


def test_modules_of_entry_points_get_an_entry_point_and_are_known_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = ProjectFiles(tmp_path / "shop").file(
        "pyproject.toml",
        """
        [project]
        name = "shop"
        version = "1"

        [project.entry-points."shop.modules"]
        billing = "shop.billing"  # money

        [tool.modalembic]
        entry_points = ["shop.modules"]
        """,
    )
    shop.module("billing", at="src/shop/billing").revision("b1")
    metadata = "src/shop-1.dist-info/"
    shop.file(f"{metadata}METADATA", "Metadata-Version: 2.1\nName: shop\nVersion: 1\n")
    shop.file(f"{metadata}entry_points.txt", "[shop.modules]\nbilling = shop.billing\n")
    monkeypatch.syspath_prepend(str(shop.root / "src"))
    result = done(new_module(shop, "loyalty", "--requires", "billing"))
    assert "install the project again" in result.out
    document = tomllib.loads(text(shop, "pyproject.toml"))
    assert document["project"]["entry-points"]["shop.modules"] == {
        "billing": "shop.billing",
        "loyalty": "shop.loyalty",
    }
    assert document["tool"]["modalembic"]["module"]["loyalty"]["package"] == "shop.loyalty"
    assert loaded(shop).module("loyalty").directory == shop.root / "src/shop/loyalty"
    installed = "[shop.modules]\nbilling = shop.billing\nloyalty = shop.loyalty\n"
    shop.file(f"{metadata}entry_points.txt", installed)
    assert loaded(shop).module_order == ("billing", "loyalty")


def test_windows_line_ends_of_the_configuration_are_kept(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, "", "lib/billing")
    configuration = '[tool.modalembic]\r\nmodules = ["lib/billing"]\r\n\r\n[tool.alembic]\r\n'
    (shop.root / "pyproject.toml").write_bytes(configuration.encode())
    done(new_module(shop, "loyalty"))
    content = (shop.root / "pyproject.toml").read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") > 4


def test_packages_that_are_made_on_the_way_are_packages(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = ["src/shop/parts/*"]')
    (shop.root / "src").mkdir()
    placed(shop)
    found = sorted(path.parent.name for path in shop.root.rglob("__init__.py"))
    assert {"shop", "parts", "loyalty"} <= set(found)
    assert "src" not in found


def test_a_package_without_init_that_is_there_stays_what_it_is(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = ["app/modules/*"]')
    (shop.root / "app/modules").mkdir(parents=True)
    placed(shop)
    assert not (shop.root / "app/__init__.py").exists()
    assert not (shop.root / "app/modules/__init__.py").exists()


def test_below_a_package_without_init_nothing_gets_one(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = ["packages/*/src/*"]', "packages/cms/src/cms")
    placed(shop)
    directory = shop.root / "packages/loyalty"
    assert [path.parent.name for path in directory.rglob("src/*/__init__.py")] == ["loyalty"]
    assert not (directory / "__init__.py").exists()


def test_revisions_go_where_other_modules_have_theirs(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = ["app/modules/*"]')
    for name in ("billing", "orders"):
        files = shop.module(name, requires=[])
        files.versions = "migrations"
        files.revision(f"{name}1")
    shop.module("cms", requires=[]).revision("c1")
    placed(shop)
    location = loaded(shop).module("loyalty").location
    assert location == shop.root / "app/modules/loyalty/migrations"


def test_revisions_go_where_the_configuration_has_them(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, 'modules = ["app/modules/*"]\nversions = "db/history"')
    placed(shop)
    assert loaded(shop).module("loyalty").location == shop.root / "app/modules/loyalty/db/history"
