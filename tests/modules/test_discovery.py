from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from modalembic.config import load_configuration
from modalembic.errors import (
    ConfigurationError,
    DuplicateModule,
    ManifestError,
    MissingLocation,
    ModalembicError,
    ModuleInZip,
    ModuleNameError,
    ModuleNotFound,
    UnknownModule,
)
from modalembic.modules import Discovery, Module, discover
from tests.projects import GLOB, ProjectFiles, SitePackages


def found(project: ProjectFiles, *search: Path) -> Discovery:
    configuration = load_configuration(project.root, environ=project.environ)
    return discover(configuration, search or (project.root,))


def modules(project: ProjectFiles) -> dict[str, Module]:
    """The modules by name, of a project with nothing wrong."""
    discovery = found(project)
    assert not discovery.problems
    return {module.name: module for module in discovery.modules}


def problem(project: ProjectFiles, kind: type[ModalembicError]) -> ModalembicError:
    """The only thing that is wrong with the project."""
    (error,) = found(project).problems
    assert isinstance(error, kind)
    assert error.hint
    return error


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SitePackages:
    packages = SitePackages(tmp_path / "site")
    packages.path.mkdir()
    monkeypatch.syspath_prepend(packages.path)
    return packages


# --- directories ---------------------------------------------------------------------------------


def test_every_directory_of_a_glob_is_a_module(project: ProjectFiles) -> None:
    project.module("billing").revision("b1")
    project.module("cms")
    project.file("app/modules/__init__.py").file("app/modules/__pycache__/x.py")
    project.file("app/modules/_private/__init__.py").file("app/modules/.hidden/x.py")
    assert list(modules(project)) == ["billing", "cms"]
    billing = modules(project)["billing"]
    assert billing.directory == project.root / "app/modules/billing"
    assert billing.package == "app.modules.billing"
    assert billing.models == ("app.modules.billing.models",)
    assert billing.location == project.root / "app/modules/billing/migrations/versions"
    assert (billing.tier, billing.requires, billing.central) == ("optional", (), False)
    assert str(billing.origin) == str(billing.directory)


def test_a_module_without_revisions_is_valid(project: ProjectFiles) -> None:
    project.module("cms")
    assert modules(project)["cms"].location is None


def test_several_globs_may_match_one_directory(project: ProjectFiles) -> None:
    project.configure('modules = ["app/modules/*", "app/*/billing", "app/modules/../modules/cms"]')
    project.module("billing").file("definition.py", "ModuleDefinition(tier=x())")
    project.module("cms")
    discovery = found(project)
    assert [module.name for module in discovery.modules] == ["billing", "cms"]
    assert len(discovery.problems) == 1


def test_one_directory_may_be_named_without_a_star(project: ProjectFiles) -> None:
    project.configure('modules = "app/modules/billing"').module("billing")
    project.module("cms")
    assert list(modules(project)) == ["billing"]


def test_a_directory_without_python_is_no_module_and_says_so(project: ProjectFiles) -> None:
    (project.root / "app/modules/empty").mkdir(parents=True)
    discovery = found(project)
    assert discovery.modules == ()
    (warning,) = discovery.warnings
    assert warning.code == "empty-module"
    assert warning.message == "empty has no Python file, so it is no module"
    assert warning.hint == "add its __init__.py, or remove the directory"
    assert warning.path == project.root / "app/modules/empty"


def test_a_glob_that_matches_nothing_is_a_warning_with_its_line(project: ProjectFiles) -> None:
    project.configure('modules = [\n  "app/modules/*",\n  "nowhere/*",\n]').module("cms")
    (warning,) = found(project).warnings
    assert warning.code == "unmatched-pattern"
    assert warning.message == "modules: 'nowhere/*' matches no directory"
    assert (warning.path, warning.line) == (project.root / "pyproject.toml", 2)


@pytest.mark.parametrize("pattern", ["/abs/*", "a**/x", "."])
def test_a_glob_that_cannot_be_one_is_a_configuration_error(
    project: ProjectFiles, pattern: str
) -> None:
    if sys.version_info >= (3, 13) and "**" in pattern:
        pytest.xfail("a pattern since Python 3.13")
    project.configure(f'modules = ["{pattern}"]')
    with pytest.raises(ConfigurationError) as caught:
        found(project)
    assert f"modules: {pattern!r} is not a pattern" in caught.value.message
    assert caught.value.line == 2


