"""From a file to a `Configuration`: every key checked, every complaint with file and line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from modalembic.config.duration import parse_duration
from modalembic.config.settings import (
    Configuration,
    DriftIgnore,
    ManifestShape,
    ModuleTable,
    Tier,
)
from modalembic.config.toml import line_of, read_toml, tool_table
from modalembic.errors import ConfigurationError, NotAProject

_Value = Callable[[Any], Any]


def load_configuration(
    start: Path | str | None = None, *, environ: Mapping[str, str] | None = None
) -> Configuration:
    """The configuration of the project at `start`, or of the nearest one upwards from here.

    `start` is a project's directory (no search upwards then). `environ` defaults to `os.environ`;
    `MODALEMBIC_DATABASE_URL`, `MODALEMBIC_SCRATCH_URL`, `MODALEMBIC_POSTGRES_IMAGE` and
    `MODALEMBIC_CACHE_DIR` are read from it. Raises NotAProject, or
    ConfigurationError with file and line.
    """
    environ = os.environ if environ is None else environ
    file, table, prefix = _find(Path(start) if start is not None else None)
    values = _Section(file, prefix, table).read(_KEYS)
    embedded = values.pop("embedded", {})
    container = values.pop("container", {})
    drift = values.pop("drift", {})
    image = environ.get("MODALEMBIC_POSTGRES_IMAGE") or container.get("image")
    cache = environ.get("MODALEMBIC_CACHE_DIR")
    root = file.parent
    return Configuration(
        root=root,
        file=file,
        embedded_data=_below(root, embedded.get("data")),
        embedded_programs=_below(root, embedded.get("programs")),
        container_image=image,
        drift_ignores=drift.get("ignore", ()),
        drift_compares=drift.get("compare", ()),
        environment_database=environ.get("MODALEMBIC_DATABASE_URL") or None,
        environment_scratch=environ.get("MODALEMBIC_SCRATCH_URL") or None,
        cache_directory=Path(cache) if cache else None,
        **values,
    )


def _below(root: Path, path: str | None) -> Path | None:
    return None if path is None else root / Path(path).expanduser()


def _find(start: Path | None) -> tuple[Path, dict[str, Any], tuple[str, ...]]:
    if start is not None and not start.is_dir():
        raise NotAProject(f"{start} is not a directory", hint="--project takes a directory")
    # Resolved, as sys.path entries are: a package's name follows from where it is below them.
    directory = (start or Path.cwd()).resolve()
    for candidate in (directory,) if start is not None else (directory, *directory.parents):
        found = _configured(candidate)
        if found is not None:
            return found
    raise NotAProject(
        f"no modalembic project in {directory}" + ("" if start is not None else " or above"),
        hint="run `modalembic init`, or add [tool.modalembic] to pyproject.toml, "
        "or give --project DIR",
    )


def _configured(directory: Path) -> tuple[Path, dict[str, Any], tuple[str, ...]] | None:
    """The file that configures the project in `directory`, its table, and the way to that table."""
    own, pyproject = directory / "modalembic.toml", directory / "pyproject.toml"
    keys = ("tool", "modalembic")
    table = tool_table(read_toml(pyproject), keys[1]) if pyproject.is_file() else None
    if own.is_file():
        if table is not None:
            raise ConfigurationError(
                "both modalembic.toml and pyproject.toml configure this project",
                hint="keep one of them",
                path=pyproject,
                line=line_of(pyproject, keys),
            )
        return own, read_toml(own), ()
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigurationError(
            "[tool.modalembic] has to be a table", path=pyproject, line=line_of(pyproject, keys)
        )
    return pyproject, table, keys


class _Section:
    """One table of the configuration, with the way to it for messages."""

    def __init__(self, file: Path, keys: tuple[str, ...], table: dict[str, Any]) -> None:
        self.file, self.keys, self.table = file, keys, table

    def read(self, known: Mapping[str, _Reader]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, raw in self.table.items():
            if key not in known:
                raise self.error(key, "unknown key", self._suggestion(key, known))
            reader = known[key]
            try:
                values[key] = (
                    reader.read(self.below(key, raw))
                    if isinstance(reader, _Nested)
                    else reader(raw)
                )
            except ValueError as error:
                raise self.error(key, str(error)) from error
        return values

    def below(self, key: str, table: Any) -> _Section:
        if not isinstance(table, dict):
            raise ValueError(f"expected a table, not {_kind(table)}")
        return _Section(self.file, (*self.keys, key), table)

    def line(self, key: str) -> int | None:
        return line_of(self.file, (*self.keys, key))

    def _name(self, key: str) -> str:
        keys = self.keys[2:] if self.keys[:2] == ("tool", "modalembic") else self.keys
        return ".".join((*keys, key))

    def error(self, key: str, message: str, hint: str | None = None) -> ConfigurationError:
        message = f"{self._name(key)}: {message}"
        return ConfigurationError(message, hint=hint, path=self.file, line=self.line(key))

    @staticmethod
    def _suggestion(key: str, known: Mapping[str, _Reader]) -> str:
        from difflib import get_close_matches

        close = get_close_matches(key, known, 1)
        if close:
            return f"did you mean {close[0]!r}?"
        return f"the keys known here are {', '.join(sorted(known))}"


@dataclass(frozen=True)
class _Nested:
    """A table with keys of its own."""

    read: Callable[[_Section], Any]


_Reader = _Value | _Nested


def _string(raw: Any) -> str:
    if not isinstance(raw, str) or not raw:
        raise ValueError(f"expected a string, not {_kind(raw)}")
    return raw


def _strings(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(item, str) and item for item in raw):
        raise ValueError(f"expected a list of strings, not {_kind(raw)}")
    return tuple(raw)


def _string_or_strings(raw: Any) -> tuple[str, ...]:
    return (raw,) if isinstance(raw, str) and raw else _strings(raw)


def _boolean(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(f"expected true or false, not {_kind(raw)}")
    return raw


def _count(raw: Any) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 0:
        raise ValueError(f"expected a whole number, zero or more, not {_kind(raw)}")
    return raw


def _duration(raw: Any) -> float:
    if not isinstance(raw, str | int | float):
        raise ValueError(f"expected a length of time such as '5s', not {_kind(raw)}")
    return parse_duration(raw)


def _mapping(raw: Any) -> Mapping[str, str]:
    if not isinstance(raw, dict):
        raise ValueError(f"expected a table of strings, not {_kind(raw)}")
    for name, value in raw.items():
        if not isinstance(value, str) or not value:
            raise ValueError(f"expected a table of strings, but {name} is {_kind(value)}")
    return MappingProxyType(dict(raw))


def _tier(raw: Any) -> Tier:
    if raw not in ("core", "optional", "internal"):
        raise ValueError(f"expected 'core', 'optional' or 'internal', not {_kind(raw)}")
    return cast(Tier, raw)


def _tiers(raw: Any) -> Mapping[str, Tier]:
    return MappingProxyType({name: _tier(tier) for name, tier in _mapping(raw).items()})


def _kind(raw: Any) -> str:
    match raw:
        case bool():
            return "true" if raw else "false"
        case str():
            return repr(raw)
        case dict():
            return "a table"
        case list():
            return f"the list {raw!r}"
        case _:
            return f"the {type(raw).__name__} {raw!r}"


def _symbol(raw: Any) -> str | None:
    """A manifest's symbol; the empty string stands for a bare dict."""
    if not isinstance(raw, str):
        raise ValueError(f"expected a string, not {_kind(raw)}")
    return raw or None


