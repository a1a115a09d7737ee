"""A change makes anew what depends on it, and nothing else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from modalembic.checks.drift import check_drift
from tests.checks.drift_shop import Told, drift_of, drift_shop, executed
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import modalembic

MIGRATIONS, MODELS = "migrations", "models"
ENVIRONMENT = """
from alembic import context
from sqlalchemy import NullPool, create_engine

from app.base import Base
from app.models import import_models
{more}
import_models()
engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata{options})
    with context.begin_transaction():
        context.run_migrations()
"""
IMPORT_MODELS = """
import pkgutil
from importlib import import_module

import app.modules

def import_models():
    for found in pkgutil.iter_modules(app.modules.__path__, "app.modules."):
        import_module(f"{found.name}.models")
"""
UNNAMED = 'op.create_table("extras", sa.Column("a", sa.Integer, unique=True))'


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    """The project of two modules; its `env.py` imports the models, as that of a real one does."""
    project = drift_shop(tmp_path / "shop", server_url)
    project.file("app/models.py", IMPORT_MODELS)
    return project.file("migrations/env.py", ENVIRONMENT.format(more="", options=""))


def made(project: ProjectFiles) -> set[str]:
    """What a check makes on scratch databases."""
    told = Told()
    drift_of(project, observer=told)
    return {
        side
        for event in told.events
        for side, start in ((MIGRATIONS, "migrating"), (MODELS, "creating the models"))
        if event.startswith(start)
    }


def edited(project: ProjectFiles, path: str, old: str, new: str) -> None:
    """Exchange `old` for `new` in a file of the project."""
    file = project.root / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


class TestNothing:
    def test_is_made_where_nothing_has_changed(self, shop: ProjectFiles) -> None:
        assert made(shop) == {MIGRATIONS, MODELS}
        assert made(shop) == set()

    def test_is_started_where_nothing_has_changed(
        self, shop: ProjectFiles, server_directory: Path, tmp_path: Path
    ) -> None:
        head = 'modules = ["app/modules/*"]\nscratch = "embedded"\n[tool.modalembic.embedded]\n'
        data = server_directory / "cached" / "postgres"
        shop.configure(f'{head}data = "{data}"\n')
        assert made(shop) == {MIGRATIONS, MODELS}

        unusable = tmp_path / "a file"
        unusable.touch()
        shop.configure(f'{head}data = "{unusable}"\n')

        assert made(shop) == set()

    @pytest.mark.parametrize("path", ["app/services.py", "README.md", "tests/test_core.py", ".env"])
    def test_is_made_for_a_file_that_nothing_of_it_reads(
        self, shop: ProjectFiles, path: str
    ) -> None:
        made(shop)
        shop.file(path, "A = 1\n")

        assert made(shop) == set()

    def test_is_made_for_what_is_done_with_the_result(self, shop: ProjectFiles) -> None:
        made(shop)
        with (shop.root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write('[[tool.modalembic.drift.ignore]]\nname = "x"\nreason = "y"\n')

        assert made(shop) == set()


class TestMigrationsAlone:
    """Are made anew for"""

    def test_a_change_of_a_revision(self, shop: ProjectFiles) -> None:
        made(shop)
        shop.module("billing").revision("b2", down="b1", upgrade=UNNAMED)

        assert made(shop) == {MIGRATIONS}
        assert made(shop) == set()

    def test_a_comment_in_a_revision(self, shop: ProjectFiles) -> None:
        made(shop)
        edited(
            shop,
            "app/modules/core/migrations/versions/c1.py",
            "import sqlalchemy",
            "#\nimport sqlalchemy",
        )

        assert made(shop) == {MIGRATIONS}

    def test_a_file_of_sql_that_a_revision_reads(self, shop: ProjectFiles) -> None:
        read = 'op.execute((Path(__file__).parent / "b2.sql").read_text())'
        billing = shop.module("billing").revision(
            "b2", down="b1", upgrade=f"from pathlib import Path\n{read}"
        )
        billing.raw("b2.sql", "CREATE VIEW all_of_them AS SELECT * FROM invoices")
        made(shop)
        billing.raw("b2.sql", "CREATE VIEW others AS SELECT * FROM invoices")

        assert made(shop) == {MIGRATIONS}
        assert made(shop) == set()

    def test_one_more_file_in_a_directory_that_a_revision_lists(self, shop: ProjectFiles) -> None:
        body = """
            from pathlib import Path
            for file in sorted((Path(__file__).parent / "sql").glob("*.sql")):
                op.execute(file.read_text())
        """
        billing = shop.module("billing").revision("b2", down="b1", upgrade=body)
        billing.file("migrations/versions/sql/1.sql", "SELECT 1")
        made(shop)
        billing.file("migrations/versions/sql/2.sql", "CREATE TABLE more (id integer)")

        assert made(shop) == {MIGRATIONS}

    @pytest.mark.parametrize(
        "how", ["from app.names import TABLE", "TABLE = load('app.names').TABLE"]
    )
    def test_a_helper_that_a_revision_imports(self, shop: ProjectFiles, how: str) -> None:
        shop.file("app/names.py", "from app.words import WORD\nTABLE = WORD\n")
        shop.file("app/words.py", 'WORD = "one"\n')
        body = f'{how}\nop.create_table(TABLE, sa.Column("id", sa.Integer))'
        shop.module("billing").revision(
            "b2", down="b1", upgrade=f"from importlib import import_module as load\n{body}"
        )
        assert made(shop) == {MIGRATIONS, MODELS}
        assert made(shop) == set()
        shop.file("app/words.py", 'WORD = "two"\n')

        assert made(shop) == {MIGRATIONS}

    def test_a_helper_that_env_py_imported_before(self, shop: ProjectFiles) -> None:
        shop.file("app/names.py", 'TABLE = "one"\n')
        shop.file("migrations/env.py", ENVIRONMENT.format(more="import app.names", options=""))
        shop.module("billing").revision(
            "b2",
            down="b1",
            upgrade="from app import names\nop.execute(f'CREATE TABLE {names.TABLE} ()')",
        )
        made(shop)
        shop.file("app/names.py", 'TABLE = "two"\n')

        assert made(shop) == {MIGRATIONS}

    def test_env_py(self, shop: ProjectFiles) -> None:
        made(shop)
        shop.file("migrations/env.py", ENVIRONMENT.format(more="import app", options=""))

        assert made(shop) == {MIGRATIONS}

    def test_what_env_py_imports(self, shop: ProjectFiles) -> None:
        shop.file("app/hooks.py", "def applied(**_): pass\n")
        shop.file(
            "migrations/env.py",
            ENVIRONMENT.format(
                more="from app.hooks import applied", options=", on_version_apply=applied"
            ),
        )
        made(shop)
        shop.file("app/hooks.py", "def applied(**_): print('applied')\n")

        assert made(shop) == {MIGRATIONS}

    def test_data_that_env_py_reads(self, shop: ProjectFiles) -> None:
        shop.file("schemas.txt", "one\n")
        more = "from pathlib import Path\nPath(__file__, '../../schemas.txt').resolve().read_text()"
        shop.file("migrations/env.py", ENVIRONMENT.format(more=more, options=""))
        made(shop)
        shop.file("schemas.txt", "two\n")

        assert made(shop) == {MIGRATIONS}

    def test_a_variable_of_the_environment_that_a_revision_asks_for(
        self, shop: ProjectFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = 'import os\nif os.environ.get("SHOP_EXTRAS"):\n    ' + UNNAMED
        shop.module("billing").revision("b2", down="b1", upgrade=body)
        made(shop)
        assert made(shop) == set()
        monkeypatch.setenv("SHOP_EXTRAS", "1")

        assert made(shop) == {MIGRATIONS}
        assert [finding.name for finding in drift_of(shop)] == ["public.extras"]

    def test_alembics_configuration(self, shop: ProjectFiles) -> None:
        made(shop)
        shop.file("alembic.ini", "[alembic]\nscript_location = migrations\nschema = other\n")

        assert made(shop) == {MIGRATIONS}

    def test_a_key_that_bears_on_them(self, shop: ProjectFiles) -> None:
        made(shop)
        edited(shop, "pyproject.toml", "modules =", "multiple_heads = true\nmodules =")

        assert made(shop) == {MIGRATIONS}


EXTRA = """
class Extra(Base):
    __tablename__ = "extra"
    id = mapped_column(Integer, primary_key=True)

