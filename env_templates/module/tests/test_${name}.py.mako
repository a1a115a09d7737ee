"""What holds for the ${title.lower()} module from its first day on."""

from importlib import import_module
from pkgutil import walk_packages
% if base:

${base.statement}
% endif

PACKAGE = "${package}"


def test_every_part_can_be_imported() -> None:
    module = import_module(PACKAGE)
    for part in walk_packages(module.__path__, f"{PACKAGE}."):
        assert import_module(part.name).__name__ == part.name
% if base:


def test_all_tables_are_in_the_metadata_that_modules_share() -> None:
    models = vars(import_module("${models}")).values()
    tables = [model.__table__ for model in models if hasattr(model, "__table__")]
    assert all(table.metadata is ${base.expression}.metadata for table in tables)
% endif