def _ignores(raw: Any) -> tuple[DriftIgnore, ...]:
    """Tables with a `name` and a `reason`, and a `rule` maybe."""
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise ValueError(f"expected a list of tables, not {_kind(raw)}")
    return tuple(_ignore(item) for item in raw)


def _ignore(table: dict[str, Any]) -> DriftIgnore:
    for key in ("name", "reason"):
        if key not in table:
            raise ValueError(f"an entry has no {key}")
    unknown = sorted(table.keys() - {"name", "reason", "rule"})
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; an entry has name, reason and rule")
    return DriftIgnore(**_mapping(table))


_MADE_BY_MIGRATIONS = ("function", "policy", "rule", "trigger", "view")


def _compared(raw: Any) -> tuple[str, ...]:
    kinds = _strings(raw)
    unknown = sorted(set(kinds) - set(_MADE_BY_MIGRATIONS))
    if unknown:
        known = ", ".join(_MADE_BY_MIGRATIONS)
        raise ValueError(f"{unknown[0]!r} is none of {known}")
    return kinds


def _table_of(known: Mapping[str, _Reader]) -> _Nested:
    return _Nested(lambda section: section.read(known))


def _manifest(section: _Section) -> ManifestShape:
    return ManifestShape(configured=True, **section.read(_MANIFEST_KEYS))


def _module_tables(tables: _Section) -> Mapping[str, ModuleTable]:
    return MappingProxyType({name: _module_table(tables, name) for name in tables.table})


def _module_table(tables: _Section, name: str) -> ModuleTable:
    table = tables.table[name]
    if not isinstance(table, dict):
        raise tables.error(name, f"expected a table, not {_kind(table)}")
    values = tables.below(name, table).read(_MODULE_KEYS)
    return ModuleTable(name=name, line=tables.line(name), **values)


_MANIFEST_KEYS: Mapping[str, _Reader] = {
    "file": _string,
    "symbol": _symbol,
    "name": _string_or_strings,
    "tier": _string_or_strings,
    "requires": _string_or_strings,
    "core": _string_or_strings,
    "internal": _string_or_strings,
    "versions": _string_or_strings,
    "models": _string_or_strings,
    "tiers": _tiers,
}

_MODULE_KEYS: Mapping[str, _Reader] = {
    "path": _string,
    "package": _string,
    "versions": _string,
    "tier": _tier,
    "requires": _strings,
    "models": _string_or_strings,
    "multiple_heads": _boolean,
    "labels": _mapping,
}

_KEYS: Mapping[str, _Reader] = {
    "modules": _string_or_strings,
    "entry_points": _string_or_strings,
    "locations": _mapping,
    "module": _Nested(_module_tables),
    "manifest": _Nested(_manifest),
    "versions": _string_or_strings,
    "multiple_heads": _boolean,
    "models": _string_or_strings,
    "model_entry_points": _string_or_strings,
    "owners": _mapping,
    "metadata": _string,
    "naming_convention": _mapping,
    "context": _string,
    "script_location": _string,
    "alembic_config": _string,
    "sys_path": _strings,
    "database": _string,
    "scratch": _string,
    "schemas": _strings,
    "drift": _table_of({"ignore": _ignores, "compare": _compared}),
    "version_table": _string,
    "version_table_schema": _string,
    "allow_orphans": _strings,
    "lock_wait": _duration,
    "lock_timeout": _duration,
    "statement_timeout": _duration,
    "retries": _count,
    "embedded": _table_of({"data": _string, "programs": _string}),
    "container": _table_of({"image": _string}),
}
