"""`adopt`, in projects of every layout: what it writes, and what databases make of it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modalembic.checks.history import check_history
from modalembic.checks.structure.locations import version_locations
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from tests.authoring.adopt.layouts import (
    ASYNC,
    GENERIC,
    INI,
    INVOICES,
    STUBBORN,
    generic,
    revision_of,
    with_models,
)
from tests.checks.repository import repository
from tests.projects import ProjectFiles
from tests.runtime.support import (
    alembic_process,
    done,
    fetch,
    modalembic,
    modalembic_process,
    sql,
    tables,
    versions,
)

# What Alembic says of ini files that are older than it.
pytestmark = pytest.mark.filterwarnings("ignore:.*path_separator:DeprecationWarning")

Make = Callable[[], str]


def configuration(project: ProjectFiles, file: str = "pyproject.toml") -> dict[str, Any]:
    document = tomllib.loads((project.root / file).read_text())
    found: dict[str, Any] = document["tool"]["modalembic"] if file == "pyproject.toml" else document
    return found


def stock(project: ProjectFiles, url: str, *arguments: str) -> str:
    """Stock Alembic on a database, by an ini file of its own beside the project's."""
    given = f"sqlalchemy.url={DatabaseURL.parse(url).sqlalchemy}"
    script = (
        "import sys; from alembic.config import CommandLine, Config; line = CommandLine();"
        "options = line.parser.parse_args(sys.argv[2:]); config = Config('alembic.ini', "
        "cmd_opts=options); config.set_main_option(*sys.argv[1].split('=', 1));"
        "line.run_cmd(config, options)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, given, *arguments],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def files_below(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_a_linear_history_becomes_the_central_location(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop").file("pyproject.toml", '[project]\nname = "shop"  # us\n')
    project.module("billing")
    before = files_below(project.root)
    document = done(modalembic(project, "adopt", "--format", "json")).document
    assert document["locations"] == {"legacy": str(project.root / "migrations/versions")}
    (module,) = document["modules"]
    assert (module["module"], module["depends_on"], module["tables"]) == ("billing", ["aa2"], [])
    text = (project.root / "pyproject.toml").read_text()
    assert text.startswith('[project]\nname = "shop"  # us\n\n[tool.modalembic]\n')
    assert configuration(project) == {
        "modules": ["app/modules/*"],
        "locations": {"legacy": "migrations/versions"},
    }
    after = files_below(project.root)
    assert {name for name in before if after[name] != before[name]} == {
        "alembic.ini",
        "pyproject.toml",
    }
    loaded = Project.load(project.root)
    loaded.require_sound()
    assert list(version_locations(loaded)) == []
    assert [f for f in check_history(loaded) if f.severity != "info"] == []


def test_a_database_that_stock_alembic_upgraded_runs_the_empty_revision_alone(
    tmp_path: Path, make_database: Make
) -> None:
    project = generic(tmp_path / "shop")
    project.module("billing")
    ours, theirs, empty = make_database(), make_database(), make_database()
    for url in (ours, theirs):
        stock(project, url, "upgrade", "head")
    done(modalembic(project, "adopt"))
    first = revision_of(project, "billing")
    document = done(modalembic(project, "upgrade", "heads", "--format", "json", url=ours)).document
    assert [step["revision"] for step in document["applied"]] == [first]
    stock(project, theirs, "upgrade", "heads")
    stock(project, empty, "upgrade", "heads")
    for url in (ours, theirs, empty):
        assert tables(url) == {"invoices", "orders"}
        assert versions(url) == {first}
    assert f"{first} (billing) (head)" in stock(project, ours, "heads")
    assert f"{first} (head)" in stock(project, ours, "current")


def test_the_rollback_that_it_names_leaves_what_an_older_image_knows(
    tmp_path: Path, make_database: Make
) -> None:
    project = generic(tmp_path / "shop")
    project.module("billing")
    project.module("catalog")
    document = done(modalembic(project, "adopt", "--format", "json")).document
    url = make_database()
    done(modalembic(project, "upgrade", url=url))
    assert len(document["rollback"]) == 2
    for line in document["rollback"]:
        done(modalembic(project, *line.split()[1:], url=url))
    assert versions(url) == {"aa2"}
    assert tables(url) == {"invoices", "orders"}


