from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from modalembic.errors import DumpError
from modalembic.postgres.catalog import Catalog, load, loads, to_document
from modalembic.reporting.document import dumps


@pytest.fixture
def document(everything_catalog: Catalog) -> dict[str, Any]:
    return copy.deepcopy({"version": 1, **to_document(everything_catalog)})


def test_a_catalog_comes_back_from_its_document(everything_catalog: Catalog) -> None:
    assert loads(dumps(to_document(everything_catalog))) == everything_catalog


def test_what_is_null_false_or_empty_is_left_out(document: dict[str, Any]) -> None:
    def values(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [found for item in value.values() for found in (item, *values(item))]
        return (
            [found for item in value for found in values(item)] if isinstance(value, list) else []
        )

    empty = [value for value in values(document) if value is None or value == []]

    assert empty == []


def _table(document: dict[str, Any]) -> dict[str, Any]:
    tables: list[dict[str, Any]] = document["catalog"]["tables"]
    return next(table for table in tables if table["name"] == "people")


SPOILED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no version": (lambda d: d.pop("version"), "this dump is of version None"),
    "another version": (lambda d: d.update(version=2), "this dump is of version 2"),
    "true as version": (lambda d: d.update(version=True), "this dump is of version True"),
    "no catalog": (lambda d: d.pop("catalog"), "it has no catalog"),
    "a list as catalog": (lambda d: d.update(catalog=[]), "catalog is not an object"),
    "no server": (lambda d: d.pop("server_version"), "catalog.server_version is not a number"),
    "an unknown key": (lambda d: d["catalog"].update(views2=[]), "unknown key: 'views2'"),
    "a string as list": (lambda d: d["catalog"].update(tables="x"), "catalog.tables is not a list"),
    "no name": (lambda d: _table(d).pop("name"), "has no name"),
    "a number as name": (lambda d: _table(d).update(name=7), ".name is not a string"),
    "a string as flag": (
        lambda d: _table(d).update(row_security="false"),
        ".row_security is not true or false",
    ),
    "a flag as number": (
        lambda d: d["catalog"]["sequences"][0].update(start=True),
        "sequences[0].start is not a number",
    ),
    "an unknown kind": (
        lambda d: _table(d).update(kind="heap"),
        ".kind is not one of table, partitioned table, foreign table",
    ),
    "null where there has to be a name": (
        lambda d: _table(d)["columns"][0].update(name=None),
        "columns[0].name is not a string",
    ),
    "a null character": (lambda d: _table(d).update(comment="a\0b"), "without null characters"),
    "half a character": (lambda d: _table(d).update(comment="\ud800"), "valid characters"),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_a_document_that_is_none_is_refused_with_the_place(
    document: dict[str, Any], spoiled: str
) -> None:
    spoil, message = SPOILED[spoiled]
    spoil(document)

    with pytest.raises(DumpError) as failure:
        load(document)
    assert message in failure.value.message
    assert "schema dump" in str(failure.value.hint)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"x"', "[" * 100_000, "1" * 5000])
def test_text_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(DumpError):
        loads(text)


def test_long_values_are_shortened_in_messages(document: dict[str, Any]) -> None:
    _table(document)["kind"] = "x" * 10_000

    with pytest.raises(DumpError) as failure:
        load(json.loads(json.dumps(document)))
    assert len(failure.value.message) < 300
