"""The models of a new module derive from what the project's models derive from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authoring.new_module.shops import initialised, new_module, python, text
from tests.projects import ProjectFiles
from tests.runtime.support import done

BASE = "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): ...\n"
MODEL = """
class {0}({1}):
    __tablename__ = "{2}"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def model(name: str, base: str, imports: str) -> str:
    head = "from sqlalchemy.orm import Mapped, mapped_column\n"
    return f"{head}{imports}\n{MODEL.format(name, base, name.lower())}"


def project(tmp_path: Path, configuration: str = "", **files: str) -> ProjectFiles:
    """A project with these files below `app`: `modules__a__models` is `modules/a/models.py`."""
    shop = ProjectFiles(tmp_path / "shop").configure(
        'modules = ["app/modules/*"]\n' + configuration
    )
    for name in ("app", "app/modules"):
        shop.file(f"{name}/__init__.py")
    for path, source in files.items():
        shop.file(f"app/{path if '/' in path else path.replace('__', '/')}.py", source)
    for name in {path.split("__")[1] for path in files if path.startswith("modules__")}:
        shop.file(f"app/modules/{name}/__init__.py")
    return shop


def models_of(shop: ProjectFiles, *arguments: str, imports: bool = True) -> str:
    """The import that the models of a new module need, as they say; its own test imports it."""
    done(new_module(shop, "loyalty", "--components", "models,tests", *arguments))
    said = text(shop, "app/modules/loyalty/models/__init__.py").splitlines()[-2].strip()
    test = "app/modules/loyalty/tests/test_loyalty.py"
    assert f"\n{said}\n" in text(shop, test)
    if imports:
        python(shop, "-m", "pytest", "-q", "-p", "no:cacheprovider", test)
    return said


def test_the_one_that_most_models_derive_from(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        db=BASE,
        other=BASE,
        modules__a__models=model("A", "Base", "from app.other import Base"),
        modules__b__models=model("B", "Base", "from app.db import Base")
        + MODEL.format("C", "Base", "c"),
    )
    assert models_of(shop) == "from app.db import Base"


def test_as_the_models_import_it(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        db__declarative=BASE,
        modules__a__models=model("A", "Base", "from app.db import Base"),
        **{"db/__init__": "from app.db.declarative import Base\n__all__ = ['Base']\n"},
    )
    assert models_of(shop) == "from app.db import Base"


def test_behind_a_base_of_the_applications_own(tmp_path: Path) -> None:
    mixin = "from app.db import Base\nclass Common(Base):\n    __abstract__ = True\n"
    shop = project(
        tmp_path,
        db=BASE,
        common=mixin,
        modules__a__models=model("A", "Common", "from app.common import Common"),
    )
    assert models_of(shop) == "from app.db import Base"


def test_made_by_a_function(tmp_path: Path) -> None:
    made = "from sqlalchemy.orm import registry\nModel = registry().generate_base()\n"
    shop = project(
        tmp_path, db=made, modules__a__models=model("A", "Model", "from app.db import Model")
    )
    assert models_of(shop) == "from app.db import Model"


def test_of_flask_sqlalchemy(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        ext="from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n",
        modules__a__models="from app.ext import db\nclass A(db.Model):\n"
        "    id = db.Column(db.Integer, primary_key=True)\n",
    )
    assert models_of(shop, imports=False) == "from app.ext import db"
    assert "`db.Model`:" in text(shop, "app/modules/loyalty/models/__init__.py")


def test_of_sqlmodel(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        modules__a__models="from sqlmodel import Field, SQLModel\n"
        "class A(SQLModel, table=True):\n    id: int = Field(primary_key=True)\n",
    )
    assert models_of(shop, imports=False) == "from sqlmodel import SQLModel"


def test_one_that_no_model_uses_yet(tmp_path: Path) -> None:
    assert models_of(project(tmp_path, core__database=BASE)) == "from app.core.database import Base"


def test_the_one_whose_metadata_is_configured(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        'metadata = "app.other:Base.metadata"',
        db=BASE,
        other=BASE,
        modules__a__models=model("A", "Base", "from app.db import Base"),
    )
    assert models_of(shop) == "from app.other import Base"


@pytest.mark.parametrize("option", [True, False])
def test_the_one_that_is_named(tmp_path: Path, option: bool) -> None:
    table = '[tool.modalembic.new_module]\nbase = "app.other:Base"\n'
    shop = project(tmp_path, "" if option else table, db=BASE, other=BASE)
    given = ("--base", "app.other:Base") if option else ()
    assert models_of(shop, *given) == "from app.other import Base"


def test_where_there_is_none_the_first_module_brings_one_for_all(tmp_path: Path) -> None:
    shop = initialised(tmp_path / "shop")
    assert models_of(shop) == "from app.modules.base import Base"
    done(new_module(shop, "accounts", "--components", "models"))
    assert "app.modules.base" in text(shop, "app/modules/accounts/models/__init__.py")


def test_it_has_the_naming_convention_that_is_configured(tmp_path: Path) -> None:
    shop = project(tmp_path, 'naming_convention = { pk = "key_of_%(table_name)s" }')
    models_of(shop)
    assert '{\n    "pk": "key_of_%(table_name)s",\n}' in text(shop, "app/modules/base.py")


def test_it_takes_the_place_of_nothing(tmp_path: Path) -> None:
    shop = project(tmp_path, **{"modules/base": "x = 1\n"})
    assert models_of(shop) == "from app.modules.orm import Base"
    assert text(shop, "app/modules/base.py") == "x = 1\n"


def test_a_module_at_the_top_has_it_inside(tmp_path: Path) -> None:
    shop = ProjectFiles(tmp_path / "shop").configure('modules = ["src/*"]')
    (shop.root / "src").mkdir()
    done(new_module(shop, "loyalty", "--components", "models"))
    assert "from loyalty.base import Base" in text(shop, "src/loyalty/models/__init__.py")
    python(shop, "-c", "import loyalty.models", PYTHONPATH="src")


def test_without_models_nobody_needs_one(tmp_path: Path) -> None:
    shop = initialised(tmp_path / "shop")
    done(new_module(shop, "loyalty", "--components", "services"))
    assert not (shop.root / "app/modules/base.py").exists()
