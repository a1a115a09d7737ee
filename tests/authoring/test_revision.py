"""`revision`: an empty revision for a module, and transfers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modalembic.authoring.revision import plan_revision, revision, write_revision
from modalembic.checks.history import check_history
from modalembic.errors import (
    MissingRevision,
    ModalembicError,
    MultipleHeads,
    NothingToTransfer,
    RevisionTemplateError,
    UnknownModule,
    UsageError,
)
from tests.projects import GLOB, ProjectFiles
from tests.runtime.support import ENV, alembic_process, done, sql, versions

MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
customers = Table("customers", metadata, Column("id", Integer, primary_key=True))
invoices = Table("invoices", metadata, Column("id", Integer, primary_key=True))
"""
STOCK = """
[tool.alembic]
script_location = "%(here)s/migrations"
version_locations = [
    "%(here)s/app/modules/billing/migrations/versions",
    "%(here)s/app/modules/crm/migrations/versions",
]
"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Crm has made customers and c2 is its head; billing owns the model now."""
    files = ProjectFiles(tmp_path / "shop").configure(GLOB).file("migrations/env.py", ENV)
    crm = files.module("crm")
    crm.revision(
        "c1",
        labels="crm",
        upgrade=sql("CREATE TABLE customers (id int PRIMARY KEY)"),
        downgrade=sql("DROP TABLE customers"),
    )
    crm.revision("c2", down="c1")
    billing = files.module("billing").file("models.py", MODELS)
    billing.revision(
        "b1",
        labels="billing",
        upgrade=sql("CREATE TABLE invoices (id int PRIMARY KEY)"),
        downgrade=sql("DROP TABLE invoices"),
    )
    return files


def head_file(project: ProjectFiles, module: str) -> str:
    return (project.root / f"app/modules/{module}/migrations/versions/HEAD").read_text()


