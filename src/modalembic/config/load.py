"""From a file to a `Configuration`: every key checked, every complaint with file and line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from modalembic.config import readers
from modalembic.config.settings import (
    Configuration,
    HookSettings,
    ManifestShape,
    ModuleTable,
    NewModuleSettings,
    StructureSettings,
)
from modalembic.config.toml import line_of, read_toml, tool_table
from modalembic.errors import ConfigurationError, NotAProject

_Value = Callable[[Any], Any]


def load_configuration(
    start: Path | str | None = None, *, environ: Mapping[str, str] | None = None
) -> Configuration:
    """The configuration of the project at `start`, or of the nearest one upwards from here.

    `start` is a project's directory (no search upwards then). `environ` defaults to `os.environ`;
    `MODALEMBIC_DATABASE_URL`, `MODALEMBIC_MIGRATION_DATABASE_URL`, `MODALEMBIC_SCRATCH_URL`,
    `MODALEMBIC_POSTGRES_IMAGE`, `MODALEMBIC_CACHE_DIR` and `MODALEMBIC_ALLOW_LINKS` are read from
    it. Raises NotAProject, or ConfigurationError with file and line.
    """
    environ = os.environ if environ is None else environ
    file, table, prefix = _find(Path(start) if start is not None else None)
    values = _Section(file, prefix, table).read(_KEYS)
    embedded = values.pop("embedded", {})
    container = values.pop("container", {})
    drift = values.pop("drift", {})
    image = environ.get("MODALEMBIC_POSTGRES_IMAGE") or container.get("image")
    cache = environ.get("MODALEMBIC_CACHE_DIR")
    links = filter(None, environ.get("MODALEMBIC_ALLOW_LINKS", "").split(os.pathsep))
    values["allow_links"] = (*values.get("allow_links", ()), *links)
    root = file.parent
    return Configuration(
        root=root,
        file=file,
        embedded_data=_below(root, embedded.get("data")),
        embedded_programs=_below(root, embedded.get("programs")),
        container_image=image,
        drift_ignores=drift.get("ignore", ()),
        drift_compares=drift.get("compare", ()),
        drift_cache=drift.get("cache", True),
        environment_database=environ.get("MODALEMBIC_DATABASE_URL") or None,
        environment_migration_database=environ.get("MODALEMBIC_MIGRATION_DATABASE_URL") or None,
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
            raise ValueError(f"expected a table, not {readers.kind(table)}")
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


def _table_of(known: Mapping[str, _Reader]) -> _Nested:
    return _Nested(lambda section: section.read(known))


def _manifest(section: _Section) -> ManifestShape:
    return ManifestShape(configured=True, **section.read(_MANIFEST_KEYS))


def _structure(section: _Section) -> StructureSettings:
    values = section.read(_STRUCTURE_KEYS)
    return StructureSettings(ignores=values.pop("ignore", ()), **values)


def _hooks(section: _Section) -> HookSettings:
    return HookSettings(**section.read(_HOOK_KEYS))


def _new_module(section: _Section) -> NewModuleSettings:
    return NewModuleSettings(**section.read(_NEW_MODULE_KEYS))


def _module_tables(tables: _Section) -> Mapping[str, ModuleTable]:
    return MappingProxyType({name: _module_table(tables, name) for name in tables.table})


def _module_table(tables: _Section, name: str) -> ModuleTable:
    table = tables.table[name]
    if not isinstance(table, dict):
        raise tables.error(name, f"expected a table, not {readers.kind(table)}")
    values = tables.below(name, table).read(_MODULE_KEYS)
    return ModuleTable(name=name, line=tables.line(name), **values)


_MANIFEST_KEYS: Mapping[str, _Reader] = {
    "file": readers.string,
    "symbol": readers.symbol,
    "name": readers.string_or_strings,
    "tier": readers.string_or_strings,
    "requires": readers.string_or_strings,
    "core": readers.string_or_strings,
    "internal": readers.string_or_strings,
    "versions": readers.string_or_strings,
    "models": readers.string_or_strings,
    "components": readers.string_or_strings,
    "auto_install": readers.string_or_strings,
    "tiers": readers.tiers,
}

_HOOK_KEYS: Mapping[str, _Reader] = {
    "before": readers.command,
    "after": readers.command,
    "on_failure": readers.command,
    "timeout": readers.duration,
    "database_url": readers.boolean,
}

_NEW_MODULE_KEYS: Mapping[str, _Reader] = {
    "components": readers.strings,
    "templates": readers.string,
    "base": readers.class_reference,
}

_STRUCTURE_KEYS: Mapping[str, _Reader] = {
    "public": readers.strings,
    "central": readers.strings,
    "ignore": readers.structure_ignores,
}

_MODULE_KEYS: Mapping[str, _Reader] = {
    "path": readers.string,
    "package": readers.string,
    "versions": readers.string,
    "tier": readers.tier,
    "requires": readers.strings,
    "models": readers.string_or_strings,
    "multiple_heads": readers.boolean,
    "auto_install": readers.boolean,
    "labels": readers.mapping,
}

_KEYS: Mapping[str, _Reader] = {
    "modules": readers.string_or_strings,
    "entry_points": readers.string_or_strings,
    "locations": readers.mapping,
    "module": _Nested(_module_tables),
    "manifest": _Nested(_manifest),
    "versions": readers.string_or_strings,
    "multiple_heads": readers.boolean,
    "models": readers.string_or_strings,
    "model_entry_points": readers.string_or_strings,
    "owners": readers.mapping,
    "metadata": readers.string,
    "naming_convention": readers.mapping,
    "context": readers.string,
    "script_location": readers.string,
    "alembic_config": readers.string,
    "sys_path": readers.strings,
    "database": readers.string,
    "migration_database": readers.string,
    "scratch": readers.string,
    "schemas": readers.strings,
    "base": readers.string,
    "structure": _Nested(_structure),
    "drift": _table_of(
        {"ignore": readers.drift_ignores, "compare": readers.compared, "cache": readers.boolean}
    ),
    "version_table": readers.string,
    "version_table_schema": readers.string,
    "allow_orphans": readers.strings,
    "allow_links": readers.strings,
    "strict": readers.boolean,
    "lock_wait": readers.duration,
    "lock_timeout": readers.duration,
    "statement_timeout": readers.duration,
    "timeout": readers.duration,
    "allow_pooler": readers.boolean,
    "retries": readers.count,
    "hooks": _Nested(_hooks),
    "post_write_hooks": readers.strings,
    "move_files": readers.strings,
    "new_module": _Nested(_new_module),
    "embedded": _table_of({"data": readers.string, "programs": readers.string}),
    "container": _table_of({"image": readers.string}),
}
