"""MetaData objects found in what was imported."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import getattr_static
from types import ModuleType
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import registry


def metadatas_in(value: Any) -> Iterator[MetaData]:
    """The MetaData objects that a module's attributes lead to, in the order of the attributes,
    those without any table, sequence or type left out. Of anything but a module: its own.

    Attributes of arbitrary objects are not touched: behind one may be a proxy that works only
    inside a request.
    """
    values = vars(value).values() if is_really(value, ModuleType) else (value,)
    for candidate in tuple(values):
        metadata = _metadata_of_model(candidate)
        if metadata is not None and _has_anything(metadata):
            yield metadata


def metadata_of(value: Any) -> MetaData | None:
    """The MetaData that `value` is or has: a MetaData, a declarative base, a registry, a table, or
    Flask-SQLAlchemy's `db`."""
    if isinstance(value, MetaData):
        return value
    metadata = getattr(value, "metadata", None)
    return metadata if isinstance(metadata, MetaData) else None


def is_really(value: Any, kind: type) -> bool:
    """Whether `value` is of that kind by its own type. `isinstance` asks `value.__class__` besides,
    for which a proxy (Werkzeug's `LocalProxy`) goes to what it stands for."""
    return issubclass(type(value), kind)


def _metadata_of_model(value: Any) -> MetaData | None:
    if is_really(value, MetaData):
        return value  # type: ignore[no-any-return]
    if is_really(value, Table) or is_really(value, registry):
        return value.metadata  # type: ignore[no-any-return]
    if is_really(value, type):
        metadata = getattr_static(value, "metadata", None)
        return metadata if isinstance(metadata, MetaData) else None
    return None


def _has_anything(metadata: MetaData) -> bool:
    return bool(
        metadata.tables
        or metadata._sequences  # noqa: SLF001 - there is no public list of them
        or metadata.dispatch.before_create  # a type without a table, or an event that makes things
    )