def test_an_environment_that_knows_its_own_database_alone_is_given_the_line_it_needs(
    tmp_path: Path, make_database: Make
) -> None:
    project = with_models(generic(tmp_path / "shop", STUBBORN))
    document = done(modalembic_process(project, "adopt", "--format", "json")).document
    by_name = {module["module"]: module for module in document["modules"]}
    assert by_name["billing"]["tables"] == ["invoices"]
    assert by_name["catalog"]["tables"] == []
    assert configuration(project, "modalembic.toml") == {
        "modules": ["app/modules/*"],
        "locations": {"legacy": "migrations/versions"},
        "metadata": "app.db:Base",
        "module": {"legacy": {"models": ["app.models"]}},
    }
    connecting = 'context.config.attributes.get("connection") or engine.connect()'
    edited = (project.root / "migrations/env.py").read_text().splitlines()
    changed = [pair for pair in zip(STUBBORN.splitlines(), edited, strict=True) if len({*pair}) > 1]
    assert changed == [
        (
            "with engine.connect() as connection:  # ours",
            f"with {connecting} as connection:  # ours",
        )
    ]
    (revision,) = (project.root / "app/modules/billing/migrations/versions").glob("*.py")
    assert "Takes over from legacy:\n\n- invoices\n" in revision.read_text()
    url = make_database()
    done(modalembic_process(project, "upgrade", "heads", url=url))
    assert tables(url) == {"invoices", "orders"}


def test_an_asynchronous_environment_is_given_the_lines_it_needs(
    tmp_path: Path, make_database: Make
) -> None:
    project = generic(tmp_path / "shop", ASYNC)
    project.module("billing")
    done(modalembic(project, "adopt"))
    text = (project.root / "migrations/env.py").read_text()
    assert (
        "def run_migrations_online():\n"
        '    if (given := context.config.attributes.get("connection")) is not None:\n'
        "        do_run_migrations(given)\n"
        "    else:\n"
        "        asyncio.run(run_async_migrations())\n"
    ) in text
    url = make_database()
    done(modalembic(project, "upgrade", "heads", url=url))
    assert tables(url) == {"invoices", "orders"}


def test_a_project_below_the_top_of_its_repository(tmp_path: Path) -> None:
    project = with_models(generic(tmp_path / "all/server", STUBBORN))
    kept = repository(tmp_path / "all", project)
    done(modalembic_process(project, "adopt"))
    changed = kept.git("status", "--porcelain", "--untracked-files=all").splitlines()
    expected = [".gitignore", "alembic.ini", "migrations/env.py", "modalembic.toml"]
    for name in ("billing", "catalog"):
        location = f"app/modules/{name}/migrations/versions"
        first = revision_of(project, name)
        expected += [f"{location}/HEAD", f"{location}/{first}_start_the_{name}_branch.py"]
    assert {line.split()[1] for line in changed} == {f"server/{name}" for name in expected}


def test_the_driver_of_the_projects_database_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODALEMBIC_DATABASE_URL", "postgresql+asyncpg://nobody@127.0.0.1:1/x")
    project = generic(tmp_path / "shop", ASYNC)
    project.module("billing")
    done(modalembic(project, "adopt", "--dry-run"))


def test_several_branches_in_one_directory_stay_several(
    tmp_path: Path, make_database: Make
) -> None:
    project = generic(tmp_path / "shop")
    project.location("migrations/versions").revision("bb1", labels="reports")
    project.location("migrations/versions").revision("cc1", labels="audit")
    project.module("billing")
    document = done(modalembic(project, "adopt", "--format", "json")).document
    assert document["modules"][0]["depends_on"] == ["aa2", "bb1", "cc1"]
    found = configuration(project, "modalembic.toml")
    assert found["locations"] == {"legacy": "migrations/versions"}
    assert found["module"] == {"legacy": {"multiple_heads": True}}
    url = make_database()
    stock(project, url, "upgrade", "heads")
    assert versions(url) == {revision_of(project, "billing")}


def test_each_version_location_gets_a_name_and_a_module_keeps_its_own(
    tmp_path: Path, make_database: Make
) -> None:
    listed = INI + (
        "path_separator = newline\nversion_locations =\n    %(here)s/reports/versions\n"
        "    %(here)s/migrations/versions\n    %(here)s/audit\n"
        "    %(here)s/app/modules/crm/migrations/versions\n"
    )
    project = generic(tmp_path / "shop", ini=listed)
    project.location("reports/versions").revision("bb1", labels="statistics")
    project.location("audit").revision("cc1")
    project.module("crm").revision("dd1", labels="crm", depends_on="aa2")
    project.module("billing")
    url = make_database()
    stock(project, url, "upgrade", "heads")
    document = done(modalembic(project, "adopt", "--name", "old", "--format", "json")).document
    assert {
        name: Path(place).relative_to(project.root).as_posix()
        for name, place in document["locations"].items()
    } == {"old": "migrations/versions", "statistics": "reports/versions", "audit": "audit"}
    (module,) = document["modules"]
    assert (module["module"], module["depends_on"]) == ("billing", ["aa2", "bb1", "cc1"])
    done(modalembic(project, "upgrade", url=url))
    assert versions(url) == {"dd1", module["revision"]}


def test_a_history_with_one_branch_label_is_called_by_it(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path / "shop").file("alembic.ini", INI)
    project.file("migrations/env.py", GENERIC)
    versions_ = project.location("migrations/versions")
    versions_.revision("aa1", labels="shop", **INVOICES).revision("aa2", down="aa1")
    document = done(modalembic(project, "adopt", "--format", "json")).document
    assert list(document["locations"]) == ["shop"]
    assert document["modules"] == document["rollback"] == []


