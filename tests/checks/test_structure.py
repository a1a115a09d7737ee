"""`check structure`: version_locations against what is discovered, and `--fix`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from modalembic.authoring.locations import write_version_locations
from modalembic.checks.structure import check_structure
from modalembic.checks.structure.locations import RULE
from modalembic.errors import ConfigurationError
from tests.projects import GLOB, ProjectFiles, SitePackages
from tests.runtime.support import done, modalembic

LISTED = """
# before
[tool.alembic]
script_location = "%(here)s/migrations"
version_locations = [  # read before env.py
    # money
    "%(here)s/app/modules/billing/migrations/versions",  # first
    'app/modules/orders/migrations/versions'
]  # end
prepend_sys_path = ["%(here)s"]
# after
"""
ADDED = """
# before
[tool.alembic]
script_location = "%(here)s/migrations"
version_locations = [  # read before env.py
    # money
    "%(here)s/app/modules/billing/migrations/versions",  # first
    'app/modules/orders/migrations/versions',
    "%(here)s/app/modules/cms/migrations/versions",
]  # end
prepend_sys_path = ["%(here)s"]
# after
"""
REMOVED = """
# before
[tool.alembic]
script_location = "%(here)s/migrations"
version_locations = [  # read before env.py
    # money
    'app/modules/orders/migrations/versions'
]  # end
prepend_sys_path = ["%(here)s"]
# after
"""
INI = """
[alembic]
; ours
script_location = %(here)s/migrations
path_separator = newline
version_locations =
    %(here)s/app/modules/billing/migrations/versions
    # why
    %(here)s/app/modules/orders/migrations/versions
sqlalchemy.url = postgresql://

[loggers]
keys = root
"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = ProjectFiles(tmp_path / "my shop").configure(f"{GLOB}\n{LISTED}")
    project.file("migrations/env.py")
    project.module("billing").revision("b1")
    project.module("orders").revision("o1")
    return project


def in_ini(project: ProjectFiles, text: str = INI) -> ProjectFiles:
    return project.configure(GLOB).file("alembic.ini", text)


def toml(project: ProjectFiles) -> str:
    """What stands below modalembic's own table."""
    return (project.root / "pyproject.toml").read_text().partition(GLOB + "\n")[2]


def as_alembic_reads_it(project: ProjectFiles) -> set[str]:
    ini, pyproject = project.root / "alembic.ini", project.root / "pyproject.toml"
    config = Config(str(ini) if ini.exists() else None, toml_file=str(pyproject))
    with chdir(project.root):
        script = ScriptDirectory.from_config(config)
        return {revision.revision for revision in script.walk_revisions()}


def test_a_list_that_is_right_has_no_finding(project: ProjectFiles) -> None:
    assert list(check_structure(project.load())) == []
    assert write_version_locations(project.load()) == ()
    assert done(modalembic(project, "check", "structure")).out == "no findings (structure)\n"


class TestAModuleThatIsMissing:
    @pytest.mark.parametrize("place", ["pyproject.toml", "alembic.ini"])
    def test_is_found(self, project: ProjectFiles, place: str) -> None:
        if place == "alembic.ini":
            in_ini(project)
        project.module("cms").revision("m1")
        (finding,) = check_structure(project.load())
        assert (finding.rule, finding.severity, finding.module) == (RULE, "error", "cms")
        assert (finding.expected, finding.actual) == ("listed", "missing")
        assert finding.path == project.root / place
        lines = (project.root / place).read_text().splitlines()
        assert finding.line is not None
        assert lines[finding.line - 1].startswith("version_locations")
        result = modalembic(project, "--format", "json", "check", "structure")
        assert result.code == 1
        assert result.document["findings"][0]["fix"] == "modalembic check structure --fix"

    def test_is_added_and_comments_stay(self, project: ProjectFiles) -> None:
        project.module("cms").revision("m1")
        result = done(modalembic(project, "check", "structure", "--fix"))
        assert "pyproject.toml" in result.err
        assert toml(project) == ADDED
        assert as_alembic_reads_it(project) == {"b1", "o1", "m1"}

    def test_is_added_in_an_ini_file(self, project: ProjectFiles) -> None:
        in_ini(project).module("cms").revision("m1")
        done(modalembic(project, "check", "structure", "--fix"))
        orders = "    %(here)s/app/modules/orders/migrations/versions\n"
        cms = "    %(here)s/app/modules/cms/migrations/versions\n"
        assert (project.root / "alembic.ini").read_text() == INI.replace(orders, orders + cms)
        assert as_alembic_reads_it(project) == {"b1", "o1", "m1"}

    def test_is_added_where_there_was_no_list(self, project: ProjectFiles) -> None:
        for text in ('[tool.alembic]\nscript_location = "migrations"\n', "version_locations = []"):
            table = text if text.startswith("[") else f"{'[tool.alembic]'}\n{text}\n"
            project.configure(f"{GLOB}\n{table}")
            assert len(list(check_structure(project.load()))) == 2
            write_version_locations(project.load())
            assert list(check_structure(project.load())) == []
            assert text.splitlines()[-1] in toml(project) or "[" in text

    def test_is_added_to_a_list_in_one_line(self, project: ProjectFiles) -> None:
        one = '["app/modules/billing/migrations/versions", "elsewhere"]'
        project.configure(f"{GLOB}\n[tool.alembic]\nversion_locations = {one}\n")
        write_version_locations(project.load())
        assert toml(project) == (
            "[tool.alembic]\nversion_locations = [\n"
            '    "app/modules/billing/migrations/versions",\n'
            '    "%(here)s/app/modules/orders/migrations/versions",\n]\n'
        )

    def test_is_added_where_alembic_reads_it(self, project: ProjectFiles) -> None:
        """Alembic's own template has the code in pyproject.toml, the deployment in alembic.ini."""
        project.file("alembic.ini", "[alembic]\nsqlalchemy.url = postgresql://\n")
        project.module("cms").revision("m1")
        write_version_locations(project.load())
        assert toml(project) == ADDED
        assert as_alembic_reads_it(project) == {"b1", "o1", "m1"}


