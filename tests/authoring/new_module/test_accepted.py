"""A new module is accepted at once: by an upgrade, by every check, by its own tests, by stock
Alembic, and by formatters."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.authoring.new_module.shops import (
    first_revision,
    initialised,
    loaded,
    marketplace,
    new_module,
    python,
    text,
)
from tests.projects import ProjectFiles
from tests.runtime.support import alembic_process, done, modalembic, modalembic_process, versions

CHECKS = ("check", "drift", "history", "structure")
MODEL = """
from app.modules.base import Base
from sqlalchemy.orm import Mapped, mapped_column

class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def accept(project: ProjectFiles, name: str, url: str, scratch: str) -> None:
    """All that has to hold for the new module `name`."""
    head = loaded(project).graph.heads[name]
    done(modalembic_process(project, "upgrade", "heads", url=url))
    assert versions(url) >= set(head)
    directory = f"app/modules/{name}"
    environ = {"MODALEMBIC_SCRATCH_URL": scratch, "MODALEMBIC_DATABASE_URL": url}
    python(project, "-m", "modalembic", *CHECKS, **environ)
    assert head[0] in done(alembic_process(project, "heads", **environ)).out
    done(alembic_process(project, "upgrade", "heads", **environ))
    assert "[up to date]" not in done(alembic_process(project, "current", **environ)).err
    python(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", directory)
    for isolated in ((), ("--isolated",)):
        python(project, "-m", "ruff", "format", "--check", *isolated, directory)
        python(project, "-m", "ruff", "check", "--no-cache", *isolated, directory)


@pytest.mark.slow
def test_in_the_marketplace(
    tmp_path: Path, make_database: Callable[[], str], server_url: str
) -> None:
    shop = marketplace(tmp_path / "shop")
    done(new_module(shop, "loyalty", "--requires", "core,billing,orders,payments,inventory"))
    accept(shop, "loyalty", make_database(), server_url)
    definition = text(shop, "app/modules/loyalty/definition.py")
    assert "from app.modules.base import ModuleDefinition\n" in definition
    assert 'code="loyalty"' in definition
    assert "from app.db import Base" in text(shop, "app/modules/loyalty/models/__init__.py")


@pytest.mark.slow
@pytest.mark.parametrize("template", ["modular", "modular-async"])
def test_in_a_new_project(
    tmp_path: Path, template: str, make_database: Callable[[], str], server_url: str
) -> None:
    shop, url = initialised(tmp_path / "shop", template), make_database()
    done(new_module(shop, "accounts", "--tier", "core"))
    accept(shop, "accounts", url, server_url)
    done(new_module(shop, "dev_tools", "--tier", "internal", "--requires", "accounts"))
    accept(shop, "dev_tools", url, server_url)
    assert loaded(shop).module_order == ("accounts", "dev_tools")
    environ = {"MODALEMBIC_DATABASE_URL": url}
    assert "No new upgrade operations" in done(alembic_process(shop, "check", **environ)).out
    python(shop, "-m", "ruff", "check", "--isolated", "--no-cache", ".")
    python(shop, "-m", "ruff", "format", "--isolated", "--check", ".")


@pytest.mark.slow
def test_a_model_in_it_is_seen_by_check_drift(tmp_path: Path, server_url: str) -> None:
    shop = initialised(tmp_path / "shop")
    done(new_module(shop, "accounts"))
    (shop.root / "app/modules/accounts/models/account.py").write_text(MODEL)
    shop.file(
        "pyproject.toml",
        f'[tool.modalembic]\nmodules = ["app/modules/*"]\nscratch = "{server_url}"\n',
    )
    result = modalembic_process(shop, "check", "drift")
    assert result.code == 1
    assert "accounts" in result.out


def test_its_revision_depends_on_the_last_of_each_required_module(shop: ProjectFiles) -> None:
    done(new_module(shop, "loyalty", "--requires", "billing"))
    source = first_revision(shop, "loyalty")
    assert 'depends_on: str | Sequence[str] | None = "b2"\n' in source
    assert 'branch_labels: str | Sequence[str] | None = ("loyalty",)\n' in source
    assert "down_revision: str | Sequence[str] | None = None\n" in source


def test_what_another_requirement_implies_is_left_out(shop: ProjectFiles) -> None:
    shop.module("cms").revision("c1")
    shop.module("shell")
    done(new_module(shop, "loyalty", "--requires", "billing, orders", "--requires", "cms,shell"))
    module = loaded(shop).module("loyalty")
    assert module.requires == ("billing", "orders", "cms", "shell")
    revision = loaded(shop).graph.heads["loyalty"][0]
    assert loaded(shop).graph.parents[revision] == ("c1", "o1")


def test_without_requirements_it_depends_on_nothing(shop: ProjectFiles) -> None:
    done(new_module(shop, "loyalty"))
    assert "depends_on: str | Sequence[str] | None = None\n" in first_revision(shop, "loyalty")


def test_it_comes_after_the_history_from_before_the_split(shop: ProjectFiles) -> None:
    """In a project that was adopted, and has no other module yet."""
    shop.configure('locations = { legacy = "migrations/versions" }')
    shop.location("migrations/versions", name="legacy").revision("l1").revision("l2", down="l1")

    done(new_module(shop, "loyalty", "--path", "app/modules/loyalty"))

    source = first_revision(shop, "loyalty")
    assert 'depends_on: str | Sequence[str] | None = "l2"\n' in source


def test_of_the_old_history_it_names_what_no_requirement_implies(shop: ProjectFiles) -> None:
    shop.configure('modules = ["app/modules/*"]\nlocations = { legacy = "migrations/versions" }')
    shop.location("migrations/versions", name="legacy").revision("l1")
    shop.module("cms").revision("c1", depends_on="l1")

    done(new_module(shop, "loyalty", "--requires", "cms"))
    done(new_module(shop, "reports", "--requires", "billing"))

    graph = loaded(shop).graph
    assert graph.parents[graph.heads["loyalty"][0]] == ("c1",)
    assert graph.parents[graph.heads["reports"][0]] == ("b2", "l1")


def test_the_revision_is_made_with_the_projects_settings(shop: ProjectFiles) -> None:
    shop.file("migrations/env.py", "")
    shop.file(
        "migrations/script.py.mako",
        """
        # ours: ${message} for ${config.get_main_option("script_location").split("/")[-1]}
        revision = ${repr(up_revision)}
        down_revision = ${repr(down_revision)}
        branch_labels = ${repr(branch_labels)}
        depends_on = ${repr(depends_on)}
        def upgrade():
            ${upgrades if upgrades else "pass"}
        def downgrade():
            pass
        """,
    )
    shop.file("alembic.ini", "[alembic]\nfile_template = %%(year)d_%%(slug)s\ntimezone = UTC\n")
    text_before = text(shop, "alembic.ini")
    shop.file("alembic.ini", text_before + "path_separator = newline\n")
    done(new_module(shop, "loyalty"))
    (path,) = (shop.root / "app/modules/loyalty/migrations/versions").glob("*.py")
    assert path.name.endswith("_start_the_loyalty_branch.py")
    assert path.read_text().startswith("# ours: Start the loyalty branch for migrations\n")


def test_the_list_for_stock_alembic_is_kept_up_to_date(shop: ProjectFiles) -> None:
    before = """
        [tool.alembic]  # ours
        version_locations = [
          "%(here)s/app/modules/orders/migrations/versions",  # first
          "%(here)s/app/modules/billing/migrations/versions",
        ]
        [tool.modalembic]
        modules = ["app/modules/*"]
        """
    entry = '  "%(here)s/app/modules/loyalty/migrations/versions",\n        ]\n'
    shop.file("pyproject.toml", before)
    done(new_module(shop, "loyalty"))
    after = dedent(before.replace("        ]\n", f"        {entry}", 1))
    assert text(shop, "pyproject.toml") == after
    done(modalembic(shop, "check", "structure"))


@pytest.mark.parametrize(
    ("setting", "before", "after"),
    [
        ("path_separator = os\n", "", "{0}:{1}:{2}"),
        ("path_separator = os\n", "version_locations = {0}:{1}\n", "{0}:{1}:{2}"),
        ("path_separator = space\n", "version_locations = {1}\n", "{1} {0} {2}"),
        ("path_separator = ;\n", "version_locations = {0};gone;{1}\n", "{0};{1};{2}"),
        ("path_separator = newline\n", "", "\n    {0}\n    {1}\n    {2}"),
    ],
)
def test_the_list_in_an_ini_file_is_kept_up_to_date(
    shop: ProjectFiles, setting: str, before: str, after: str
) -> None:
    names = ("billing", "orders", "loyalty")
    paths = [f"%(here)s/app/modules/{name}/migrations/versions" for name in names]
    head = "[alembic]\nscript_location = %(here)s/migrations\n"
    shop.file("migrations/env.py", "")
    shop.file("alembic.ini", head + before.format(*paths) + setting)
    done(new_module(shop, "loyalty"))
    (line,) = re.findall(
        r"^version_locations =((?: .*)?(?:\n .*)*)\n", text(shop, "alembic.ini"), re.MULTILINE
    )
    assert line.removeprefix(" ") == after.format(*paths)
    heads = done(alembic_process(shop, "heads")).out
    assert loaded(shop).graph.heads["loyalty"][0] in heads