def test_revisions_are_looked_for_where_the_configuration_says(project: ProjectFiles) -> None:
    project.configure('modules = ["app/modules/*"]\nversions = ["db", "migrations"]')
    project.module("billing").file("db/b1.py").file("migrations/b2.py")
    project.module("cms").file("migrations/c1.py")
    assert modules(project)["billing"].location == project.root / "app/modules/billing/db"
    assert modules(project)["cms"].location == project.root / "app/modules/cms/migrations"


def test_an_alembic_environment_is_no_version_location(project: ProjectFiles) -> None:
    project.module("billing").file("migrations/env.py", "raise RuntimeError")
    assert modules(project)["billing"].location is None


# --- manifests -----------------------------------------------------------------------------------


def test_a_manifest_says_what_a_module_is(project: ProjectFiles) -> None:
    project.module("core")
    project.module("bill", tier="core", requires=["core"], models_path="tables").file(
        "definition.py", (project.root / "app/modules/bill/definition.py").read_text() + "1 / 0\n"
    )
    bill = modules(project)["bill"]
    assert (bill.tier, bill.requires) == ("core", ("core",))
    assert bill.models == ("app.modules.bill.tables",)
    assert str(bill.origin) == f"{project.root / 'app/modules/bill/definition.py'}:1"


@pytest.mark.parametrize(
    ("written", "models"),
    [
        ("'tables'", "app.modules.cms.tables"),
        ("'.db.tables'", "app.modules.cms.db.tables"),
        ("'other.models'", "other.models"),
    ],
)
def test_where_a_manifest_says_the_models_are(
    project: ProjectFiles, written: str, models: str
) -> None:
    project.module("cms").file("definition.py", f"ModuleDefinition(models_path={written})")
    assert modules(project)["cms"].models == (models,)


@pytest.mark.parametrize(
    "written", ["db/versions", "db", "app.modules.cms.db.versions", "db.versions"]
)
def test_where_a_manifest_says_the_migrations_are(project: ProjectFiles, written: str) -> None:
    project.module("cms", migrations_path=written).file("db/versions/c1.py", "revision = 'c1'\n")
    assert modules(project)["cms"].location == project.root / "app/modules/cms/db/versions"


def test_migrations_that_a_manifest_names_have_to_be_there(project: ProjectFiles) -> None:
    project.module("cms", migrations_path="gone")
    error = problem(project, MissingLocation)
    where = project.root / "app/modules/cms"
    assert error.code == "missing-location"
    assert error.message == f"the version location {where / 'gone'} does not exist"
    assert (error.path, error.line) == (where / "definition.py", 1)


def test_a_path_to_migrations_that_is_computed_falls_back_to_the_convention(
    project: ProjectFiles,
) -> None:
    cms = project.module("cms").file("definition.py", "ModuleDefinition(migrations_path=HERE)")
    error = problem(project, ManifestError)
    assert error.message.startswith("migrations_path is HERE, which cannot be read")
    cms.revision("c1")
    assert modules(project)["cms"].location is not None


def test_what_a_manifest_hides_may_be_said_in_the_configuration(project: ProjectFiles) -> None:
    project.module("core")
    project.module("cms").file(
        "definition.py", "ModuleDefinition(code='cms', tier=t(), requires=r())"
    )
    assert [error.message.split()[0] for error in found(project).problems] == ["tier", "requires"]
    project.configure(f'{GLOB}\n[tool.modalembic.module.cms]\ntier = "core"\nrequires = ["core"]\n')
    assert modules(project)["cms"].requires == ("core",)


def test_a_manifest_that_does_not_parse_leaves_the_defaults(project: ProjectFiles) -> None:
    project.module("cms").file("definition.py", "ModuleDefinition(")
    (error,) = found(project).problems
    assert isinstance(error, ManifestError)
    assert error.line == 1
    assert [module.name for module in found(project).modules] == ["cms"]
    assert not found(project).warnings


