"""Which module owns which table, read from source that is never imported."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

from modalembic.errors import TwoOwners, UnknownModule
from modalembic.modules.ownership import Ownership, read_ownership
from tests.projects import ProjectFiles, SitePackages

BASE = """
    from sqlalchemy import MetaData
    from sqlalchemy.orm import DeclarativeBase, declared_attr

    PREFIX = "shop"
    crm = MetaData(schema="crm")

    class Base(DeclarativeBase):
        pass

    class Crm(DeclarativeBase):
        metadata = MetaData(schema="crm")

    class Named(DeclarativeBase):
        @declared_attr.directive
        def __tablename__(cls) -> str:
            '''The class's name.'''
            return cls.__name__.lower() + "s"

    class Timestamps:
        created_at = None
"""
SUBSCRIPTION = """
    from app.db import Base

    class Subscription(Base):
        __tablename__ = "subscriptions"

    LIMIT = 5
"""


@pytest.fixture
def shop(tmp_path: Path) -> ProjectFiles:
    project = ProjectFiles(tmp_path / "shop").configure()
    project.file("app/__init__.py").file("app/modules/__init__.py").file("app/db.py", BASE)
    project.file("app/models/__init__.py").file("app/models/subscription.py", SUBSCRIPTION)
    return project


def ownership(project: ProjectFiles) -> Ownership:
    loaded = project.load()
    return read_ownership(loaded.modules, loaded.search, loaded.configuration)


def tables_of(project: ProjectFiles, source: str) -> tuple[str, ...] | None:
    """The tables of a module whose `models.py` is `source`."""
    project.module("billing").file("models.py", source)
    return ownership(project).tables["billing"]


@pytest.mark.parametrize(
    ("source", "tables"),
    [
        ("", ()),
        ("class NoTable: ...", ()),
        (
            """
            from app.db import Base
            class Invoice(Base):
                __tablename__ = "invoices"
            class Mixin:
                __tablename__ = "not_mapped"
            class Abstract(Base):
                __abstract__ = True
                __tablename__ = "abstract"
            class Special(Invoice):
                pass
            class Explicit(Invoice):
                __tablename__ = None
            """,
            ("invoices",),
        ),
        (
            """
            from app.db import Base
            class Invoice(Base):
                __tablename__ = "invoices"
                __table_args__ = {"schema": "billing"}
            class Line(Base):
                __tablename__ = "lines"
                __table_args__ = (object(), {"schema": "billing", "comment": "x"})
            """,
            ("billing.invoices", "billing.lines"),
        ),
        (
            """
            from app.db import PREFIX, Base
            SCHEMA = "billing"
            ARGUMENTS = {"schema": SCHEMA}
            class Invoice(Base):
                __tablename__: str = f"{PREFIX}_invoices"
                __table_args__ = ARGUMENTS
            """,
            ("billing.shop_invoices",),
        ),
        (
            """
            import app.db as db
            class Invoice(db.Base):
                __tablename__ = db.PREFIX + "_invoices"
            """,
            ("shop_invoices",),
        ),
        (
            """
            from app.db import Crm
            class Invoice(Crm):
                __tablename__ = "invoices"
            """,
            ("crm.invoices",),
        ),
        (
            """
            from app.db import Named, Timestamps
            class Invoice(Timestamps, Named): ...
            class Line(Named):
                __tablename__ = "rows"
            """,
            ("invoices", "rows"),
        ),
        (
            """
            import re
            from sqlalchemy.orm import DeclarativeBase, declared_attr
            class Base(DeclarativeBase):
                @declared_attr
                def __tablename__(cls):
                    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
            class InvoiceLine(Base): ...
            """,
            ("invoice_line",),
        ),
        (
            """
            import sqlalchemy as sa
            from sqlalchemy import Column, Integer, Table
            from app.db import Base, Crm, crm
            links = Table("links", Base.metadata, Column("id", Integer))
            others = sa.Table("others", sa.MetaData(), schema="billing")
            in_crm = Table("notes", Crm.metadata)
            in_crm_too = Table("memos", crm)
            class Mapped(Base):
                __table__ = Table("mapped", Base.metadata)
            class Late(Base):
                __table__ = links
            def helper():
                return Table("made_when_called", Base.metadata)
            """,
            ("billing.others", "crm.memos", "crm.notes", "links", "mapped"),
        ),
        (
            """
            from rich.table import Table
            shown = Table("title", object())
            """,
            (),
        ),
        (
            """
            from sqlmodel import SQLModel
            class Invoice(SQLModel, table=True): ...
            class InvoiceRead(SQLModel): ...
            class Line(SQLModel, table=True):
                __tablename__ = "lines"
            """,
            ("invoice", "lines"),
        ),
        (
            """
            from app.extensions import db
            class InvoiceLine(db.Model):
                id = db.Column(db.Integer, primary_key=True)
            class Named(db.Model):
                __tablename__ = "named"
            links = db.Table("links", db.Column("a"))
            """,
            ("invoice_line", "links", "named"),
        ),
        (
            """
            from sqlalchemy import Column, Integer, MetaData, Table
            from sqlalchemy.orm import as_declarative, declarative_base, registry
            Base = declarative_base(metadata=MetaData(schema="crm"))
            reg = registry()
            @as_declarative()
            class Old:
                id = Column(Integer, primary_key=True)
            class Invoice(Base):
                __tablename__ = "invoices"
            class Line(Old):
                __tablename__ = "lines"
            @reg.mapped
            class Decorated:
                __tablename__ = "decorated"
            links = Table("links", Base.metadata)
            """,
            ("crm.invoices", "crm.links", "decorated", "lines"),
        ),
        (
            """
            from app.extensions import db
            class RecordBase(db.Timestamp):
                id = db.Column(db.Integer, primary_key=True)
            class Record(db.Model, RecordBase):
                __tablename__ = "records"
            """,
            ("records",),
        ),
        (
            """
            from typing import TYPE_CHECKING
            from app.db import Base
            if TYPE_CHECKING:
                class Hidden(Base):
                    __tablename__ = "hidden"
            else:
                class Shown(Base):
                    __tablename__ = "shown"
            try:
                import nothing
            except ImportError:
                class Fallback(Base):
                    __tablename__ = "fallback"
            """,
            ("fallback", "shown"),
        ),
    ],
)
def test_tables_are_read_from_source(
    shop: ProjectFiles, source: str, tables: tuple[str, ...]
) -> None:
    shop.file("app/extensions.py", "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n")
    assert tables_of(shop, source) == tables


@pytest.mark.parametrize(
    "source",
    [
        "class Invoice(Base):\n    __tablename__ = compute()",
        "class Invoice(Base):\n    __tablename__ = 'x'\n    __table_args__ = {'schema': compute()}",
        "class Invoice(Base):\n    __table__ = make_table()",
        (
            "class Invoice(Base):\n"
            "    @declared_attr\n"
            "    def __tablename__(cls):\n"
            "        name = cls.__name__\n"
            "        return compute(name)"
        ),
        "def make(name):\n    return Table(name, Base.metadata)",
        "from elsewhere import Model\nclass X(Model):\n    id = Column(primary_key=True)",
        "class Invoice(Base:",
    ],
)
def test_what_only_running_code_can_tell_makes_the_tables_unknown(
    shop: ProjectFiles, source: str
) -> None:
    head = "from sqlalchemy import Table\nfrom app.db import Base\n"
    assert tables_of(shop, head + source) is None
    (_, line) = ownership(shop).sources.unclear["billing"]
    assert line is not None


def test_an_unknown_table_in_one_module_leaves_the_others_known(shop: ProjectFiles) -> None:
    shop.module("orders").file("models.py", "class Broken(")
    assert tables_of(shop, SUBSCRIPTION) == ("subscriptions",)
    assert ownership(shop).tables["orders"] is None


def test_all_files_of_the_models_package_count_and_no_others(shop: ProjectFiles) -> None:
    module = shop.module("billing").file("models/__init__.py").file("models/deep/__init__.py")
    model = "from app.db import Base\nclass {0}(Base):\n    __tablename__ = '{0}'\n"
    module.file("models/a.py", model.format("a")).file("models/deep/b.py", model.format("b"))
    module.file("models/tests/test_c.py", model.format("c"))
    module.file("models/test_d.py", model.format("d"))
    module.file("services/e.py", model.format("e"))
    assert ownership(shop).tables["billing"] == ("a", "b")


def test_a_models_directory_without_init_counts_too(shop: ProjectFiles) -> None:
    shop.module("billing").file("models/subscription.py", SUBSCRIPTION)
    assert ownership(shop).tables["billing"] == ("subscriptions",)


def test_a_module_without_models_owns_nothing(shop: ProjectFiles) -> None:
    shop.module("analytics")
    shop.location("alembic/versions")
    assert ownership(shop).tables == {"analytics": ()}


# --- re-exports -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("models/__init__.py", "from app.models.subscription import Subscription"),
        ("models/__init__.py", "from app.models.subscription import Subscription as Sub"),
        ("models/__init__.py", "from ....models.subscription import Subscription"),
        ("models/__init__.py", "from app.models.subscription import *"),
        ("models/__init__.py", "from app.models import Subscription"),
        ("models/__init__.py", "from .shim import Subscription"),
        (
            "models/__init__.py",
            "from app.models.subscription import Subscription\n__all__ = ['Subscription']",
        ),
        (
            "models/__init__.py",
            (
                "import app.models.subscription as central\n"
                "Subscription = central.Subscription\n__all__ = ['Subscription']"
            ),
        ),
        ("models/shim.py", "from app.models.subscription import Subscription"),
        (
            "models/invoice.py",
            "from app.models.subscription import Subscription as Subscription\nclass X: ...",
        ),
        (
            "models/invoice.py",
            (
                "from app.models.subscription import Subscription\n"
                "class X: ...\n__all__ = ['Subscription', 'X']"
            ),
        ),
        ("models.py", "from app.models.subscription import Subscription\nclass X: ..."),
    ],
)
def test_the_module_that_re_exports_a_central_model_owns_its_table(
    shop: ProjectFiles, file: str, source: str
) -> None:
    shop.file("app/models/__init__.py", "from app.models.subscription import Subscription\n")
    module = shop.module("billing").file(file, source)
    if ".shim" in source:
        module.file("models/shim.py", "from app.models.subscription import Subscription\n")
    shop.module("orders").file("models.py", "")
    found = ownership(shop)
    assert found.tables == {"billing": ("subscriptions",), "orders": ()}
    assert found.problems == ()


@pytest.mark.parametrize(
    ("file", "source"),
    [
        (
            "models/__init__.py",
            "from app.models.subscription import Subscription\n__all__ = ['Invoice']",
        ),
        (
            "models/__init__.py",
            (
                "from typing import TYPE_CHECKING\n"
                "if TYPE_CHECKING:\n    from app.models.subscription import Subscription"
            ),
        ),
        ("models/__init__.py", "import app.models.subscription"),
        ("models/__init__.py", "from app.models.subscription import LIMIT"),
        (
            "models/invoice.py",
            "from app.models.subscription import Subscription\nclass Invoice: ...",
        ),
        (
            "models.py",
            (
                "from app.models.subscription import Subscription\n"
                "class Invoice:\n    subscription = relationship(Subscription)"
            ),
        ),
        (
            "models.py",
            (
                "from app.models.subscription import Subscription\n"
                "class Invoice:\n    subscription: Mapped['Subscription']"
            ),
        ),
        ("services.py", "from app.models.subscription import Subscription"),
    ],
)
def test_an_import_for_use_is_no_re_export(shop: ProjectFiles, file: str, source: str) -> None:
    module = shop.module("billing").file(file, source)
    if file == "models/invoice.py":
        module.file("models/__init__.py", "from .invoice import Invoice\n")
    found = ownership(shop)
    assert found.tables["billing"] == ()


def test_a_mention_in_a_docstring_is_no_use(shop: ProjectFiles) -> None:
    source = "'''Subscription is central.'''\nfrom app.models.subscription import Subscription\n"
    assert tables_of(shop, f"{source}class X: ...") == ("subscriptions",)


def test_a_re_exported_table_variable_and_a_class_over_it_are_found(shop: ProjectFiles) -> None:
    shop.file(
        "app/models/links.py",
        """
        from sqlalchemy import Table
        from app.db import Base
        links = Table("links", Base.metadata)
        notes = Table("notes", Base.metadata)
        class Note(Base):
            __table__ = notes
        """,
    )
    assert tables_of(shop, "from app.models.links import links, Note") == ("links", "notes")


def test_the_definition_wins_over_a_re_export_by_another_module(shop: ProjectFiles) -> None:
    shop.module("billing").file("models/__init__.py").file("models/sub.py", SUBSCRIPTION)
    shop.module("orders").file(
        "models/__init__.py", "from app.modules.billing.models.sub import Subscription\n"
    )
    found = ownership(shop)
    assert found.tables == {"billing": ("subscriptions",), "orders": ()}
    assert found.problems == ()


def test_a_model_elsewhere_in_the_package_belongs_to_the_module(shop: ProjectFiles) -> None:
    module = shop.module("billing").file("tables.py", SUBSCRIPTION)
    module.file("models.py", "from app.modules.billing.tables import Subscription\n")
    shop.module("orders").file("models.py", "from app.modules.billing.tables import Subscription\n")
    loaded = shop.load()
    found = ownership(shop)
    assert found.problems == ()
    assert found.tables["orders"] == ()
    assert loaded.module("billing").package == "app.modules.billing"
    assert found.tables["billing"] == ("subscriptions",)


def test_a_central_model_that_does_not_parse_makes_its_re_exporter_unknown(
    shop: ProjectFiles,
) -> None:
    shop.file("app/models/subscription.py", "class Subscription(\n")
    assert tables_of(shop, "from app.models.subscription import Subscription") is None


def test_a_central_model_without_a_readable_name_makes_its_re_exporter_unknown(
    shop: ProjectFiles,
) -> None:
    shop.file(
        "app/models/subscription.py",
        "from app.db import Base\nclass Subscription(Base):\n    __tablename__ = compute()\n",
    )
    assert tables_of(shop, "from app.models.subscription import Subscription") is None


# --- two owners, and settling ---------------------------------------------------------------------


def two_re_exporters(shop: ProjectFiles) -> None:
    for name in ("billing", "orders"):
        shop.module(name).file(
            "models/__init__.py", "\nfrom app.models.subscription import Subscription\n"
        )


def test_two_owners_are_a_problem_that_names_both(shop: ProjectFiles) -> None:
    two_re_exporters(shop)
    found = ownership(shop)
    (problem,) = found.problems
    assert isinstance(problem, TwoOwners)
    billing = shop.root / "app/modules/billing/models/__init__.py"
    orders = shop.root / "app/modules/orders/models/__init__.py"
    assert problem.message == (
        "table 'subscriptions' has 2 owners: "
        f"billing re-exports it ({billing}:2) and orders re-exports it ({orders}:2)"
    )
    assert problem.hint is not None
    assert '[tool.modalembic.owners] "subscriptions" = "billing"' in problem.hint
    assert problem.where == f"{orders}:2"
    assert found.tables == {"billing": (), "orders": ()}


def test_two_definitions_of_one_table_are_two_owners(shop: ProjectFiles) -> None:
    shop.module("billing").file("models.py", SUBSCRIPTION)
    shop.module("orders").file("models.py", SUBSCRIPTION)
    (problem,) = ownership(shop).problems
    assert "billing defines it" in problem.message
    assert "orders defines it" in problem.message


def test_the_configuration_settles_two_owners(shop: ProjectFiles) -> None:
    two_re_exporters(shop)
    shop.configure('modules = ["app/modules/*"]\nowners = { subscriptions = "orders" }')
    found = ownership(shop)
    assert found.problems == ()
    assert found.tables == {"billing": (), "orders": ("subscriptions",)}


def test_the_configuration_may_give_an_owner_to_a_table_that_no_model_defines(
    shop: ProjectFiles,
) -> None:
    shop.module("billing")
    shop.configure('modules = ["app/modules/*"]\nowners = { audit_log = "billing" }')
    assert ownership(shop).tables == {"billing": ("audit_log",)}


def test_an_owner_that_is_no_module_is_a_problem_with_its_line(shop: ProjectFiles) -> None:
    shop.module("billing")
    shop.configure('modules = ["app/modules/*"]\n[tool.modalembic.owners]\nx = "biling"')
    (problem,) = ownership(shop).problems
    assert isinstance(problem, UnknownModule)
    assert problem.where == f"{shop.root / 'pyproject.toml'}:4"


# --- other places for models ----------------------------------------------------------------------


def test_models_that_one_module_alone_names_are_its_own(shop: ProjectFiles) -> None:
    shop.module("billing")
    shop.module("orders")
    shop.configure(
        'modules = ["app/modules/*"]\n'
        '[tool.modalembic.module.billing]\nmodels = "app.models.subscription"'
    )
    assert ownership(shop).tables == {"billing": ("subscriptions",), "orders": ()}


def test_a_place_that_all_modules_name_is_central(shop: ProjectFiles) -> None:
    shop.configure('modules = ["app/modules/*"]\nmodels = ["{package}.models", "app.models"]')
    shop.module("orders")
    shop.module("billing").file(
        "models/__init__.py", "from app.models.subscription import Subscription\n"
    )
    assert ownership(shop).tables == {"billing": ("subscriptions",), "orders": ()}
    shop.module("billing").file("models/__init__.py", "")
    found = ownership(shop)
    assert found.tables == {"billing": (), "orders": ()}
    assert found.owners == {"subscriptions": None}


def test_entry_points_name_models_of_installed_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = SitePackages(tmp_path / "site")
    model = "class {0}(db.Model):\n    __tablename__ = '{0}'\n"
    head = "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"
    site.package(
        "acme_records",
        {
            "alembic/r1.py": "revision = 'r1'\ndown_revision = None\n",
            "models.py": head + model.format("records"),
            "buckets/models.py": head + model.format("buckets"),
        },
    )
    site.distribution(
        "acme-records",
        """
        [acme.alembic]
        acme_records = acme_records:alembic
        [acme.models]
        records = acme_records.models
        buckets = acme_records.buckets.models
        """,
    )
    monkeypatch.syspath_prepend(str(site.path))
    project = ProjectFiles(tmp_path / "app").configure(
        'entry_points = ["acme.alembic"]\nmodel_entry_points = ["acme.models"]'
    )
    assert ownership(project).tables == {"acme_records": ("buckets", "records")}


# --- cost -----------------------------------------------------------------------------------------


def test_reading_tables_imports_neither_sqlalchemy_nor_the_application(
    shop: ProjectFiles,
) -> None:
    shop.module("billing").file("models.py", SUBSCRIPTION)
    code = """
        import sys
        from pathlib import Path
        from modalembic.config import load_configuration
        from modalembic.modules import discover
        from modalembic.modules.ownership import read_ownership
        root = Path(sys.argv[1])
        configuration = load_configuration(root)
        modules = discover(configuration, (root,)).modules
        owned = read_ownership(modules, (root,), configuration).tables
        assert owned == {"billing": ("subscriptions",)}
        assert not {"sqlalchemy", "alembic", "psycopg", "app"} & sys.modules.keys()
    """
    subprocess.run([sys.executable, "-c", dedent(code), shop.root], check=True)


def test_three_hundred_modules_are_read_in_no_time(shop: ProjectFiles) -> None:
    for number in range(300):
        module = shop.module(f"m{number}").file(
            "models/__init__.py", f"from app.modules.m{number}.models.a import A, B\n"
        )
        module.file(
            "models/a.py",
            f"""
            from sqlalchemy.orm import Mapped, mapped_column
            from app.db import Base

            class A(Base):
                __tablename__ = "a{number}"
                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]

            class B(Base):
                __tablename__ = "b{number}"
                id: Mapped[int] = mapped_column(primary_key=True)
            """,
        )
    loaded = shop.load()
    started = time.perf_counter()
    tables = read_ownership(loaded.modules, loaded.search, loaded.configuration).tables
    took = time.perf_counter() - started
    assert tables["m7"] == ("a7", "b7")
    assert took < 2  # a quarter of a second; machines that run tests may be busy
