"""The page of what Alembic's comparison finds, made of what it found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.checks.alembic_sees import BEGIN, END
from tests.checks.true_changes.change import Expected

Seen = Mapping[str, Sequence[str]]
NOTHING = "-"
FAILS = "it fails"


@dataclass(frozen=True)
class Row:
    """A change: what it is, how it is made, what modalembic says, and what Alembic finds."""

    about: str
    made: str
    found: Sequence[Expected]
    seen: Seen


def tables(
    database: Iterable[Row], models: Iterable[Row], untouched: Seen, version: str, server: int
) -> str:
    """The part of the page that is made. `untouched` is what Alembic finds where nothing was
    changed, which does not count."""
    rows, edits = list(database), list(models)
    return "\n".join(
        [
            BEGIN,
            "",
            f"Alembic {version}, PostgreSQL {server}.",
            "",
            "| changes | modalembic | Alembic | Alembic, all options |",
            "| --- | --- | --- | --- |",
            _summary("of the database", rows, untouched),
            _summary("of the models", edits, untouched),
            "",
            "## Changes of the database",
            "",
            *_table("SQL", rows, untouched),
            "",
            "## Changes of the models",
            "",
            *_table("file", edits, untouched),
            "",
            END,
        ]
    )


def replaced(page: str, made: str) -> str:
    """The page with what is made in the place of what was."""
    before, _, rest = page.partition(BEGIN)
    return before + made + rest.partition(END)[2]


def _summary(name: str, rows: Sequence[Row], untouched: Seen) -> str:
    found = [
        sum(_cell(row.seen, untouched, option) not in {NOTHING, FAILS} for row in rows)
        for option in ("defaults", "everything")
    ]
    number = len(rows)
    return f"| {number} {name} | {number} | {found[0]} | {found[1]} |"


def _table(how: str, rows: Sequence[Row], untouched: Seen) -> Iterable[str]:
    yield f"| what | {how} | `check drift` | Alembic | Alembic, all options |"
    yield "| --- | --- | --- | --- | --- |"
    for row in rows:
        cells = [
            row.about,
            f"`{_escaped(row.made)}`",
            "<br>".join(_said(each) for each in row.found),
            _cell(row.seen, untouched, "defaults"),
            _cell(row.seen, untouched, "everything"),
        ]
        yield f"| {' | '.join(cells)} |"


def _said(found: Expected) -> str:
    part = f": {found.part.replace('-', ' ')}" if found.part is not None else ""
    module = f" ({found.module})" if found.module is not None else ""
    return f"{found.severity}: {found.object} `{found.name}`{part}{module}"


def _cell(seen: Seen, untouched: Seen, option: str) -> str:
    new = [each for each in seen[option] if each not in untouched[option]]
    if any(each.startswith("fails") for each in new):
        return FAILS
    return ", ".join(dict.fromkeys(each.partition(" ")[0] for each in new)) or NOTHING


def _escaped(text: str) -> str:
    return " ".join(text.replace("`", "'").replace("|", "\\|").split())
