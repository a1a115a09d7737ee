"""Ways to spoil the move of `invoices`: what is changed in the model on its way."""

from __future__ import annotations

from dataclasses import dataclass

Meant = tuple[str, str, str | None]


@dataclass(frozen=True)
class Spoil:
    """`old` becomes `new` in the source of the model. `stated` is what the statements tell of it,
    `proven` what Postgres tells: object, name (below the table, where it has no dot) and part."""

    old: str
    new: str
    stated: Meant
    proven: Meant


def _column(name: str, part: str) -> tuple[Meant, Meant]:
    return ("column", name, "definition"), ("column", name, part)


def _index(part: str) -> tuple[Meant, Meant]:
    index = "ix_invoices_due"
    return ("index", index, "definition"), ("index", index, part)


SPOILS = {
    "a changed length": Spoil("String(20)", "String(21)", *_column("number", "type")),
    "a changed type": Spoil(
        "year = mapped_column(Integer", "year = mapped_column(BigInteger", *_column("year", "type")
    ),
    "a changed precision": Spoil(
        "net = mapped_column(Numeric(12, 2)",
        "net = mapped_column(Numeric(12, 3)",
        *_column("net", "type"),
    ),
    "a changed nullability": Spoil(
        "open = mapped_column(Boolean, nullable=True)",
        "open = mapped_column(Boolean, nullable=False)",
        *_column("open", "not-null"),
    ),
    "a lost server default": Spoil('server_default=text("30"), ', "", *_column("due", "default")),
    "a changed server default": Spoil(
        'server_default=text("30")', 'server_default=text("31")', *_column("due", "default")
    ),
    "a lost identity": Spoil("Identity(), ", "", *_column("id", "identity")),
    "a changed computed column": Spoil("net * 1.2", "net * 1.3", *_column("gross", "generated")),
    "an extra column": Spoil(
        "    note =",
        "    extra = mapped_column(Integer)\n    note =",
        ("column", "extra", None),
        ("column", "extra", None),
    ),
    "a lost column": Spoil(
        '    note = mapped_column(Text, comment="for people")\n',
        "",
        ("column", "note", None),
        ("column", "note", None),
    ),
    "a lost comment of a column": Spoil(
        ', comment="for people"',
        "",
        ("column", "note", "comment"),
        ("column", "note", "comment"),
    ),
    "a changed comment of the table": Spoil(
        "what people owe",
        "what we are owed",
        ("table", "public.invoices", "comment"),
        ("table", "public.invoices", "comment"),
    ),
    "enum labels in another order": Spoil(
        '"draft", "sent", "paid"',
        '"sent", "draft", "paid"',
        ("enum", "public.invoice_state", "definition"),
        ("enum", "public.invoice_state", "labels"),
    ),
    "an enum label that is lost": Spoil(
        '"draft", "sent", "paid"',
        '"draft", "sent"',
        ("enum", "public.invoice_state", "definition"),
        ("enum", "public.invoice_state", "labels"),
    ),
    "a dropped index": Spoil(
        '        Index("ix_invoices_due", "due", postgresql_where=text("open")),\n',
        "",
        ("index", "ix_invoices_due", None),
        ("index", "ix_invoices_due", None),
    ),
    "a changed predicate": Spoil('text("open")', 'text("not open")', *_index("predicate")),
    "an index that became unique": Spoil(
        '"due", postgresql_where', '"due", unique=True, postgresql_where', *_index("unique")
    ),
    "a renamed index": Spoil(
        "ix_invoices_due",
        "ix_due",
        ("index", "ix_invoices_due", "name"),
        ("index", "ix_invoices_due", "name"),
    ),
    "a changed CHECK": Spoil(
        "net >= 0",
        "net > 0",
        ("constraint", "ck_invoices_positive", "definition"),
        ("constraint", "ck_invoices_positive", "expression"),
    ),
    "a renamed constraint": Spoil(
        'name="positive"',
        'name="not_negative"',
        ("constraint", "ck_invoices_positive", "name"),
        ("constraint", "ck_invoices_positive", "name"),
    ),
    "a changed ondelete": Spoil(
        'ondelete="CASCADE"',
        'ondelete="RESTRICT"',
        ("constraint", "fk_invoices_person_id", "definition"),
        ("constraint", "fk_invoices_person_id", "on-delete"),
    ),
    "a key that can be deferred": Spoil(
        'ondelete="CASCADE"',
        'ondelete="CASCADE", deferrable=True',
        ("constraint", "fk_invoices_person_id", "definition"),
        ("constraint", "fk_invoices_person_id", "deferral"),
    ),
    "a lost unique constraint": Spoil(
        '        UniqueConstraint("number", "year"),\n',
        "",
        ("constraint", "uq_invoices_number", None),
        ("constraint", "uq_invoices_number", None),
    ),
    "a sequence that starts elsewhere": Spoil(
        "start=100",
        "start=101",
        ("sequence", "public.invoice_serials", "definition"),
        ("sequence", "public.invoice_serials", "start"),
    ),
    "a lost sequence": Spoil(
        ', Sequence("invoice_serials", start=100)',
        "",
        ("sequence", "public.invoice_serials", None),
        ("sequence", "public.invoice_serials", None),
    ),
}


def full(meant: Meant) -> Meant:
    """The same with the whole name."""
    kind, name, part = meant
    return kind, name if "." in name else f"public.invoices.{name}", part
