"""What Alembic's comparison finds on databases that true changes were made to, and the page about
it. As a program: what it finds, for `tests.checks.market`."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import NullPool, create_engine

from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    from sqlalchemy import MetaData

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "what-alembic-sees.md"
BEGIN, END = "<!-- the tables: written by scripts/alembic_page.py -->", "<!-- the end -->"
OURS = frozenset({"alembic_version", "modalembic_history"})
CHECKS = "alembic.ext.checkconstraint_byname"
DEFAULTS: Mapping[str, Any] = {}
EVERYTHING: Mapping[str, Any] = {
    "compare_type": True,
    "compare_server_default": True,
    "include_schemas": True,
    "autogenerate_plugins": ["alembic.autogenerate.*", CHECKS],
}


def alembic_version() -> str:
    """The version of the installed Alembic."""
    return version("alembic")


def differences(
    url: str, metadata: MetaData, options: Mapping[str, Any], words: Collection[str] = ()
) -> list[str]:
    """What Alembic would do, by operation and object; or how it fails. Tables are compared if they
    are among `words`, all of them if none is."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    known = {table.name for table in metadata.tables.values()}

    def include_name(name: str | None, kind: str, _: Mapping[str, Any]) -> bool:
        if kind != "table":
            return True
        return name not in OURS and (name in words or not known.intersection(words))

    def include_object(_: Any, name: str | None, kind: str, *__: Any) -> bool:
        return include_name(name, kind, {})

    engine = create_engine(DatabaseURL.parse(url).sqlalchemy, poolclass=NullPool)
    opts = {**options, "include_name": include_name, "include_object": include_object}
    try:
        with engine.connect() as connection, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context = MigrationContext.configure(connection, opts=opts)
            found = compare_metadata(context, metadata)
    except Exception as error:  # noqa: BLE001 - that it fails is what is to be told
        return [f"fails: {type(error).__name__}"]
    finally:
        engine.dispose()
    return sorted(_told(found))


def seen(url: str, metadata: MetaData, words: Collection[str]) -> dict[str, list[str]]:
    """What Alembic finds as it comes, and with every option."""
    return {
        "defaults": differences(url, metadata, DEFAULTS, words),
        "everything": differences(url, metadata, EVERYTHING, words),
    }


def _told(found: Iterable[Any]) -> set[str]:
    told: set[str] = set()
    for each in found:
        if isinstance(each, list):
            told |= _told(each)
        else:
            told.add(" ".join([each[0], *_names(each[1:])]))
    return told


def _names(parts: Iterable[Any]) -> list[str]:
    """What an operation is on: the names in it, without schema."""
    names = []
    for part in parts:
        if isinstance(part, str):
            names.append(part)
        elif getattr(part, "name", None) is not None and not isinstance(part, type):
            names.append(str(part.name))
    return names[:2]