"""


class TestModelsAlone:
    """Are made anew for"""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("String(80)", "String(81)"),
            ("since = ", "until = mapped_column(Integer)\n    since = "),
            ("class Person", f"{EXTRA}class Person"),
        ],
        ids=["a type", "a column", "a table"],
    )
    def test_a_change_of_a_model(self, shop: ProjectFiles, old: str, new: str) -> None:
        made(shop)
        edited(shop, "app/modules/core/models.py", old, new)

        assert made(shop) == {MODELS}
        assert made(shop) == set()

    def test_a_listener(self, shop: ProjectFiles) -> None:
        made(shop)
        with (shop.root / "app/modules/core/models.py").open("a", encoding="utf-8") as file:
            file.write(
                "\nfrom sqlalchemy import DDL, event\n"
                "event.listen(Person.__table__, 'after_create', DDL('CREATE VIEW p AS SELECT 1'))\n"
            )

        # What env.py imports does more than declare tables now: nobody can tell what that is for.
        assert made(shop) == {MIGRATIONS, MODELS}
        edited(shop, "app/modules/core/models.py", "SELECT 1", "SELECT 2")
        assert MODELS in made(shop)

    def test_what_is_compared(self, shop: ProjectFiles) -> None:
        made(shop)
        with (shop.root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write('[tool.modalembic.drift]\ncompare = ["view"]\n')

        assert made(shop) == {MODELS}

    def test_a_comment_not_at_all(self, shop: ProjectFiles) -> None:
        made(shop)
        edited(shop, "app/modules/core/models.py", "class Person", "# a person\nclass Person")

        assert made(shop) == set()


class TestBoth:
    """Are made anew for"""

    def test_what_is_lent(self, shop: ProjectFiles) -> None:
        made(shop)
        shop.module("billing").revision(
            "b2", down="b1", upgrade=executed("CREATE TYPE colour AS ENUM ('red')")
        )

        assert made(shop) == {MIGRATIONS, MODELS}

    def test_a_convention(self, shop: ProjectFiles) -> None:
        shop.module("billing").revision("b2", down="b1", upgrade=UNNAMED)
        made(shop)
        edited(shop, "app/base.py", '"uq": "uq_', '"uq": "unique_')

        assert made(shop) == {MIGRATIONS, MODELS}

    def test_another_server(self, shop: ProjectFiles, monkeypatch: pytest.MonkeyPatch) -> None:
        made(shop)
        monkeypatch.setenv("PGOPTIONS", "-c timezone=Asia/Tokyo")

        assert made(shop) == {MIGRATIONS, MODELS}

    def test_a_project_that_wants_no_cache(self, shop: ProjectFiles) -> None:
        made(shop)
        with (shop.root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write("[tool.modalembic.drift]\ncache = false\n")

        assert made(shop) == {MIGRATIONS, MODELS}
        assert made(shop) == {MIGRATIONS, MODELS}

    def test_a_command_that_wants_no_cache(self, shop: ProjectFiles) -> None:
        made(shop)
        with forgotten("app"):
            result = modalembic(shop, "check", "drift", "--no-cache")

        assert "migrating a scratch database" in result.err
        assert "creating the models" in result.err


class TestNotKept:
    """Are the migrations where"""

    def test_a_revision_creates_the_tables_of_the_models(self, shop: ProjectFiles) -> None:
        body = "from app.base import Base\nBase.metadata.create_all(op.get_bind())"
        shop.module("billing").revision("b2", down="b1", upgrade=body)
        made(shop)

        assert made(shop) == {MIGRATIONS}

    def test_the_application_was_imported_by_somebody_else(
        self, shop: ProjectFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = Told()
        monkeypatch.setattr(sys, "path", [str(shop.root), *sys.path])
        for _ in range(2):
            with forgotten("app"):
                __import__("app.base")
                list(check_drift(shop.load(), observer=told))

        assert sum(event.startswith("migrating") for event in told.events) == 2


def test_the_models_are_not_kept_where_a_listener_needs_a_connection(shop: ProjectFiles) -> None:
    with (shop.root / "app/modules/core/models.py").open("a", encoding="utf-8") as file:
        file.write(
            "\nfrom sqlalchemy import event\n"
            "@event.listens_for(Person.__table__, 'after_create')\n"
            "def created(table, connection, **_):\n"
            "    assert connection.exec_driver_sql('SELECT 1').scalar() == 1\n"
        )
    assert made(shop) == {MIGRATIONS, MODELS}
    assert made(shop) == {MODELS}


def test_a_damaged_entry_is_no_entry(shop: ProjectFiles) -> None:
    made(shop)
    for file in (shop.cache / "catalogs").iterdir():
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 2])

    assert made(shop) == {MIGRATIONS, MODELS}
    assert made(shop) == set()


@pytest.mark.skipif(os.name != "posix", reason="has no such modes")
def test_an_entry_that_others_can_write_is_none(shop: ProjectFiles) -> None:
    made(shop)
    for file in (shop.cache / "catalogs").iterdir():
        file.chmod(0o666)

    assert made(shop) == {MIGRATIONS, MODELS}


def test_what_is_kept_says_the_same(shop: ProjectFiles) -> None:
    edited(shop, "app/modules/core/models.py", "String(80)", "String(81)")
    edited(shop, "app/modules/billing/models.py", "class ", "# moved down\nclass ")
    first = drift_of(shop)

    assert first
    assert drift_of(shop) == first
