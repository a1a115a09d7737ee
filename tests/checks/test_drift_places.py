"""A finding stands in the line of the model that says what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.checks.finding import Finding
from tests.checks.drift_shop import BASE, BILLING, CORE, drift_of, drift_shop
from tests.projects import ProjectFiles

MIXIN = """
from sqlalchemy import DateTime, func
from sqlalchemy.orm import mapped_column

class Stamped:
    since = mapped_column(DateTime(timezone=True), server_default=func.now(), nullable=True)
"""
CHANGES = [
    ("String(80)", "String(81)", "    name = mapped_column("),
    ('    note = mapped_column(String, comment="for people")\n', "", "class Invoice"),
    ("balance >= 0", "balance > 0", '        CheckConstraint("balance'),
    ("lower(name)", "upper(name)", '        Index("ix_people_name"'),
    ('text("active")', 'text("NOT active")', '        Index("ix_people_active"'),
    ("nullable=False, unique=True)", "nullable=False)", "    email = mapped_column("),
    ('ondelete="CASCADE"', 'ondelete="RESTRICT"', "    person_id = mapped_column("),
    ('"number", "year",', '"year", "number",', '        UniqueConstraint("year"'),
    ('ENUM("calm", "cross",', 'ENUM("cross", "calm",', "    mood = mapped_column("),
    ("Identity(), primary", "Identity(start=7), primary", "    id = mapped_column(BigInteger"),
    ("note = mapped_column(", 'remark = mapped_column("note", ', None),
    (
        "note = mapped_column(String",
        'remark = mapped_column("note", Numeric',
        '    remark = mapped_column("note"',
    ),
]


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    return drift_shop(tmp_path / "shop", server_url)


def line_of(finding: Finding) -> str:
    assert finding.path is not None
    assert finding.line is not None
    return finding.path.read_text(encoding="utf-8").splitlines()[finding.line - 1]


def write(shop: ProjectFiles, before: str, after: str) -> None:
    for module, text in (("core", CORE), ("billing", BILLING)):
        shop.file(f"app/modules/{module}/models.py", text.replace(before, after))


@pytest.mark.parametrize(("before", "after", "line"), CHANGES)
def test_a_change_stands_where_it_was_made(
    shop: ProjectFiles, before: str, after: str, line: str | None
) -> None:
    write(shop, before, after)
    lines = {line_of(finding) for finding in drift_of(shop)}
    assert [each.startswith(line or "") for each in lines] == [True] * (line is not None)


def test_a_column_of_a_mixin_stands_in_the_mixin(shop: ProjectFiles) -> None:
    shop.file("app/mixins.py", MIXIN)
    kept = [each for each in CORE.splitlines() if not each.startswith("    since = ")]
    core = "\n".join(kept).replace("class Person(Base)", "class Person(Stamped, Base)")
    shop.file("app/modules/core/models.py", f"from app.mixins import Stamped\n{core}")

    (finding,) = (each for each in drift_of(shop) if each.severity == "error")

    assert finding.path == shop.root / "app/mixins.py"
    assert line_of(finding).startswith("    since = ")
    assert finding.module == "core"


def test_a_table_that_nobody_owns_belongs_to_the_module_that_made_it(shop: ProjectFiles) -> None:
    shop.file("app/base.py", BASE + BILLING.replace("from app.base import Base\n", ""))
    shop.file("app/modules/billing/models.py", "")
    assert {each.module for each in drift_of(shop)} == set()

    changed = BILLING.replace("String(20)", "String(21)").replace("from app.base import Base\n", "")
    shop.file("app/base.py", BASE + changed)
    (finding,) = drift_of(shop)
    assert (finding.module, finding.path) == ("billing", shop.root / "app/base.py")
    assert line_of(finding).startswith("    number = ")


MADE_BY_LISTENERS = """
from sqlalchemy import DDL, event
event.listen(Base.metadata, "after_create", DDL("CREATE VIEW seen AS SELECT 1 AS one"))
event.listen(Invoice.__table__, "after_create", DDL(
    "CREATE UNIQUE INDEX ix_of_a_listener "
    "ON %(table)s (note)"
))
"""


def test_what_listeners_make_stands_where_it_is_named(shop: ProjectFiles) -> None:
    shop.file("app/modules/billing/models.py", BILLING + MADE_BY_LISTENERS)

    found = {each.name: each for each in drift_of(shop)}

    view, index = found["public.seen"], found["public.invoices.ix_of_a_listener"]
    assert (view.rule, view.module) == ("drift/missing-view", "billing")
    assert "CREATE VIEW seen" in line_of(view)
    assert (index.rule, index.module) == ("drift/missing-index", "billing")
    assert "CREATE UNIQUE INDEX ix_of_a_listener" in line_of(index)


def test_a_check_of_a_domain_stands_where_a_column_has_the_domain(shop: ProjectFiles) -> None:
    shop.module("core", tier="core").revision(
        "c2",
        down="c1",
        upgrade="op.execute(\"CREATE DOMAIN grade AS text CONSTRAINT known CHECK (VALUE > 'a');"
        ' ALTER TABLE people ADD grade grade")',
    )
    graded = (
        "    grade = mapped_column(\n"
        '        DOMAIN("grade", Text, check=text("VALUE > \'b\'"), constraint_name="known"),\n'
        "        nullable=True,\n"
        "    )\n"
    )
    imported = "from sqlalchemy.dialects.postgresql import DOMAIN\n"
    shop.file("app/modules/core/models.py", imported + CORE + graded)

    (finding,) = drift_of(shop)

    assert (finding.rule, finding.object) == ("drift/type", "domain constraint")
    assert line_of(finding).startswith("    grade = mapped_column(")
