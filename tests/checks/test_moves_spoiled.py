"""Moves that are no moves alone: each is caught, and what changed is named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from modalembic.checks.finding import Finding
from modalembic.checks.report import CheckReport
from tests.checks.moves_shop import INVOICES, checked, grave, move, moves_shop
from tests.checks.moves_spoils import SPOILS, Meant, Spoil, full


def spoiled(*spoils: Spoil) -> str:
    text = INVOICES
    for spoil in spoils:
        assert text.count(spoil.old) == 1
        text = text.replace(spoil.old, spoil.new)
    return text


def meant(findings: Iterable[Finding]) -> set[Meant]:
    return {(str(f.object), str(f.name), f.part) for f in findings}


def verdict(report: CheckReport) -> bool | None:
    [found] = report.moves
    assert (found.table, found.source, found.target) == ("invoices", "core", "billing")
    return found.identical


@pytest.mark.parametrize("name", SPOILS)
def test_a_spoiled_move_is_seen_without_a_database(name: str, tmp_path: Path) -> None:
    repo = moves_shop(tmp_path / "shop")
    move(repo, spoiled(SPOILS[name]))

    report = checked(repo, static=True)

    findings = grave(report)
    assert meant(findings) >= {full(SPOILS[name].stated)}
    assert {finding.rule for finding in findings} == {"moves/changed"}
    assert verdict(report) is False
    assert all(str(f.path).endswith("billing/models/invoices.py") and f.line for f in findings)


# Those that can be made at once.
BATCHES = (
    (
        "a changed length",
        "a changed type",
        "a changed nullability",
        "a lost server default",
        "an extra column",
        "a lost comment of a column",
        "a changed comment of the table",
        "enum labels in another order",
        "a dropped index",
        "a changed CHECK",
        "a changed ondelete",
        "a lost unique constraint",
        "a lost sequence",
    ),
    (
        "a changed precision",
        "a changed computed column",
        "a changed server default",
        "a lost column",
        "an enum label that is lost",
        "a changed predicate",
        "a renamed constraint",
        "a key that can be deferred",
        "a sequence that starts elsewhere",
    ),
    ("a renamed index",),
    ("an index that became unique",),
)


@pytest.mark.slow
@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch[0])
def test_postgres_names_each_thing_that_was_spoiled_and_nothing_else(
    batch: tuple[str, ...], tmp_path: Path, server_url: str
) -> None:
    repo = moves_shop(tmp_path / "shop", server_url)
    spoils = [SPOILS[name] for name in batch]
    move(repo, spoiled(*spoils))

    report = checked(repo)

    assert meant(grave(report)) == {full(spoil.proven) for spoil in spoils}
    assert verdict(report) is False


@pytest.mark.slow
def test_postgres_names_a_lost_identity_and_what_took_its_place(
    tmp_path: Path, server_url: str
) -> None:
    repo = moves_shop(tmp_path / "shop", server_url)
    move(repo, spoiled(SPOILS["a lost identity"]))

    found = meant(grave(checked(repo)))

    assert full(SPOILS["a lost identity"].proven) in found
    assert {name for _, name, _ in found} == {"public.invoices.id", "public.invoices_id_seq"}


def test_every_spoil_is_shown_to_postgres() -> None:
    assert {name for batch in BATCHES for name in batch} == SPOILS.keys() - {"a lost identity"}
