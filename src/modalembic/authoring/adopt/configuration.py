"""The configuration that an adopted project gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.adopt.central import Central
from modalembic.authoring.changes import Change
from modalembic.authoring.files import read_exactly
from modalembic.authoring.locations import toml_string
from modalembic.authoring.tables import with_tables

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Wanted:
    """What the configuration has to say; None or empty: nothing. `models` are those of the old
    history's tables."""

    modules: tuple[str, ...]
    centrals: tuple[Central, ...]
    models: tuple[str, ...] = ()
    alembic_config: str | None = None
    script_location: str | None = None
    metadata: str | None = None
    context: str | None = None
    version_table: str | None = None
    version_table_schema: str | None = None


def configuration_change(root: Path, wanted: Wanted) -> Change:
    """`pyproject.toml` with the table at its end, or a `modalembic.toml` where there is none.
    Raises ConfigurationError for a `pyproject.toml` that cannot be added to."""
    pyproject = root / "pyproject.toml"
    if not pyproject.is_file():
        return Change(root / "modalembic.toml", None, _text(wanted, ""))
    before = read_exactly(pyproject)
    return Change(
        pyproject, before, with_tables(pyproject, before, _text(wanted, "tool.modalembic"))
    )


def _text(wanted: Wanted, table: str) -> str:
    lines = [f"[{table}]"] if table else []
    lines += [f"{key} = {value}" for key, value in _keys(wanted)]
    below = f"{table}." if table else ""
    for number, central in enumerate(wanted.centrals):
        own = dict(_of_central(central, wanted.models if not number else ()))
        if own:
            lines += ["", f"[{below}module.{_key(central.name)}]"]
            lines += [f"{key} = {value}" for key, value in own.items()]
    return "\n".join(lines) + "\n"


def _keys(wanted: Wanted) -> Iterator[tuple[str, str]]:
    if wanted.modules:
        yield "modules", _list(wanted.modules)
    if wanted.centrals:
        yield "locations", _inline({each.name: each.text for each in wanted.centrals})
    for key in (
        *("alembic_config", "script_location", "metadata", "context"),
        *("version_table", "version_table_schema"),
    ):
        value: str | None = getattr(wanted, key)
        if value is not None:
            yield key, toml_string(value)


def _of_central(central: Central, models: Sequence[str]) -> Iterator[tuple[str, str]]:
    if central.several_heads:
        yield "multiple_heads", "true"
    if models:
        yield "models", _list(models)


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(toml_string, values))}]"


def _inline(values: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{_key(key)} = {toml_string(value)}" for key, value in values.items())
    return f"{{ {pairs} }}"


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else toml_string(text)