class TestALocationOfNoModule:
    def test_is_found(self, project: ProjectFiles) -> None:
        (project.module("billing").path / "migrations/versions/b1.py").unlink()
        project.configure(f'modules = ["app/modules/orders"]\n{LISTED}')
        (finding,) = check_structure(project.load())
        assert (finding.expected, finding.actual) == ("not listed", "listed")
        assert "billing" in finding.message

    def test_is_taken_out_and_comments_stay(self, project: ProjectFiles) -> None:
        project.configure(f'modules = ["app/modules/orders"]\n{LISTED}')
        write_version_locations(project.load())
        text = (project.root / "pyproject.toml").read_text()
        assert text.partition('orders"]\n')[2] == REMOVED

    def test_is_taken_out_of_an_ini_file(self, project: ProjectFiles) -> None:
        in_ini(project).configure('modules = ["app/modules/orders"]')
        write_version_locations(project.load())
        billing = "    %(here)s/app/modules/billing/migrations/versions\n"
        assert (project.root / "alembic.ini").read_text() == INI.replace(billing, "")


class TestTheFile:
    def test_keeps_the_line_ends_of_windows(self, project: ProjectFiles) -> None:
        path = project.root / "pyproject.toml"
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        project.module("cms").revision("m1")
        write_version_locations(project.load())
        assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")
        assert list(check_structure(project.load())) == []

    def test_is_refused_where_its_separator_cannot_carry_the_entries(
        self, project: ProjectFiles
    ) -> None:
        in_ini(project, INI.replace("newline", "os")).module("cms").revision("m1")
        with pytest.raises(ConfigurationError, match="separates paths") as caught:
            write_version_locations(project.load())
        assert "path_separator = newline" in str(caught.value.hint)

    def test_is_mended_wherever_the_list_is(self, project: ProjectFiles) -> None:
        project.configure(f"{GLOB}\n[tool]\nalembic.version_locations = []\n")
        write_version_locations(project.load())
        assert list(check_structure(project.load())) == []

    def test_is_none_where_the_project_is_not_for_stock_alembic(
        self, project: ProjectFiles
    ) -> None:
        project.configure(GLOB)
        assert list(check_structure(project.load())) == []
        assert write_version_locations(project.load()) == ()


def test_a_percent_sign_in_a_path_is_written_twice(project: ProjectFiles) -> None:
    project.module("rates", at="app/modules/rates", tier="core").revision("r1")
    odd = project.root / "app/100%"
    (project.root / "app/modules").rename(odd)
    project.configure(f'modules = ["app/100%/*"]\n{LISTED}')
    write_version_locations(project.load())
    assert list(check_structure(project.load())) == []
    assert as_alembic_reads_it(project) == {"b1", "o1", "r1"}


@pytest.fixture
def site_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SitePackages]:
    site = SitePackages(tmp_path / "site packages")
    site.package("billing_plugin", {"alembic/p1.py": _revision("p1")})
    site.distribution("billing-plugin", "[modalembic.modules]\nplugin = billing_plugin:alembic\n")
    monkeypatch.syspath_prepend(str(site.path))
    yield site
    sys.modules.pop("billing_plugin", None)


def _revision(id_: str) -> str:
    return f'revision = "{id_}"\ndown_revision = None\n\ndef upgrade():\n    pass\n'


def test_an_installed_package_is_written_as_package_and_directory(
    project: ProjectFiles, site_packages: SitePackages
) -> None:
    project.configure(f'{GLOB}\nentry_points = ["modalembic.modules"]\n{LISTED}')
    (finding,) = check_structure(project.load())
    assert finding.module == "plugin"
    write_version_locations(project.load())
    assert '    "billing_plugin:alembic",\n' in (project.root / "pyproject.toml").read_text()
    assert list(check_structure(project.load())) == []
    assert as_alembic_reads_it(project) == {"b1", "o1", "p1"}


def test_an_installed_package_that_is_gone_is_found(project: ProjectFiles) -> None:
    project.configure(
        f"{GLOB}\n{LISTED}".replace("    # money", '    "nosuchpackage:alembic",\n    # money')
    )
    (finding,) = check_structure(project.load())
    assert finding.name == "nosuchpackage:alembic"
    write_version_locations(project.load())
    assert list(check_structure(project.load())) == []