def test_a_manifests_file_without_its_symbol_is_a_warning(project: ProjectFiles) -> None:
    project.module("cms").file("definition.py", "MODULE = Module(code='pages')")
    discovery = found(project)
    assert [module.name for module in discovery.modules] == ["cms"]
    (warning,) = discovery.warnings
    assert warning.code == "manifest-without-symbol"
    assert warning.message.startswith("cms: definition.py has no ModuleDefinition, so the module")
    assert warning.hint == "say in [tool.modalembic.manifest] what to look for"


def test_an_applications_own_manifest_is_described_once(project: ProjectFiles) -> None:
    project.configure("""
        modules = ["app/modules/*"]
        [tool.modalembic.manifest]
        file = "module.py"
        symbol = "Module.config"
        name = "slug"
        requires = ["needs"]
        tier = "level"
        tiers = { base = "core" }
    """)
    project.module("pages").file(
        "module.py", "class Module:\n    config = {'slug': 'cms', 'needs': [], 'level': 'base'}\n"
    )
    assert modules(project)["cms"].tier == "core"


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["head", "heads", "base", "bases", "current"])
def test_a_name_that_means_something_as_a_target_is_refused(
    project: ProjectFiles, name: str
) -> None:
    project.module(name)
    error = problem(project, ModuleNameError)
    assert error.code == "module-name"
    assert error.message == (
        f"a module cannot have this name: {name!r} means something else as a target of an upgrade"
    )
    assert error.path == project.root / f"app/modules/{name}"


@pytest.mark.parametrize("name", ["a b", "a@b", "a:b", "a+b", "größe", "1st", "-x", ""])
def test_a_name_that_a_target_cannot_spell_is_refused(project: ProjectFiles, name: str) -> None:
    project.configure(f'[tool.modalembic.module."{name}"]\npath = "app/modules/cms"').module("cms")
    error = problem(project, ModuleNameError)
    assert f"{name!r} is not made of letters, digits" in error.message
    assert (error.path, error.line) == (project.root / "pyproject.toml", 2)


def test_two_modules_with_one_name_are_named_with_both_places(project: ProjectFiles) -> None:
    project.module("a", code="cms")
    project.module("b").file("definition.py", "\nModuleDefinition(code='cms')")
    error = problem(project, DuplicateModule)
    a, b = (project.root / f"app/modules/{name}/definition.py" for name in "ab")
    assert error.code == "duplicate-module"
    assert error.message == f"two modules are called 'cms': {a}:1 and {b}:2"
    assert (error.path, error.line) == (b, 2)


def test_a_central_location_and_a_module_of_one_name_are_both_named(project: ProjectFiles) -> None:
    project.configure(f'{GLOB}\n[tool.modalembic.locations]\ncore = "alembic/versions"')
    project.location("alembic/versions")
    project.module("core")
    error = problem(project, DuplicateModule)
    assert f"{project.root / 'pyproject.toml'}:4 and " in error.message
    assert error.message.endswith(str(project.root / "app/modules/core"))


# --- entry points --------------------------------------------------------------------------------


def points(group: str = "modalembic.modules", **values: str) -> str:
    return f"[{group}]\n" + "\n".join(f"{name} = {value}" for name, value in values.items())


def test_an_entry_point_names_a_package_that_is_never_imported(
    project: ProjectFiles, site: SitePackages
) -> None:
    broken = {"__init__.py": "raise RuntimeError", "migrations/versions/x1.py": ""}
    site.package("ext_cms", broken).distribution("ext-cms", points(cms="ext_cms"))
    project.configure('entry_points = ["modalembic.modules"]')
    cms = modules(project)["cms"]
    assert cms.origin.kind == "entry point"
    assert cms.package == "ext_cms"
    assert cms.models == ("ext_cms.models",)
    assert cms.location == site.path / "ext_cms/migrations/versions"
    assert "ext_cms" not in sys.modules


