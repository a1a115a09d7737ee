"""Importing all models of a project, and who owns their tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from modalembic.errors import (
    ConfigurationError,
    ImportFailed,
    ModelsNotFound,
    ObjectNotFound,
    ProjectProblems,
    TwoOwners,
)
from modalembic.modules.ownership import read_ownership
from modalembic.project import Project
from modalembic.runtime.models.convention import configured_metadata
from modalembic.runtime.models.loaded import LoadedModels, load_models
from modalembic.runtime.models.metadata import merged_metadata
from tests.projects import ProjectFiles, SitePackages
from tests.runtime.isolation import forgotten

BASE = """
    from sqlalchemy import MetaData
    from sqlalchemy.orm import DeclarativeBase

    class Base(DeclarativeBase):
        metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})
"""
MODEL = """
from sqlalchemy.orm import Mapped, mapped_column
from app.db import Base

class {0}(Base):
    __tablename__ = "{1}"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


@pytest.fixture(autouse=True)
def _own_application() -> Iterator[None]:
    with forgotten("app", "acme"):
        yield


@pytest.fixture
def shop(tmp_path: Path) -> ProjectFiles:
    project = ProjectFiles(tmp_path / "shop").configure()
    project.file("app/__init__.py").file("app/modules/__init__.py").file("app/db.py", BASE)
    project.file("app/models/__init__.py")
    return project.file("app/models/subscription.py", MODEL.format("Subscription", "subscriptions"))


def loaded(project: ProjectFiles) -> LoadedModels:
    return load_models(project.load())


