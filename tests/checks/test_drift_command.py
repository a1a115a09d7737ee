"""`modalembic check drift` as its users have it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.checks.drift_shop import CORE, drift_shop
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import Result, done, execute, modalembic


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    return drift_shop(tmp_path / "shop", server_url)


def check(shop: ProjectFiles, *arguments: str, url: str | None = None) -> Result:
    with forgotten("app"):
        return modalembic(shop, "check", *arguments, url=url)


def test_no_drift_is_a_success(shop: ProjectFiles) -> None:
    result = check(shop, "drift")

    assert (result.code, result.out) == (0, "no findings (drift)\n")
    assert "migrating a scratch database (2 revisions)" in result.err
    assert "not compared, since only migrations make them: policy: 1" in result.err


def test_drift_makes_the_exit_code_1_and_is_told_below_its_module(shop: ProjectFiles) -> None:
    shop.file("app/modules/core/models.py", CORE.replace("String(80)", "String(81)"))

    result = check(shop, "drift", "--quiet")

    assert result.code == 1
    assert "core:" in result.out
    assert "[drift/column-type]" in " ".join(result.out.split())
    assert "models.py" in result.out
    assert result.err == ""


def test_a_live_database_is_the_one_that_is_named(shop: ProjectFiles, database_url: str) -> None:
    with forgotten("app"):
        done(modalembic(shop, "upgrade", url=database_url))
    execute(database_url, "ALTER TABLE people ADD shoes integer")

    for options, url in (
        (("--against", "live"), database_url),
        (("drift", "--against", database_url), None),
    ):
        result = check(shop, *options, "--format", "json", url=url)
        findings = json.loads(result.out)["findings"]
        assert [finding["name"] for finding in findings] == ["public.people.shoes"]


def test_a_database_to_compare_with_is_for_drift_alone(shop: ProjectFiles) -> None:
    result = check(shop, "structure", "--against", "live")

    assert result.code == 2
    assert "--against is for drift" in result.err


def test_no_password_of_a_scratch_server_is_shown(tmp_path: Path) -> None:
    nowhere = "postgresql://someone:hush-no-body-knows@localhost:1/nothing"

    result = check(drift_shop(tmp_path / "shop", nowhere), "drift", "--debug")

    assert result.code == 2
    assert "hush" not in result.out + result.err