def test_an_entry_point_may_name_the_package_of_the_revisions_or_a_directory_in_it(
    project: ProjectFiles, site: SitePackages
) -> None:
    one = {"__init__.py": "", "x1.py": "revision = 'x1'\n"}
    site.package("ext_one.alembic", one).package("ext_two", {"alembic/y1.py": ""})
    site.distribution(
        "ext", points("invenio_db.alembic", one="ext_one.alembic", two="ext_two:alembic [db]")
    )
    project.configure('entry_points = "invenio_db.alembic"')
    assert {name: module.location for name, module in modules(project).items()} == {
        "one": site.path / "ext_one/alembic",
        "two": site.path / "ext_two/alembic",
    }


def test_two_entry_points_may_share_a_package(project: ProjectFiles, site: SitePackages) -> None:
    site.package("ext_pkg", {"a/x1.py": "", "b/y1.py": ""})
    site.distribution("ext", points(one="ext_pkg:a", two="ext_pkg:b"))
    project.configure('entry_points = ["modalembic.modules"]')
    assert list(modules(project)) == ["one", "two"]


def test_a_module_found_in_two_ways_is_one_module(
    project: ProjectFiles, site: SitePackages
) -> None:
    site.package("ext_pkg", {"alembic/x1.py": ""})
    site.distribution("ext", points(cms="ext_pkg") + "\n" + points("more", cms="ext_pkg:alembic"))
    project.configure('entry_points = ["modalembic.modules", "more"]')
    assert modules(project)["cms"].location == site.path / "ext_pkg/alembic"


def test_a_group_that_nobody_serves_is_a_warning(project: ProjectFiles) -> None:
    project.configure(f'{GLOB}\nentry_points = ["no.such.group"]').module("cms")
    (warning,) = found(project).warnings
    assert warning.code == "unmatched-entry-points"
    assert "'no.such.group'" in warning.message
    assert warning.line == 3


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("ext_gone", ModuleNotFound, "there is no package 'ext_gone'"),
        ("ext_pkg.file", ModuleNotFound, "'ext_pkg.file' is a file, not a package"),
        ("ext_pkg:gone", MissingLocation, "the version location "),
    ],
)
def test_an_entry_point_that_leads_nowhere_is_named(
    project: ProjectFiles,
    site: SitePackages,
    value: str,
    kind: type[ModalembicError],
    message: str,
) -> None:
    site.package("ext_pkg", {"file.py": ""}).distribution("ext", points(cms=value))
    project.configure('entry_points = ["modalembic.modules"]')
    error = problem(project, kind)
    assert error.message.startswith(f"entry point cms = {value} of modalembic.modules: {message}")


def test_an_entry_point_into_an_archive_is_refused_by_name(
    project: ProjectFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "ext.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("ext_zipped/__init__.py", "")
        file.writestr(
            "ext-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: ext\nVersion: 1\n"
        )
        file.writestr("ext-1.0.dist-info/entry_points.txt", points(cms="ext_zipped:alembic"))
    monkeypatch.syspath_prepend(archive)
    project.configure('entry_points = ["modalembic.modules"]')
    error = problem(project, ModuleInZip)
    assert error.message.startswith("entry point cms = ext_zipped:alembic of modalembic.modules: ")
    assert f"'ext_zipped' is inside an archive ({archive}{os.sep}ext_zipped)" in error.message
    assert (error.path, error.line) == (project.root / "pyproject.toml", 2)


# --- tables in the configuration -----------------------------------------------------------------


def test_a_table_declares_a_module(project: ProjectFiles, site: SitePackages) -> None:
    site.package("ext_cms", {"migrations/c1.py": ""})
    project.configure("""
        [tool.modalembic.module.billing]
        path = "lib/billing"
        versions = "db"
        tier = "core"
        models = ["{package}.tables", "shared.tables"]

        [tool.modalembic.module.cms]
        package = "ext_cms"
        requires = ["billing"]
        multiple_heads = true
    """)
    project.file("lib/billing/definition.py", "ModuleDefinition(code='other')")
    project.file("lib/billing/db/b1.py")
    billing, cms = modules(project)["billing"], modules(project)["cms"]
    assert (billing.tier, billing.location) == ("core", project.root / "lib/billing/db")
    assert billing.models == ("lib.billing.tables", "shared.tables")
    assert (cms.requires, cms.multiple_heads) == (("billing",), True)
    assert cms.location == site.path / "ext_cms/migrations"


def test_a_table_corrects_what_a_discovered_module_says(project: ProjectFiles) -> None:
    project.configure(f"""
        {GLOB}
        multiple_heads = true
        [tool.modalembic.module.cms]
        path = "app/modules/pages"
        tier = "internal"
        requires = []
        versions = "other"
        multiple_heads = false
        labels = {{ main = "cms_main" }}
        package = "pages"
    """)
    project.module("pages", code="cms", tier="core", requires=["gone"]).file("other/c1.py")
    project.module("billing")
    cms = modules(project)["cms"]
    assert (cms.tier, cms.requires, cms.multiple_heads) == ("internal", (), False)
    assert cms.location == project.root / "app/modules/pages/other"
    assert (cms.package, cms.models) == ("pages", ("pages.models",))
    assert cms.labels == {"main": "cms_main"}
    assert modules(project)["billing"].multiple_heads


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('tier = "core"', "module.cms: no module of this name is discovered, and the table has"),
        ('path = "gone"', "module.cms: there is no directory gone"),
        ('package = "no_such_pkg"', "module.cms: there is no package 'no_such_pkg'"),
    ],
)
def test_a_table_that_leads_nowhere_is_named_with_its_line(
    project: ProjectFiles, table: str, message: str
) -> None:
    project.configure(f"{GLOB}\n\n[tool.modalembic.module.cms]\n{table}\n").module("billing")
    error = problem(project, ModuleNotFound)
    assert error.message.startswith(message)
    assert (error.path, error.line) == (project.root / "pyproject.toml", 4)