def test_the_table_of_pyproject_is_as_good_as_an_ini_file(
    tmp_path: Path, make_database: Make
) -> None:
    project = ProjectFiles(tmp_path / "shop").file(
        "pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/migrations"\n'
    )
    project.file("migrations/env.py", GENERIC)
    project.location("migrations/versions").revision("aa1", **INVOICES)
    project.module("billing")
    done(modalembic(project, "adopt"))
    table = tomllib.loads((project.root / "pyproject.toml").read_text())["tool"]["alembic"]
    assert table["version_locations"] == [
        "%(here)s/migrations/versions",
        "%(here)s/app/modules/billing/migrations/versions",
    ]
    assert "(billing) (head)" in alembic_process(project, "heads").out
    url = make_database()
    done(modalembic(project, "upgrade", url=url))
    assert versions(url) == {revision_of(project, "billing")}


def test_an_ini_file_elsewhere_is_named_from_its_own_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = ProjectFiles(tmp_path / "shop").file("migrations/env.py", GENERIC)
    project.file("conf/db.ini", "[alembic]\nscript_location = %(here)s/../migrations\n")
    project.location("migrations/versions").revision("aa1", **INVOICES)
    project.module("billing")
    monkeypatch.chdir(project.root)
    done(modalembic(project, "adopt", "-c", "conf/db.ini"))
    assert configuration(project, "modalembic.toml")["alembic_config"] == "conf/db.ini"
    text = (project.root / "conf/db.ini").read_text()
    assert "    %(here)s/../app/modules/billing/migrations/versions\n" in text
    assert "(billing) (head)" in alembic_process(project, "-c", "conf/db.ini", "heads").out
    assert list(version_locations(Project.load(project.root))) == []


def test_a_separator_that_alembic_cannot_read_is_no_obstacle(tmp_path: Path) -> None:
    project = generic(
        tmp_path / "shop", ini=INI + "version_path_separator = os  # Use os.pathsep.\n"
    )
    project.module("billing")
    done(modalembic(project, "adopt"))
    ended = alembic_process(project, "heads")
    assert "(billing) (head)" in ended.out, ended.err


def test_the_version_table_is_asked_of_the_environment(tmp_path: Path, make_database: Make) -> None:
    env = GENERIC.replace(
        "connection=connection,",
        "connection=connection, version_table='of_' + 'shop', version_table_schema='public',",
    )
    project = generic(tmp_path / "shop", env)
    project.module("billing")
    done(modalembic(project, "adopt"))
    found = configuration(project, "modalembic.toml")
    assert (found["version_table"], found["version_table_schema"]) == ("of_shop", "public")
    url = make_database()
    done(modalembic(project, "upgrade", url=url))
    assert versions(url, "of_shop") == {revision_of(project, "billing")}


def test_metadata_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    env = GENERIC.replace("target_metadata = None", "target_metadata = dict(x=None)['x']")
    project = generic(tmp_path / "shop", env)
    told = done(modalembic(project, "adopt", "--dry-run")).err
    assert "migrations/env.py:6: target_metadata is dict(x=None)['x']" in told
    assert 'write metadata = "package.module:Base"' in told


def test_a_module_whose_manifest_names_a_directory_gets_its_revision_there(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop")
    project.module("billing", migrations_path="db/versions")
    done(modalembic(project, "adopt"))
    assert (project.root / "app/modules/billing/db/versions/HEAD").is_file()


def test_a_history_that_names_a_role_is_proven_with_that_role(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop")
    project.location("migrations/versions").revision(
        "aa3", down="aa2", upgrade=sql("GRANT SELECT ON orders TO adopt_readers")
    )
    project.module("billing")
    done(modalembic(project, "adopt", "--dry-run"))


def test_a_dry_run_shows_the_diff_and_the_list_and_writes_nothing(
    tmp_path: Path, database_url: str
) -> None:
    project = generic(tmp_path / "shop").file("deploy.sh", "alembic upgrade head\n")
    project.module("billing")
    before = files_below(project.root)
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    shown = done(modalembic(project, "--database", database_url, "adopt", "--dry-run")).out
    assert files_below(project.root) == before
    assert fetch(database_url, tables) == [(0,)]
    assert '+locations = { legacy = "migrations/versions" }' in shown
    assert "  deploy.sh:1\n    - alembic upgrade head\n    + alembic upgrade heads\n" in shown
    assert "  modalembic downgrade billing@base\n" in shown


def test_the_plan_of_an_empty_database_begins_with_the_old_history(tmp_path: Path) -> None:
    project = generic(tmp_path / "shop")
    project.module("billing")
    project.module("catalog", requires=["billing"])
    done(modalembic(project, "adopt"))
    plan = done(modalembic(project, "plan", "--format", "json")).document["steps"]
    first = [revision_of(project, name) for name in ("billing", "catalog")]
    assert [step["revision"] for step in plan] == ["aa1", "aa2", *first]
