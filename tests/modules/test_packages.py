from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from modalembic.errors import ModuleInZip, ModuleNotFound
from modalembic.modules.packages import dotted_name, package_directory
from tests.projects import SitePackages

NAMED_IN = Path("pyproject.toml")


def find(name: str, *search: Path) -> Path:
    return package_directory(name, search, named_in=NAMED_IN, line=3)


def test_a_package_is_found_though_its_parent_cannot_be_imported(tmp_path: Path) -> None:
    site = SitePackages(tmp_path).package("broken_shop", {"__init__.py": "raise RuntimeError"})
    site.package("broken_shop.billing")
    assert find("broken_shop.billing", tmp_path) == tmp_path / "broken_shop/billing"
    assert not [name for name in sys.modules if name.startswith("broken_shop")]


def test_the_projects_directories_come_before_the_installed_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SitePackages(tmp_path / "site").package("shop_pkg")
    SitePackages(tmp_path / "src").package("shop_pkg")
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert find("shop_pkg", tmp_path / "src") == tmp_path / "src/shop_pkg"
    assert find("shop_pkg") == tmp_path / "site/shop_pkg"


def test_a_mere_directory_does_not_hide_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own rule: a directory without `__init__.py` is a package if there is no other."""
    (tmp_path / "project/shop_pkg").mkdir(parents=True)
    SitePackages(tmp_path / "site").package("shop_pkg")
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert find("shop_pkg", tmp_path / "project") == tmp_path / "site/shop_pkg"


def test_packages_without_init_are_found_at_every_depth(tmp_path: Path) -> None:
    (tmp_path / "space/of/names").mkdir(parents=True)
    (tmp_path / "space/of/names/x.py").touch()
    assert find("space.of.names", tmp_path) == tmp_path / "space/of/names"


@pytest.mark.parametrize("name", ["nowhere", "shop_pkg.nowhere", "shop_pkg.file.deeper", ""])
def test_a_package_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    SitePackages(tmp_path).package("shop_pkg", {"file.py": ""})
    with pytest.raises(ModuleNotFound) as caught:
        find(name, tmp_path)
    assert caught.value.code == "module-not-found"
    assert caught.value.message == f"there is no package {name!r}"
    assert caught.value.hint is not None
    assert "sys_path" in caught.value.hint
    assert (caught.value.path, caught.value.line) == (NAMED_IN, 3)


def test_a_file_is_no_package(tmp_path: Path) -> None:
    SitePackages(tmp_path).package("shop_pkg", {"file.py": ""})
    with pytest.raises(ModuleNotFound) as caught:
        find("shop_pkg.file", tmp_path)
    assert caught.value.message == "'shop_pkg.file' is a file, not a package"
    assert caught.value.hint == "name the package that holds it"


def test_a_package_in_an_archive_is_refused_by_name(tmp_path: Path) -> None:
    archive = tmp_path / "shop.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_shop/__init__.py", "")
        file.writestr("zipped_shop/versions/a1.py", "")
    with pytest.raises(ModuleInZip) as caught:
        find("zipped_shop", archive)
    assert caught.value.code == "module-in-zip"
    assert caught.value.message == (
        f"package 'zipped_shop' is inside an archive ({archive}/zipped_shop); "
        "revision files have to be files"
    )
    assert caught.value.hint == "install it unpacked"
    assert (caught.value.path, caught.value.line) == (NAMED_IN, 3)


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("src/app/billing", "app.billing"),
        ("tools/x", "tools.x"),
        ("src/my-app", None),
        ("../elsewhere", None),
        (".", None),
    ],
)
def test_a_directorys_dotted_name(tmp_path: Path, directory: str, name: str | None) -> None:
    path = (tmp_path / directory).resolve()
    assert dotted_name(path, [tmp_path, tmp_path / "src"]) == name
