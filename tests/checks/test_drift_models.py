"""Single changes of models: each is named exactly, and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.drift_shop import BILLING, CORE, drift_of, drift_shop, meant

Found = tuple[str, str, str, str, str | None]
ERROR, WARNING = "error", "warning"


def core(rule: str, name: str, part: str | None = None, severity: str = ERROR) -> Found:
    return (severity, f"drift/{rule}", "core", f"public.{name}", part)


def billing(rule: str, name: str, part: str | None = None, severity: str = ERROR) -> Found:
    return (severity, f"drift/{rule}", "billing", f"public.{name}", part)


CHANGES: list[tuple[str, str, set[Found]]] = [
    # columns
    ("String(80)", "String(81)", {core("column-type", "people.name", "type")}),
    ("Numeric(10, 2)", "Numeric(10, 3)", {core("column-type", "people.balance", "type")}),
    ("ARRAY(Text), nullable=True", "JSONB", {core("column-type", "people.tags", "type")}),
    (
        "BigInteger, Identity(), ",
        "Integer, Identity(), ",
        {
            billing("column-type", "invoices.id", "type"),
            billing("sequence", "invoices_id_seq", "type"),
            billing("sequence", "invoices_id_seq", "maximum"),
        },
    ),
    (
        "String(80), nullable=False",
        "String(80)",
        {core("column-nullability", "people.name", "not-null")},
    ),
    ('"nobody"', '"somebody"', {core("column-default", "people.name", "default")}),
    (', server_default="nobody"', "", {core("column-default", "people.name", "default")}),
    ('text("true")', 'text("false")', {core("column-default", "people.active", "default")}),
    (
        "func.now()",
        'text("clock_timestamp()")',
        {core("column-default", "people.since", "default")},
    ),
    (
        "Identity(), primary",
        "Identity(always=True), primary",
        {billing("column-identity", "invoices.id", "identity")},
    ),
    ("net * 1.2", "net * 1.3", {billing("column-generated", "invoices.gross", "generated")}),
    (
        "String(80)",
        'String(80, collation="C")',
        {
            core("column-collation", "people.name", "collation"),
            core("index", "people.ix_people_name", "collations"),
        },
    ),
    (
        "    year = ",
        "    place = mapped_column(Integer)\n    year = ",
        {billing("missing-column", "invoices.place")},
    ),
    (
        "    tags = mapped_column(ARRAY(Text), nullable=True)\n",
        "",
        {core("extra-column", "people.tags")},
    ),
    (
        'comment="for people"',
        'comment="for us"',
        {billing("comment", "invoices.note", "comment", WARNING)},
    ),
    # constraints
    ("balance >= 0", "balance > 0", {core("check", "people.ck_people_positive", "expression")}),
    ('name="positive"', 'name="sound"', {core("name", "people.ck_people_sound", "name", WARNING)}),
    (
        '        CheckConstraint("balance >= 0", name="positive"),\n',
        "",
        {core("extra-check", "people.ck_people_positive")},
    ),
    (
        'ondelete="CASCADE"',
        'ondelete="SET NULL"',
        {billing("foreign-key", "invoices.fk_invoices_person_id", "on-delete")},
    ),
    (
        ', ondelete="CASCADE"',
        "",
        {billing("foreign-key", "invoices.fk_invoices_person_id", "on-delete")},
    ),
    (
        'ondelete="CASCADE"',
        'ondelete="CASCADE", deferrable=True',
        {billing("foreign-key", "invoices.fk_invoices_person_id", "deferral")},
    ),
    (
        'ForeignKey("people.id", ondelete="CASCADE")',
        "Integer",
        {billing("extra-foreign-key", "invoices.fk_invoices_person_id")},
    ),
    ('"number", "year"', '"number"', {billing("unique", "invoices.uq_invoices_number", "columns")}),
    (
        'name="uq_invoices_number"',
        'name="uq_invoices_number", postgresql_nulls_not_distinct=True',
        {billing("unique", "invoices.uq_invoices_number", "nulls-not-distinct")},
    ),
    (
        "unique=True)\n    balance",
        "unique=False)\n    balance",
        {core("extra-unique", "people.uq_people_email")},
    ),
    (
        "    year = mapped_column(Integer, nullable=False)",
        "    year = mapped_column(Integer, primary_key=True)",
        {billing("primary-key", "invoices.pk_invoices", "columns")},
    ),
    # indexes
    (
        'text("active")',
        'text("NOT active")',
        {core("index", "people.ix_people_active", "predicate")},
    ),
    ('"email", unique=True, ', '"email", ', {core("index", "people.ix_people_active", "unique")}),
    ("lower(name)", "upper(name)", {core("index", "people.ix_people_name", "columns")}),
    (
        'text("lower(name)")',
        'text("lower(name)"), postgresql_with={"fillfactor": 70}',
        {core("storage", "people.ix_people_name", "options", WARNING)},
    ),
    (
        'text("lower(name)")',
        'text("lower(name) DESC")',
        {core("index", "people.ix_people_name", "order")},
    ),
    (
        "    year = mapped_column(Integer, ",
        "    year = mapped_column(Integer, index=True, ",
        {billing("missing-index", "invoices.ix_invoices_year")},
    ),
    (
        '        Index("ix_people_name", text("lower(name)")),\n',
        "",
        {core("extra-index", "people.ix_people_name")},
    ),
    # tables and types
    ('"who is here"', '"who was here"', {core("comment", "people", "comment", WARNING)}),
    ('"calm", "cross"', '"cross", "calm"', {core("type", "mood", "labels")}),
    ('"calm", "cross"', '"calm", "cross", "new"', {core("type", "mood", "labels")}),
    (
        "class Invoice(",
        (
            'class Refund(Base):\n    __tablename__ = "refunds"\n'
            "    id = mapped_column(Integer, primary_key=True)\n\nclass Invoice("
        ),
        {billing("missing-table", "refunds")},
    ),
    (BILLING[BILLING.index("class Invoice") :], "", {billing("extra-table", "invoices")}),
    (
        "    size = mapped_column(SIZE, nullable=True)\n",
        "",
        {core("extra-column", "people.size"), core("extra-type", "size")},
    ),
    (
        """, server_default=text("nextval('tickets')")""",
        "",
        {
            core("column-default", "people.ticket", "default"),
            core("extra-sequence", "tickets", None, WARNING),
        },
    ),
]


@pytest.mark.parametrize(("old", "new", "found"), CHANGES, ids=range(len(CHANGES)))
def test_a_change_of_a_model_is_named(
    tmp_path: Path, server_url: str, old: str, new: str, found: set[Found]
) -> None:
    shop = drift_shop(tmp_path / "shop", server_url)
    assert (old in CORE) is not (old in BILLING), "the change has to be of one file"
    shop.file("app/modules/core/models.py", CORE.replace(old, new))
    shop.file("app/modules/billing/models.py", BILLING.replace(old, new))

    findings = drift_of(shop)

    assert meant(finding for finding in findings if finding.severity != "info") == found
    for finding in findings:
        assert finding.path is not None
        assert finding.line is not None
