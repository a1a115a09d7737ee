"""`modalembic check moves` as its users have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.moves_shop import INVOICES, move, moves_shop
from tests.checks.repository import Repository
from tests.runtime.isolation import forgotten
from tests.runtime.support import Result, modalembic


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return moves_shop(tmp_path / "shop")


def check(repo: Repository, *arguments: str) -> Result:
    with forgotten("app"):
        return modalembic(repo.project, "check", *arguments)


def test_moved_tables_are_listed_with_both_owners(repo: Repository) -> None:
    move(repo)

    result = check(repo, "moves", "--base", "main", "--static")

    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "moved tables:\n"
        "  invoices  core -> billing  identical, ordered\n"
        "\n"
        "no findings; 1 table moved (moves)\n"
    )


def test_json_has_the_moves(repo: Repository) -> None:
    move(repo)

    result = check(repo, "moves", "--base", "main", "--static", "--format", "json")

    assert result.document == {
        "version": 1,
        "ok": True,
        "checks": ["moves"],
        "findings": [],
        "moves": [
            {
                "table": "invoices",
                "from": "core",
                "to": "billing",
                "identical": True,
                "ordered": True,
            }
        ],
    }


def test_markdown_has_a_table_of_them(repo: Repository, tmp_path: Path) -> None:
    move(repo, INVOICES.replace("String(20)", "String(21)"))

    result = check(repo, "moves", "--base", "main", "--static", "-o", str(tmp_path / "moves.md"))

    assert result.code == 1
    written = (tmp_path / "moves.md").read_text(encoding="utf-8")
    assert "| table | from | to | proof | order |\n" in written
    assert "| invoices | core | billing | changed | ordered |\n" in written
    assert "rules-moves.md#moveschanged" in written


def test_the_configuration_names_the_base(repo: Repository) -> None:
    file = repo.project.root / "pyproject.toml"
    file.write_text(file.read_text() + 'base = "main"\n')
    move(repo)

    result = check(repo, "moves", "--static", "--format", "json")

    assert len(result.document["moves"]) == 1


def test_with_a_base_it_is_among_the_usual_checks(tmp_path: Path, server_url: str) -> None:
    repo = moves_shop(tmp_path / "shop", server_url)

    without = check(repo, "--format", "json").document
    with_one = check(repo, "--base", "main", "--format", "json").document

    assert "moves" not in without["checks"]
    assert set(with_one["checks"]) == {*without["checks"], "moves"}


def test_without_a_base_it_cannot_be_asked(repo: Repository) -> None:
    result = check(repo, "moves")

    assert result.code == 2
    assert "no base is named" in result.err
    assert "modalembic check moves --base origin/main" in result.err


@pytest.mark.parametrize("option", ["--static", "--pure"])
def test_its_options_are_for_it_alone(repo: Repository, option: str) -> None:
    result = check(repo, "structure", option)

    assert result.code == 2
    assert f"{option} is for moves" in result.err


def test_a_base_that_cannot_be_read_is_an_error_at_its_place(repo: Repository) -> None:
    repo.project.file("app/modules/core/models/people.py", "x = (\n")
    repo.commit()
    repo.git("branch", "--force", "main")
    repo.project.file("app/modules/core/models/people.py", "")

    result = check(repo, "moves", "--base", "main", "--static")

    assert result.code == 2
    assert "at the base (" in result.err
    assert "people.py:1" in result.err


def test_a_baseline_takes_a_finding_in(repo: Repository, tmp_path: Path) -> None:
    move(repo, INVOICES.replace("String(20)", "String(21)"))
    options = ("moves", "--base", "main", "--static", "--baseline", str(tmp_path / "known.json"))

    assert check(repo, *options, "--write-baseline").code == 0
    assert check(repo, *options).code == 0

    repo.project.file("app/modules/billing/models/invoices.py", INVOICES)
    result = check(repo, *options)
    assert result.code == 1
    assert "[baseline/stale-entry]" in " ".join(result.out.split())


def test_no_password_of_a_scratch_server_is_shown(tmp_path: Path) -> None:
    repo = moves_shop(tmp_path / "shop", "postgresql://someone:hush-hush@localhost:1/nothing")
    move(repo)

    result = check(repo, "moves", "--base", "main", "--debug")

    assert result.code == 2
    assert "hush-hush" not in result.out + result.err
