"""Models of three modules, drawn at random: tables with keys between them, types, sequences."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

MODULES = ("core", "billing", "stock")
COMMENTS = ("it is a :table", "100%", "two\nlines")
_TYPES = {
    "Integer": ("1", "2"),
    "BigInteger": ("1", "2"),
    "String(20)": ("'a'", "'b'"),
    "String(40)": ("'a'", "'it''s: 5%'"),
    "Text": ("'a'", "'b'"),
    "Numeric(8, 2)": ("1", "2"),
    "Boolean": ("true", "false"),
    "JSONB": ("'{}'::jsonb", "'[1]'::jsonb"),
    "DateTime(timezone=True)": ("now()", "'epoch'::timestamptz"),
    "{enum}": ("'a'", "'b'"),
}
_CHANGES = {
    "Integer": ("Integer", "BigInteger"),
    "String(20)": ("String(20)", "String(40)", "Text"),
    "Numeric(8, 2)": ("Numeric(8, 2)", "Numeric(10, 2)"),
}


def drawn(seed: int, state: int) -> dict[str, str]:
    """The models of each module. Two states of one seed have tables and columns in common, and
    columns of one name have types that Postgres casts to one another."""
    common = Random(seed)
    kinds = {(t, c): common.choice([*_TYPES]) for t in range(6) for c in range(5)}
    owners = [common.choice(MODULES) for _ in range(6)]
    labels = common.sample(["a", "b", "c", "d"], 4)
    random = Random(seed * 1000 + state)
    known = ["a", "b", *[label for label in labels if label > "b"][:state]]
    enum = f"Enum({', '.join(map(repr, known))}, name='kind')"
    there = [t for t in range(6) if random.random() < 0.75]
    lines: dict[str, list[str]] = {name: [] for name in MODULES}
    for number in there:
        lines[owners[number]] += _table(random, number, kinds, there, enum)
    for name in MODULES:
        if random.random() < 0.4:
            increment = random.choice([1, 2])
            lines[name].append(f'Sequence("{name}_no", metadata=M, increment={increment})')
    return {name: "\n".join(each) for name, each in lines.items()}


def _table(
    random: Random,
    number: int,
    kinds: dict[tuple[int, int], str],
    there: Sequence[int],
    enum: str,
) -> list[str]:
    table = f"t{number}"
    parts = ['Column("id", Integer, primary_key=True)']
    columns = [c for c in range(5) if random.random() < 0.7]
    parts += [_column(random, column, kinds[number, column], enum) for column in columns]
    for other in there:
        if random.random() < 0.3:
            action = random.choice(["", ', ondelete="CASCADE"', ', ondelete="SET NULL"'])
            parts.append(f'Column("r{other}", ForeignKey("t{other}.id"{action}))')
    if random.random() < 0.5:
        parts.append(f'CheckConstraint("id > {random.randint(0, 2)}", name="ck_{table}")')
    if columns and random.random() < 0.5:
        where = random.choice(["", f', postgresql_where=text("id > {random.randint(0, 2)}")'])
        unique = random.choice(["", ", unique=True"])
        name = f"ix_{table}"
        plain = [c for c in columns if kinds[number, c] != "JSONB"]
        if plain:
            parts.append(f'Index("{name}", "c{random.choice(plain)}"{where}{unique})')
    if random.random() < 0.4:
        nulls = random.choice(["", ", postgresql_nulls_not_distinct=True"])
        plain = [c for c in columns if kinds[number, c] != "JSONB"]
        if plain:
            parts.append(f'UniqueConstraint("c{random.choice(plain)}", name="uq_{table}"{nulls})')
    if random.random() < 0.5:
        parts.append(
            f"comment={random.choice(['it is a :table', '100%', 'two' + chr(92) + 'nlines'])!r}"
        )
    return [f'Table("{table}", M, {", ".join(parts)})']


def _column(random: Random, column: int, kind: str, enum: str) -> str:
    type_ = random.choice(_CHANGES.get(kind, (kind,)))
    words = [f'"c{column}"', type_.replace("{enum}", enum)]
    if random.random() < 0.4:
        words.append(f"server_default=text({random.choice(_TYPES[kind])!r})")
    if random.random() < 0.3:
        words.append("nullable=False")
    if random.random() < 0.2:
        words.append(f"comment={random.choice(['one', 'other'])!r}")
    return f"Column({', '.join(words)})"
