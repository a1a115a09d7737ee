"""OpenStack's networking: Neutron and packages built on it, each of which calls its two lines
`expand` and `contract` and leaves its files in a directory for each release.

OpenStack gives each package a version table of its own; here they share one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.corpora.commands import Corpus, Look
from tests.corpora.environments import ASSETS, Environments

pytestmark = [pytest.mark.corpus]

VERSIONS = {
    "neutron": "neutron:db/migration/alembic_migrations/versions",
    "networking_bgpvpn": "networking_bgpvpn:neutron/db/migration/alembic_migrations/versions",
    "networking_sfc": "networking_sfc:db/migration/alembic_migrations/versions",
    "neutron_dynamic_routing": "neutron_dynamic_routing:db/migration/alembic_migrations/versions",
}
REVISIONS = {
    "neutron": 139,
    "networking_bgpvpn": 12,
    "networking_sfc": 17,
    "neutron_dynamic_routing": 5,
}
HEADS = {
    "neutron": ["5c85685d616d", "ad80a9f07c5c"],
    "networking_bgpvpn": ["9d7f1ae5fa56"],  # its contract line depends on its expand line
    "networking_sfc": ["06382790fb2c", "a3ad63aa834f"],
    "neutron_dynamic_routing": ["a589fdb5724c", "f399fa0f5f25"],
}


@pytest.fixture(scope="session")
def openstack(environments: Environments, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    directory = tmp_path_factory.mktemp("openstack")
    shutil.copytree(ASSETS / "openstack", directory, dirs_exist_ok=True)
    return Corpus(environments.with_packages("openstack"), directory / "project", directory)


@pytest.fixture
def configuration(openstack: Corpus) -> Iterator[Path]:
    """The project's configuration, for a test to change. (In its place, where the headers that have
    to be imported are cached.)"""
    file = openstack.root / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    yield file
    file.write_text(text, encoding="utf-8")


def without(file: Path, pattern: str) -> None:
    text, changes = re.subn(pattern, "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert changes
    file.write_text(text, encoding="utf-8")


def problems(openstack: Corpus) -> list[dict[str, Any]]:
    """What is wrong with the project, as planning tells it."""
    error = openstack.modalembic("plan", "--format", "json", code=2).document["error"]
    found: list[dict[str, Any]] = error.get("problems", [error])
    return found


def test_labels_that_collide_are_named_with_what_to_configure(
    openstack: Corpus, configuration: Path
) -> None:
    configured = configuration.read_text(encoding="utf-8")
    without(configuration, r"^labels = .*$")
    found = problems(openstack)
    assert [problem["code"] for problem in found] == ["duplicate-label"] * 6
    assert re.fullmatch(
        r"branch label 'expand' is on two revisions: 354db87e3225 of neutron "
        r"\(\S+/neutron/\S+/liberty/expand/354db87e3225_nsxv_vdr_metadata\.py:\d+\) and "
        r"17d9fd4fddee of networking_bgpvpn",
        found[1]["message"],
    )
    assert found[1]["path"].endswith("/liberty/expand/17d9fd4fddee_initial.py")

    # What it says to write, written.
    text = configuration.read_text(encoding="utf-8")
    for hint in {problem["hint"] for problem in found}:
        said = re.fullmatch(r"for one of them write (\[\S+\]) (.+)", hint)
        assert said is not None
        table, labels = said.groups()
        text = text.replace(table, f"{table}\n{labels}")
    assert text != configured
    configuration.write_text(text, encoding="utf-8")
    openstack.modalembic("plan", "networking_sfc_expand@head")


def test_an_id_that_is_in_two_packages_is_named_with_both_files(
    openstack: Corpus, configuration: Path
) -> None:
    with configuration.open("a", encoding="utf-8") as file:
        file.write(
            """
