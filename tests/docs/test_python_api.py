"""The reference of the Python API has every public name, with the parameters it has."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields

import modalembic
from modalembic import Observer, Options
from tests.docs.pages import first_cells, page

REFERENCE = page("reference/python-api.md")


def test_every_public_name_has_a_section() -> None:
    headings = " ".join(REFERENCE.headings(2)).replace(".", " ").split()
    assert set(modalembic.__all__) - {"__version__"} <= set(headings)


def test_functions_are_shown_with_their_parameters() -> None:
    shown = dict(re.findall(r"`(\w+)\((.+?)\)`", REFERENCE.prose))
    functions = ("plan", "upgrade", "downgrade", "upgrade_sql", "downgrade_sql", "stamp")
    for name in (*functions, "check", "diff", "doctor", "repair"):
        parameters = inspect.signature(getattr(modalembic, name)).parameters.values()
        plain = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
        signature = str(inspect.Signature(plain)).strip("()").replace("'", '"')
        assert shown[name] == signature


def test_options_are_listed() -> None:
    section = REFERENCE.section("Options")
    assert {cell[0] for cell in first_cells(section)} == {field.name for field in fields(Options)}


def test_an_observers_methods_are_listed() -> None:
    listed = set(re.findall(r"`(\w+)\(", REFERENCE.section("Observer")))
    assert listed == {name for name in vars(Observer) if not name.startswith("_")}