def test_a_table_for_a_discovered_module_that_names_another_directory_is_a_second_module(
    project: ProjectFiles,
) -> None:
    project.configure(f'{GLOB}\n[tool.modalembic.module.cms]\npath = "lib/cms"\n')
    project.module("cms").project.file("lib/cms/__init__.py")
    error = problem(project, DuplicateModule)
    assert str(project.root / "app/modules/cms") in error.message
    assert f"{project.root / 'pyproject.toml'}:3" in error.message


def test_requirements_of_a_table_are_blamed_on_the_table(project: ProjectFiles) -> None:
    project.configure(f'{GLOB}\n[tool.modalembic.module.cms]\nrequires = ["gone"]\n')
    project.module("cms", tier="core")
    error = problem(project, UnknownModule)
    assert (error.path, error.line) == (project.root / "pyproject.toml", 3)


# --- central locations ---------------------------------------------------------------------------


def test_a_central_history_is_one_more_location(project: ProjectFiles, site: SitePackages) -> None:
    site.package("ext_core", {"alembic/x1.py": ""})
    project.configure(f"""
        {GLOB}
        locations = {{ legacy = "alembic", ext = "ext_core:alembic" }}
        [tool.modalembic.module.legacy]
        multiple_heads = true
    """)
    project.file("alembic/env.py").location("alembic/versions").revision("x1")
    project.module("cms", tier="core")
    assert [(m.name, m.tier, m.central) for m in modules(project).values()] == [
        ("ext", "core", True),
        ("legacy", "core", True),
        ("cms", "core", False),
    ]
    legacy = modules(project)["legacy"]
    assert legacy.location == project.root / "alembic/versions"
    assert (legacy.directory, legacy.package, legacy.models) == (None, None, ())
    assert legacy.multiple_heads
    assert str(legacy.origin) == f"{project.root / 'pyproject.toml'}:4"


@pytest.mark.parametrize(
    ("where", "kind", "message"),
    [
        ("gone", MissingLocation, "locations.core: the version location "),
        ("ext_gone:alembic", ModuleNotFound, "locations.core: there is no package 'ext_gone'"),
    ],
)
def test_a_central_location_that_is_not_there_is_named_with_its_line(
    project: ProjectFiles, where: str, kind: type[ModalembicError], message: str
) -> None:
    project.configure(f'{GLOB}\n[tool.modalembic.locations]\ncore = "{where}"\n').module("cms")
    error = problem(project, kind)
    assert error.message.startswith(message)
    assert (error.path, error.line) == (project.root / "pyproject.toml", 4)
