"""`diff` says which module a difference belongs to, and where it stands in the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.checks.drift_shop import CORE, drift_shop
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import done, execute, modalembic


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    return drift_shop(tmp_path / "shop", server_url)


def places(shop: ProjectFiles, *arguments: str) -> list[tuple[str | None, str | None, str | None]]:
    """The name, the module and the line's text of each difference."""
    with forgotten("app"):
        document = json.loads(modalembic(shop, "diff", *arguments, "--format", "json").out)
    found: list[tuple[str | None, str | None, str | None]] = []
    for each in document["differences"]:
        line = None
        if each["path"] is not None:
            text = Path(each["path"]).read_text(encoding="utf-8")
            line = text.splitlines()[each["line"] - 1].strip()
        found.append((each["name"], each["module"], line))
    return found


def test_models_that_are_compared_are_where_it_stands(shop: ProjectFiles) -> None:
    shop.file("app/modules/core/models.py", CORE.replace("String(80)", "String(81)"))
    expected = ("public.people.name", "core")
    for sides in (("models", "migrations"), ("migrations", "models")):
        ((name, module, line),) = places(shop, *sides)
        assert (name, module) == expected
        assert str(line).startswith("name = mapped_column(String(81)")


def test_else_it_stands_in_the_revision(shop: ProjectFiles, database_url: str) -> None:
    with forgotten("app"):
        done(modalembic(shop, "upgrade", url=database_url))
    execute(
        database_url, "ALTER TABLE people ALTER name TYPE varchar(81)", "CREATE TABLE own (id int)"
    )
    assert places(shop, "migrations", database_url) == [
        ("public.own", None, None),
        ("public.people.name", "core", "name varchar(80) DEFAULT 'nobody' NOT NULL,"),
    ]


def test_text_names_the_place(shop: ProjectFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.file("app/modules/core/models.py", CORE.replace("String(80)", "String(81)"))
    monkeypatch.chdir(shop.root)
    with forgotten("app"):
        told = modalembic(shop, "diff", "models", "migrations").out.splitlines()
    assert told[1] == "  at core: app/modules/core/models.py:20"
