"""What `check drift` finds has a fix that mends it, or the reason why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.checks.finding import Finding
from tests.checks.drift_shop import BILLING, CORE, drift_of, drift_shop
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import done, execute, modalembic


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    return drift_shop(tmp_path / "shop", server_url)


@pytest.fixture
def live(shop: ProjectFiles, database_url: str) -> str:
    """A database at the heads."""
    with forgotten("app"):
        done(modalembic(shop, "upgrade", url=database_url))
    return database_url


def changed(shop: ProjectFiles, old: str, new: str) -> ProjectFiles:
    """The shop with other models of core."""
    assert old in CORE
    return shop.file("app/modules/core/models.py", CORE.replace(old, new))


def test_between_models_and_migrations_it_is_what_a_revision_has_to_run(
    shop: ProjectFiles,
) -> None:
    (finding,) = drift_of(changed(shop, "String(200)", "String(201)"))

    assert (
        finding.fix == "ALTER TABLE public.people ALTER COLUMN email TYPE character varying(201);"
    )
    assert finding.fix_reason is None


def test_what_models_cannot_express_may_still_stand_in_the_way(shop: ProjectFiles) -> None:
    old = "number = mapped_column(String(20)"
    assert old in BILLING
    models = BILLING.replace(old, old.replace("20", "30"))
    shop.file("app/modules/billing/models.py", models)

    (finding,) = drift_of(shop)

    assert finding.fix is None
    assert finding.fix_reason is not None
    assert "view public.dear" in finding.fix_reason


def test_in_a_live_database_it_is_what_makes_it_as_its_revisions_do(
    shop: ProjectFiles, live: str
) -> None:
    execute(
        live,
        "DROP INDEX ix_people_active",
        "ALTER TABLE people ALTER COLUMN name DROP NOT NULL",
        "CREATE TABLE left_over (id integer)",
        "COMMENT ON TABLE people IS 'who was here'",
    )
    found = drift_of(shop, live)
    assert all(finding.fix is not None for finding in found)

    execute(live, *(finding.fix for finding in found if finding.fix))

    assert drift_of(shop, live) == []


def test_where_there_is_none_the_reason_is_told(shop: ProjectFiles, live: str) -> None:
    execute(live, "ALTER TYPE mood ADD VALUE 'bored'")

    (finding,) = drift_of(shop, live)

    assert (finding.fix, finding.fix_reason) == (
        None,
        "Postgres cannot remove a label from an enum: that takes a new type",
    )


def test_other_findings_have_no_reason() -> None:
    assert Finding("structure/x", "error", "told").fix_reason is None
