"""What the definitions of the modules promise."""

import importlib

from app.db import Base
from app.modules.base import load_definitions


def test_there_are_thirteen_modules_in_three_tiers() -> None:
    tiers: dict[str, set[str]] = {}
    for definition in load_definitions().values():
        tiers.setdefault(definition.effective_tier, set()).add(definition.code)

    assert tiers == {
        "core": {"core", "tenancy", "cms", "customers"},
        "optional": {
            "payments",
            "billing",
            "marketplace",
            "orders",
            "inventory",
            "analytics",
            "messaging",
        },
        "internal": {"monitoring", "dev_tools"},
    }


def test_requirements_name_modules_and_have_no_circle() -> None:
    definitions = load_definitions()
    placed: set[str] = set()
    while len(placed) < len(definitions):
        ready = {
            code
            for code, definition in definitions.items()
            if code not in placed and set(definition.requires) <= placed
        }
        assert ready, f"a circle, or an unknown module, among {definitions.keys() - placed}"
        placed |= ready


def test_foreign_keys_stay_within_what_a_module_requires() -> None:
    definitions = load_definitions()
    owners: dict[str, str] = {}
    for code in definitions.keys() - {"analytics"}:
        models = importlib.import_module(f"app.modules.{code}.models")
        for exported in (getattr(models, name) for name in models.__all__):
            table = getattr(exported, "__table__", exported)
            if getattr(table, "metadata", None) is Base.metadata:
                assert owners.setdefault(table.name, code) == code

    assert set(owners) == set(Base.metadata.tables)
    for table in Base.metadata.tables.values():
        code = owners[table.name]
        referred = {owners[key.column.table.name] for key in table.foreign_keys}
        assert referred <= {code, *definitions[code].requires}, table.name