[tool.modalembic.module.networking_l2gw]
package = "networking_l2gw"
versions = "db/migration/alembic_migrations/versions"
labels = { contract = "l2gw_contract", expand = "l2gw_expand" }
"""
        )
    (problem,) = problems(openstack)
    assert problem["code"] == "duplicate-revision"
    assert re.fullmatch(
        r"revision kilo is in two files: \S+/kilo_initial\.py \(neutron\) and "
        r"\S+/kilo_release\.py \(networking_l2gw\)",
        problem["message"],
    )


def test_several_heads_have_to_be_meant(openstack: Corpus, configuration: Path) -> None:
    without(configuration, "^multiple_heads = true$")
    found = problems(openstack)
    assert [problem["code"] for problem in found] == ["multiple-heads"] * 3
    assert found[0]["message"] == "neutron has 2 heads: 5c85685d616d, ad80a9f07c5c"
    assert "multiple_heads = true in [tool.modalembic.module.neutron]" in found[0]["hint"]


def test_revisions_further_down_are_not_left_out_in_silence(
    openstack: Corpus, configuration: Path
) -> None:
    without(configuration, "^recursive_version_locations = true$")
    told = openstack.modalembic("heads").err
    assert told.count("warning: ") == len(VERSIONS)
    assert "warning: revision files in newton and 1 more below " in told
    assert "hint: recursive_version_locations = true in [tool.alembic]" in told


def test_a_computed_label_is_no_trap(openstack: Corpus) -> None:
    result = openstack.modalembic("modules", "--format", "json")
    assert "warning" not in result.err
    modules = result.document["modules"]
    assert {module["name"]: module["revisions"] for module in modules} == REVISIONS
    assert {module["name"]: module["heads"] for module in modules} == HEADS


def test_a_line_is_planned_by_its_label(openstack: Corpus) -> None:
    steps = openstack.modalembic("plan", "bgpvpn_expand@head", "--format", "json").document["steps"]
    assert [Path(step["path"]).parent.name for step in steps] == ["versions"] + ["expand"] * 8
    assert {step["module"] for step in steps} == {"networking_bgpvpn"}
    told = openstack.modalembic("plan", "neutron@head", code=2).err
    assert "write neutron@heads for all of them" in told


@pytest.mark.slow
def test_one_history_leaves_what_stock_alembic_makes_of_each_by_itself(
    openstack: Corpus, make_database: Callable[[], str], look: Look
) -> None:
    ours, stock = make_database(), make_database()
    applied = openstack.modalembic("upgrade", "--format", "json", database=ours).document["applied"]
    # What a module requires is complete before it.
    assert list(dict.fromkeys(step["module"] for step in applied)) == list(VERSIONS)

    for module in VERSIONS:
        upgrade_alone(openstack, module, stock)
    assert look.schema(ours) == look.schema(stock)
    tables = [version_table(module) for module in VERSIONS]
    assert look.rows(ours) == look.rows(stock, *tables)
    assert look.rows(ours) == sorted(head for heads in HEADS.values() for head in heads)

    openstack.modalembic("current", "--check", database=ours)
    # OpenStack never goes down.
    told = openstack.modalembic("downgrade", "base", database=ours, code=2).err
    assert "revision a589fdb5724c of neutron_dynamic_routing has no downgrade()" in told
    assert "nothing was run" in told
    openstack.modalembic("current", "--check", database=ours)


def upgrade_alone(openstack: Corpus, module: str, database: str) -> None:
    directory = openstack.stock / module
    directory.mkdir()
    shutil.copy(ASSETS / "env.py", directory)
    (directory / "pyproject.toml").write_text(
        f"""
[tool.alembic]
script_location = "%(here)s"
version_locations = ["{VERSIONS[module]}"]
recursive_version_locations = true
""",
        encoding="utf-8",
    )
    table = f"table={version_table(module)}"
    openstack.alembic(database, "-x", table, "upgrade", "heads", stock=directory)


def version_table(module: str) -> str:
    return "alembic_version" if module == "neutron" else f"alembic_version_{module}"