class TestATransfer:
    def test_depends_on_the_head_of_the_old_owner(self, project: ProjectFiles) -> None:
        planned = revision(project.load(), "billing", "Take customers over", transfer="crm")
        after = project.load()
        assert after.problems == ()
        made = after.graph.revisions[planned.revision]
        assert (made.module, made.down_revisions, made.depends_on) == ("billing", ("b1",), ("c2",))
        assert after.graph.heads["billing"] == (planned.revision,)
        assert head_file(project, "billing") == f"{planned.revision}\n"
        assert [*check_history(after)] == []

    def test_names_the_tables_that_moved(self, project: ProjectFiles) -> None:
        planned = revision(project.load(), "billing", "Take customers over", transfer="crm")
        assert planned.tables == ("customers",)
        text = planned.path.read_text()
        assert text.startswith(
            '"""Take customers over\n\nTakes over from crm:\n\n- customers\n\nRevision ID: '
        )

    def test_names_the_tables_that_are_given(self, project: ProjectFiles) -> None:
        planned = plan_revision(
            project.load(), "billing", "x", transfer="crm", tables=("crm.people", "notes")
        )
        assert planned.tables == ("crm.people", "notes")
        assert "- crm.people\n- notes\n" in planned.changes.diff().replace("\n+", "\n")

    def test_takes_no_table_of_a_third_module(self, project: ProjectFiles) -> None:
        project.module("orders").revision("o1")
        with pytest.raises(UsageError, match="invoices belongs to billing") as raised:
            plan_revision(project.load(), "orders", "x", transfer="crm", tables=("invoices",))
        assert "--table is for what is in crm or orders" in str(raised.value.hint)

    def test_takes_a_table_that_is_still_in_the_old_module(self, project: ProjectFiles) -> None:
        loaded = project.load()
        planned = plan_revision(loaded, "crm", "x", transfer="billing", tables=("invoices",))
        assert planned.tables == ("invoices",)

    def test_names_none_where_none_is_known(self, project: ProjectFiles) -> None:
        planned = revision(project.load(), "crm", "Build on billing", transfer="billing")
        assert planned.tables == ()
        assert "runs after all that billing did before" in planned.path.read_text()

    def test_may_be_the_first_revision_of_a_module(self, project: ProjectFiles) -> None:
        project.module("stock")
        (project.root / "app/modules/stock/migrations/versions").mkdir(parents=True)
        planned = revision(project.load(), "stock", "Begin", transfer="crm")
        made = project.load().graph.revisions[planned.revision]
        assert (made.branch_labels, made.label_implied) == (("stock",), False)
        assert made.depends_on == ("c2",)

    def test_runs_under_stock_alembic_and_back(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        url = 'url = context.config.get_main_option("sqlalchemy.url")'
        stock = ENV.replace(url, 'import os\n\nurl = os.environ["SHOP_URL"]')
        project.configure(f"{GLOB}\n{STOCK}").file("migrations/env.py", stock)
        # Crm builds on billing, so that the transfer closes a circle of modules.
        project.module("crm").revision("c3", down="c2", depends_on="b1")
        planned = revision(project.load(), "billing", "Take over", transfer="crm")
        given = {"SHOP_URL": database_url.replace("postgresql:", "postgresql+psycopg:")}
        heads = done(alembic_process(project, "heads", **given)).out
        assert f"{planned.revision} (billing)" in heads
        done(alembic_process(project, "upgrade", "heads", **given))
        assert versions(database_url) == {planned.revision}
        done(alembic_process(project, "downgrade", "base", **given))
        assert versions(database_url) == set()

    @pytest.mark.parametrize("first", ["crm", "billing"])
    def test_is_not_needed_twice(self, project: ProjectFiles, first: str) -> None:
        other = {"crm": "billing", "billing": "crm"}[first]
        revision(project.load(), first, "x", transfer=other)
        with pytest.raises(NothingToTransfer, match="already"):
            plan_revision(project.load(), first, "y", transfer=other)

    def test_of_a_module_without_revisions_is_refused(self, project: ProjectFiles) -> None:
        project.module("stock")
        with pytest.raises(NothingToTransfer, match="stock has no revision"):
            plan_revision(project.load(), "billing", "x", transfer="stock")

    @pytest.mark.parametrize("module", ["crm", "billing"])
    def test_with_several_heads_on_either_side_is_refused(
        self, project: ProjectFiles, module: str
    ) -> None:
        first = {"crm": "c1", "billing": "b1"}[module]
        project.module(module).revision("z1", down=first).revision("z2", down=first)
        with pytest.raises(MultipleHeads) as raised:
            plan_revision(project.load(), "billing", "x", transfer="crm")
        assert raised.value.hint == f"`modalembic merge {module}` joins them"

    def test_from_a_module_to_itself_is_refused(self, project: ProjectFiles) -> None:
        with pytest.raises(UsageError, match="itself"):
            plan_revision(project.load(), "crm", "x", transfer="crm")

    @pytest.mark.parametrize(("module", "transfer"), [("crm", "nobody"), ("nobody", "crm")])
    def test_with_an_unknown_module_is_refused(
        self, project: ProjectFiles, module: str, transfer: str
    ) -> None:
        with pytest.raises(UnknownModule):
            plan_revision(project.load(), module, "x", transfer=transfer)


class TestARevision:
    def test_follows_the_head(self, project: ProjectFiles) -> None:
        planned = revision(project.load(), "crm", "Say hello")
        made = project.load().graph.revisions[planned.revision]
        assert (made.down_revisions, made.depends_on) == (("c2",), ())
        assert "from alembic import op" in planned.path.read_text()

    def test_is_laid_out_as_the_project_wants_it(self, project: ProjectFiles) -> None:
        project.configure(f"{GLOB}\n{STOCK}file_template = 'on_%%(year)d_%%(slug)s'\n")
        project.file(
            "migrations/script.py.mako",
            '"""${message}."""\n\nrevision = ${repr(up_revision)}\n'
            "down_revision = ${repr(down_revision)}\nbranch_labels = ${repr(branch_labels)}\n"
            "depends_on = ${repr(depends_on)}\nhouse_rule = True\n\n\ndef upgrade():\n    pass\n",
        )
        planned = revision(project.load(), "billing", "Take over", transfer="crm")
        assert planned.path.name.startswith("on_20")
        assert planned.path.name.endswith("_take_over.py")
        text = planned.path.read_text()
        assert text.startswith('"""Take over.\n\nTakes over from crm:\n\n- customers\n"""\n')
        assert "house_rule = True" in text

    @pytest.mark.parametrize("transfer", [None, "crm"])
    def test_is_in_form(self, project: ProjectFiles, transfer: str | None) -> None:
        planned = revision(project.load(), "billing", "Do it", transfer=transfer)
        formatted = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--check", planned.path], check=False
        )
        assert formatted.returncode == 0

    def test_of_two_people_at_once_is_two(self, project: ProjectFiles) -> None:
        loaded = project.load()
        one, other = (plan_revision(loaded, "crm", "The same") for _ in range(2))
        assert one.revision != other.revision
        assert one.path != other.path

    def test_is_refused_where_a_template_forgets_a_header(self, project: ProjectFiles) -> None:
        project.file(
            "migrations/script.py.mako",
            '"""${message}"""\nrevision = ${repr(up_revision)}\n'
            "down_revision = ${repr(down_revision)}\n\n\ndef upgrade():\n    pass\n",
        )
        before = sorted(project.root.rglob("*"))
        loaded = project.load()
        with pytest.raises(RevisionTemplateError, match="depends_on"):
            write_revision(loaded, plan_revision(loaded, "billing", "x", transfer="crm"))
        assert [p for p in sorted(project.root.rglob("*")) if p.name != "__pycache__"] == before

    @pytest.mark.parametrize("message", ["", "  "])
    def test_needs_a_message(self, project: ProjectFiles, message: str) -> None:
        with pytest.raises(UsageError, match="message"):
            plan_revision(project.load(), "crm", message)

    @pytest.mark.parametrize("table", ["", "a\nb", 'x"""', "a\\n"])
    def test_takes_no_nonsense_for_a_table(self, project: ProjectFiles, table: str) -> None:
        with pytest.raises(UsageError):
            plan_revision(project.load(), "billing", "x", transfer="crm", tables=(table,))

    def test_takes_tables_for_a_transfer_only(self, project: ProjectFiles) -> None:
        with pytest.raises(UsageError, match="transfer"):
            plan_revision(project.load(), "crm", "x", tables=("t",))

    def test_is_not_written_into_an_unsound_project(self, project: ProjectFiles) -> None:
        project.module("orders").revision("o1", down="nowhere")
        with pytest.raises(MissingRevision):
            plan_revision(project.load(), "crm", "x")

    def test_is_not_written_over_a_file(self, project: ProjectFiles) -> None:
        loaded = project.load()
        planned = plan_revision(loaded, "crm", "x")
        planned.path.write_text("mine")
        with pytest.raises(ModalembicError):
            write_revision(loaded, planned)
        assert planned.path.read_text() == "mine"