def test_models_of_all_modules_are_imported_and_owned(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", MODEL.format("Invoice", "invoices"))
    shop.module("orders").file("models/__init__.py").file(
        "models/order.py", MODEL.format("Order", "orders")
    )
    shop.module("analytics")
    models = loaded(shop)
    assert models.owners == {"invoices": "billing", "orders": "orders"}
    assert models.problems == ()
    (found,) = models.metadatas
    assert (found.source, found.module) == ("app.modules.billing.models", "billing")
    (invoices, _) = models.tables
    assert invoices.definition.module == "app.modules.billing.models"
    assert invoices.definition.symbol == "Invoice"
    assert invoices.definition.path == shop.root / "app/modules/billing/models.py"
    assert invoices.definition.line == 5


def test_a_model_file_that_nobody_imports_is_imported_too(shop: ProjectFiles) -> None:
    module = shop.module("billing").file("models/__init__.py")
    module.file("models/deep/__init__.py").file("models/deep/a.py", MODEL.format("A", "a"))
    shop.module("orders").file("models/b.py", MODEL.format("B", "b"))  # no __init__.py
    assert loaded(shop).owners == {"a": "billing", "b": "orders"}


def test_the_search_path_is_left_as_it_was(shop: ProjectFiles) -> None:
    before = list(sys.path)
    shop.module("billing").file("models.py", MODEL.format("Invoice", "invoices"))
    loaded(shop)
    assert sys.path == before


def test_a_central_model_belongs_to_the_module_that_re_exports_it(shop: ProjectFiles) -> None:
    shop.module("billing").file(
        "models/__init__.py", "from app.models.subscription import Subscription\n"
    )
    shop.module("orders").file(
        "models.py",
        "from app.models.subscription import Subscription\n"
        "class Order:\n    subscription = Subscription\n",
    )
    models = loaded(shop)
    assert models.require_owners() == {"subscriptions": "billing"}
    (table,) = models.tables
    assert table.definition.module == "app.models.subscription"


def test_a_central_model_that_nobody_re_exports_has_no_owner(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", "import app.models.subscription\n")
    shop.configure('modules = ["app/modules/*"]\nmetadata = "app.db:Base"')
    assert loaded(shop).owners == {"subscriptions": None}


def test_two_owners_are_raised_to_who_needs_owners(shop: ProjectFiles) -> None:
    for name in ("billing", "orders"):
        shop.module(name).file(
            "models/__init__.py", "from app.models.subscription import Subscription\n"
        )
    models = loaded(shop)
    assert models.owners == {"subscriptions": None}
    with pytest.raises(TwoOwners, match=r"billing re-exports it .* and orders re-exports it"):
        models.require_owners()
    shop.configure('modules = ["app/modules/*"]\nowners = { x = "y", z = "y" }')
    with forgotten("app"), pytest.raises(ProjectProblems):
        loaded(shop).require_owners()


def test_names_that_only_running_code_tells_are_owned_too(shop: ProjectFiles) -> None:
    shop.module("billing").file(
        "models.py",
        """
        from sqlalchemy import Column, Integer, Table
        from app.db import Base
        from app.history import history_of

        for name in ("a", "b"):
            Table(name + "_log", Base.metadata, Column("id", Integer, primary_key=True))

        class Invoice(Base):
            __tablename__ = "_".join(["the", "invoices"])
            id = Column(Integer, primary_key=True)

        InvoiceHistory = history_of(Invoice)
        """,
    )
    shop.file(
        "app/history.py",
        """
        from sqlalchemy import Column, Integer
        from app.db import Base

        def history_of(model):
            class History(Base):
                __tablename__ = model.__tablename__ + "_history"
                id = Column(Integer, primary_key=True)
            return History
        """,
    )
    project = shop.load()
    assert read_ownership(project.modules, project.search, project.configuration).tables == {
        "billing": None
    }
    models = load_models(project)
    assert models.owners == dict.fromkeys(
        ["a_log", "b_log", "the_invoices", "the_invoices_history"], "billing"
    )
    assert {t.key: t.definition.line for t in models.tables}["a_log"] == 7


def test_models_that_were_imported_before_have_the_same_owners(shop: ProjectFiles) -> None:
    shop.module("billing").file(
        "models/__init__.py",
        """
        from app.models.subscription import Subscription
        from app.modules.billing.models.links import links
        """,
    ).file(
        "models/links.py",
        """
        from sqlalchemy import Column, Integer, Table
        from app.db import Base
        NAME = "links"
        links = Table(NAME, Base.metadata, Column("id", Integer))
        made = {name: Table(name, Base.metadata) for name in ["x"]}
        """,
    )
    project = shop.load()
    first, again = load_models(project), load_models(project)
    assert again.metadatas == first.metadatas
    assert first.owners == {"links": "billing", "subscriptions": "billing", "x": "billing"}
    assert again.owners == first.owners


def test_a_table_that_no_module_defines_is_nobodys_when_asked_again(shop: ProjectFiles) -> None:
    """Its file lies in the old central place, and is imported but once."""
    shop.file(
        "app/models/links.py",
        """
        from sqlalchemy import Column, Integer, Table
        from app.db import Base
        links = Table("links", Base.metadata, Column("id", Integer))
        """,
    )
    shop.module("billing").file(
        "models/__init__.py",
        """
        import app.models.links
        from app.models.subscription import Subscription
        """,
    )
    project = shop.load()
    first, again = load_models(project), load_models(project)
    assert first.owners == {"links": None, "subscriptions": "billing"}
    assert again.owners == first.owners
    assert [table.definition for table in again.tables] == [t.definition for t in first.tables]


def test_static_and_dynamic_ownership_agree(shop: ProjectFiles) -> None:
    shop.module("billing").file(
        "models/__init__.py",
        "from .own import *\nfrom app.models.subscription import Subscription\n",
    ).file("models/own.py", MODEL.format("Invoice", "invoices"))
    shop.module("crm").file(
        "models.py",
        """
        from sqlalchemy import Column, Integer, MetaData, Table
        from sqlalchemy.orm import DeclarativeBase, declared_attr
        class Base(DeclarativeBase):
            metadata = MetaData(schema="crm")
            @declared_attr.directive
            def __tablename__(cls):
                return cls.__name__.lower() + "s"
        class Lead(Base):
            id = Column(Integer, primary_key=True)
        class Special(Lead):
            __tablename__ = None
        class Note(Base):
            __tablename__ = "notes"
            __table_args__ = {"schema": "notes"}
            id = Column(Integer, primary_key=True)
        links = Table("links", Base.metadata, Column("id", Integer))
        """,
    )
    project = shop.load()
    models = load_models(project)
    static = read_ownership(project.modules, project.search, project.configuration).tables
    assert static == {
        "billing": ("invoices", "subscriptions"),
        "crm": ("crm.leads", "crm.links", "notes.notes"),
    }
    dynamic: dict[str, list[str]] = {}
    for table, owner in models.owners.items():
        dynamic.setdefault(str(owner), []).append(table)
    assert {name: tuple(sorted(tables)) for name, tables in dynamic.items()} == static


# --- what cannot be imported ----------------------------------------------------------------------


def test_a_models_module_that_raises_is_named_with_the_line(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", "from app.broken import x\n")
    shop.file("app/broken.py", "\n\nx = 1 / 0\n")
    with pytest.raises(ImportFailed) as raised:
        loaded(shop)
    assert raised.value.message == (
        "app.modules.billing.models (models of billing) cannot be imported: "
        "ZeroDivisionError: division by zero"
    )
    assert raised.value.where == f"{shop.root / 'app/broken.py'}:3"


def test_a_models_module_with_a_syntax_error_is_named_with_the_line(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", "x = 1\nclass Invoice(\n")
    with pytest.raises(ImportFailed) as raised:
        loaded(shop)
    assert raised.value.where == f"{shop.root / 'app/modules/billing/models.py'}:2"
    assert "SyntaxError" in raised.value.message


def test_a_missing_import_of_a_models_module_is_no_missing_models(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", "\nimport not_installed_here\n")
    with pytest.raises(ImportFailed) as raised:
        loaded(shop)
    assert "No module named 'not_installed_here'" in raised.value.message
    assert raised.value.where == f"{shop.root / 'app/modules/billing/models.py'}:2"


def test_a_models_module_that_exits_does_not_end_the_command(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", "import sys\nsys.exit('no settings')\n")
    with pytest.raises(ImportFailed, match="SystemExit: no settings"):
        loaded(shop)


def test_models_that_the_configuration_names_have_to_exist(shop: ProjectFiles) -> None:
    shop.module("billing")
    shop.configure(
        'modules = ["app/modules/*"]\n'
        '[tool.modalembic.module.billing]\nmodels = "app.modules.billing.tables"'
    )
    with pytest.raises(ModelsNotFound) as raised:
        loaded(shop)
    assert "module billing: there is no 'app.modules.billing.tables'" in raised.value.message
    assert raised.value.where == f"{shop.root / 'pyproject.toml'}:3"


# --- other sources --------------------------------------------------------------------------------


def test_entry_points_name_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = SitePackages(tmp_path / "site")
    site.package("acme", {"db.py": BASE, "models.py": MODEL.format("Record", "records")})
    site.package("acme.files", {"models.py": MODEL.format("File", "files")})
    for file in site.path.rglob("models.py"):
        file.write_text(file.read_text().replace("from app.db", "from acme.db"))
    site.distribution(
        "acme", "[acme.models]\nrecords = acme.models:Record\nfiles = acme.files.models\n"
    )
    monkeypatch.syspath_prepend(str(site.path))
    project = ProjectFiles(tmp_path / "app").configure('model_entry_points = ["acme.models"]')
    project.configure(
        'model_entry_points = ["acme.models"]\nlocations = { core = "versions" }'
    ).file("versions/.keep")
    models = loaded(project)
    assert models.owners == {"files": None, "records": None}
    site.distribution("acme", "[acme.models]\nrecords = acme.nothing\n")
    with forgotten("acme"), pytest.raises(ModelsNotFound, match=r"records = 'acme\.nothing'"):
        loaded(project)


def test_the_configured_metadata_comes_first(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", MODEL.format("Invoice", "invoices"))
    for spec in ("app.db:Base", "app.db:Base.metadata", "app.db:db"):
        shop.configure(f'modules = ["app/modules/*"]\nmetadata = "{spec}"')
        shop.file("app/db.py", BASE + "\n    class db:\n        metadata = Base.metadata\n")
        with forgotten("app"):
            (found,) = loaded(shop).metadatas
        assert (found.source, found.module) == (spec, None)
        assert isinstance(found.metadata, MetaData)


def test_a_configured_metadata_that_is_none_is_refused(shop: ProjectFiles) -> None:
    shop.configure('modules = ["app/modules/*"]\nmetadata = "app.db:DeclarativeBase"')
    with pytest.raises(ObjectNotFound, match="has no MetaData") as raised:
        loaded(shop)
    assert raised.value.where == f"{shop.root / 'pyproject.toml'}:3"


def test_a_metadata_for_another_database_is_left_out(shop: ProjectFiles) -> None:
    shop.module("billing").file(
        "models.py",
        """
        from sqlalchemy import Column, Integer, MetaData, Table
        other = MetaData(info={"bind_key": "warehouse"})
        Table("facts", other, Column("id", Integer))
        mine = MetaData(info={"bind_key": None})
        Table("invoices", mine, Column("id", Integer))
        """,
    )
    assert loaded(shop).owners == {"invoices": "billing"}


def several(shop: ProjectFiles) -> Project:
    for name in ("crm", "billing"):
        shop.module(name).file(
            "models.py",
            f"""
            from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table
            metadata = MetaData(naming_convention={{"fk": "fk_%(table_name)s"}})
            Table("{name}", metadata, Column("id", Integer, primary_key=True),
                  Column("crm_id", ForeignKey("crm.id")))
            """,
        )
    return shop.load()


def test_several_metadatas_are_found_in_the_order_of_the_modules(shop: ProjectFiles) -> None:
    models = load_models(several(shop))
    assert [found.module for found in models.metadatas] == ["billing", "crm"]
    merged = merged_metadata(models)
    (key,) = merged.tables["billing"].foreign_keys
    assert key.column.table is merged.tables["crm"]
    assert key.name == "fk_billing"


def test_the_naming_convention_comes_from_configuration_metadata_or_models(
    shop: ProjectFiles,
) -> None:
    project = several(shop)
    assert configured_metadata(project) is None
    merged = merged_metadata(load_models(project))
    assert merged.naming_convention == {"fk": "fk_%(table_name)s"}
    shop.configure('modules = ["app/modules/*"]\nmetadata = "app.db:Base"')
    configured = configured_metadata(shop.load())
    assert configured is not None
    assert configured.naming_convention == {"pk": "pk_%(table_name)s"}
    shop.configure(
        'modules = ["app/modules/*"]\nmetadata = "app.db:Base"\n'
        'naming_convention = { ix = "i_%(column_0_label)s" }'
    )
    configured = configured_metadata(shop.load())
    assert configured is not None
    assert configured.naming_convention == {"ix": "i_%(column_0_label)s"}


def test_metadata_that_is_none_is_named(shop: ProjectFiles) -> None:
    several(shop)
    shop.configure('modules = ["app/modules/*"]\nmetadata = "app.db:__name__"')
    with pytest.raises(ConfigurationError, match="which is a str and has no MetaData"):
        configured_metadata(shop.load())


def test_a_proxy_beside_the_models_is_left_alone(shop: ProjectFiles) -> None:
    """As Werkzeug's: it has the class of what it stands for, which is there only in a request."""
    proxy = """
class Proxy:
    @property
    def __class__(self):
        raise RuntimeError("outside of a request")

current = Proxy()
"""
    shop.module("billing").file("models.py", MODEL.format("Invoice", "invoices") + proxy)
    assert loaded(shop).owners == {"invoices": "billing"}


VERSIONED = """
from sqlalchemy import Column, Integer, Table, event
from sqlalchemy.orm import Mapper

@event.listens_for(Mapper, "after_configured", once=True)
def versions():
    Table("invoices_version", Base.metadata, Column("id", Integer, primary_key=True))
"""
ASTRAY = """
from sqlalchemy.orm import relationship
Invoice.person = relationship("Nobody")
"""


def test_tables_that_come_with_configured_mappers_are_there(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", MODEL.format("Invoice", "invoices") + VERSIONED)
    models = loaded(shop)
    assert sorted(models.owners) == ["invoices", "invoices_version"]
    assert models.unconfigured is None


def test_a_relationship_that_leads_nowhere_is_told(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", MODEL.format("Invoice", "invoices") + ASTRAY)
    models = loaded(shop)
    try:
        assert models.owners == {"invoices": "billing"}
        assert models.unconfigured is not None
        assert "'Nobody'" in models.unconfigured
    finally:
        # Or else it is in the way of all other mappers of this process.
        sys.modules["app.db"].Base.registry.dispose()
