"""What a project's own Alembic configuration says, read without importing Alembic.

Alembic reads `alembic.ini` (`[alembic]`) and, since 1.16, `[tool.alembic]` in `pyproject.toml`;
where both have a key, the ini file wins. Only the keys that modalembic needs before it starts
Alembic are read here.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.config.toml import read_toml, tool_table
from modalembic.errors import ConfigurationError

_KEYS = (
    "script_location",
    "version_locations",
    "prepend_sys_path",
    "recursive_version_locations",
    "path_separator",
    "version_path_separator",
)


@dataclass(frozen=True)
class AlembicSettings:
    """`ini` and `toml` are the files there are; `listed_in` is the one that has
    `version_locations`, or would have it. Paths are as written, with `%(here)s` filled in; None or
    empty where Alembic's configuration does not say."""

    ini: Path | None = None
    toml: Path | None = None
    listed_in: Path | None = None
    script_location: str | None = None
    version_locations: tuple[str, ...] | None = None
    prepend_sys_path: tuple[str, ...] = ()
    recursive_version_locations: bool = False


def read_alembic_settings(root: Path, ini_name: str | None = None) -> AlembicSettings:
    """The Alembic configuration of the project at `root`; `ini_name` defaults to `alembic.ini`.

    Raises ConfigurationError where `ini_name` was given and is not there, or a file does not parse.
    """
    ini = root / (ini_name or "alembic.ini")
    if ini_name is not None and not ini.is_file():
        raise ConfigurationError(
            f"alembic_config names {ini_name}, which does not exist",
            hint="correct the path, or leave alembic_config out: alembic.ini is not needed",
            path=ini,
        )
    pyproject = root / "pyproject.toml"
    table = tool_table(read_toml(pyproject), "alembic") if pyproject.is_file() else None
    values: dict[str, Any] = _read_table(table, root) if isinstance(table, dict) else {}
    written = _read_ini(ini) if ini.is_file() else {}
    values |= written
    in_toml = isinstance(table, dict) and "version_locations" not in written
    recursive = str(values.get("recursive_version_locations", "")).lower()
    return AlembicSettings(
        ini=ini if ini.is_file() else None,
        toml=pyproject if isinstance(table, dict) else None,
        listed_in=pyproject if in_toml else ini if ini.is_file() else None,
        script_location=_stripped(values.get("script_location")),
        version_locations=_list(values, "version_locations"),
        prepend_sys_path=_list(values, "prepend_sys_path") or (),
        recursive_version_locations=recursive in ("true", "1", "yes", "on"),
    )


def _read_table(table: dict[str, Any], here: Path) -> dict[str, Any]:
    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(item) for item in value]
        if isinstance(value, str):
            return value.replace("%(here)s", here.as_posix()).replace("%%", "%")
        return value

    return {key: filled(table[key]) for key in _KEYS if key in table}


def _read_ini(ini: Path) -> dict[str, str]:
    import configparser

    here = ini.absolute().parent.as_posix().replace("%", "%%")
    parser = configparser.ConfigParser({"here": here})
    try:
        parser.read(ini, encoding="utf-8")
        if not parser.has_section("alembic"):
            return {}
        return {
            key: parser.get("alembic", key) for key in _KEYS if parser.has_option("alembic", key)
        }
    except (configparser.Error, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None) or _first_wrong_line(error)
        raise ConfigurationError(
            f"{ini.name} does not parse: {str(error).splitlines()[0]}", path=ini, line=line
        ) from error


def _first_wrong_line(error: Exception) -> int | None:
    """ParsingError has a list of the lines that it could not make sense of."""
    wrong = getattr(error, "errors", None)
    return wrong[0][0] if wrong else None


def _stripped(raw: Any) -> str | None:
    return raw.strip() or None if isinstance(raw, str) else None


def _list(values: dict[str, Any], key: str) -> tuple[str, ...] | None:
    raw = values.get(key)
    if isinstance(raw, list):
        items = raw
    elif isinstance(raw, str) and raw.strip():
        items = re.split(_separator(values, key), raw)
    else:
        return None
    return tuple(item for item in map(_stripped, items) if item)


def _separator(values: dict[str, Any], key: str) -> str:
    """Alembic's rule: `path_separator`, else the older `version_path_separator`, else spaces,
    commas and (for `prepend_sys_path`) colons."""
    named = values.get("path_separator")
    if named is None and key == "version_locations":
        named = values.get("version_path_separator")
    return {
        "space": r" +",
        "newline": r"\n+",
        "os": re.escape(os.pathsep),
        ":": ":",
        ";": ";",
    }.get(str(named), r"[\s,]+" if key == "version_locations" else r"[\s,:]+")
