"""`check moves`: which tables moved, and what there is to say of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.checks.finding import Finding
from modalembic.checks.move import Move
from modalembic.errors import BaseUnavailable, MigrationFailed, UsageError
from tests.checks.drift_shop import Told, executed
from tests.checks.moves_shop import INVOICES, PEOPLE, checked, grave, move, moves_shop
from tests.checks.repository import Repository

MOVED = Move("invoices", "core", "billing", identical=True, ordered=True)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return moves_shop(tmp_path / "shop")


def rules(findings: list[Finding]) -> list[tuple[str, str | None, str | None]]:
    return [(finding.rule, finding.module, finding.name) for finding in findings]


class TestMoved:
    def test_a_table_whose_model_went_to_another_module_is_identical(
        self, repo: Repository
    ) -> None:
        move(repo)
        report = checked(repo, static=True)

        assert report.moves == (MOVED,)
        assert report.findings == ()

    @pytest.mark.slow
    def test_postgres_proves_it_from_models_and_migrations(
        self, tmp_path: Path, server_url: str
    ) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        move(repo)
        told = Told()

        assert checked(repo, observer=told).moves == (MOVED,)
        assert sum("migrating a scratch database" in event for event in told.events) == 2

    @pytest.mark.slow
    def test_a_migration_that_changes_it_on_its_way_is_named(
        self, tmp_path: Path, server_url: str
    ) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        move(repo)
        repo.project.module("billing").revision(
            "b2", down="b1", upgrade=executed("ALTER TABLE invoices ALTER note TYPE varchar(10)")
        )

        [found] = grave(checked(repo))

        assert (found.rule, found.name, found.part) == (
            "moves/changed",
            "public.invoices.note",
            "type",
        )
        assert found.message.endswith("(in the migrations)")
        assert (found.expected, found.actual) == ("text", "character varying(10)")

    def test_several_metadatas_are_no_change(self, repo: Repository) -> None:
        own = INVOICES.replace(
            "from app.base import Base",
            "from app.base import CONVENTION\n\nclass Base(DeclarativeBase):\n"
            "    metadata = MetaData(naming_convention=CONVENTION)",
        )
        move(repo, own)

        assert checked(repo, static=True).moves == (MOVED,)
        assert checked(repo, static=True).findings == ()

    def test_another_naming_convention_is_a_change(self, repo: Repository) -> None:
        own = INVOICES.replace(
            "from app.base import Base",
            "class Base(DeclarativeBase):\n    metadata = MetaData()",
        )
        move(repo, own)

        report = checked(repo, static=True)

        names = {finding.name for finding in grave(report)}
        assert "public.invoices.pk_invoices" in names
        assert "public.invoices.uq_invoices_number" in names

    def test_columns_in_another_order_are_no_change(self, repo: Repository) -> None:
        note = '    note = mapped_column(Text, comment="for people")\n'
        first = "    id = mapped_column"
        move(repo, INVOICES.replace(note, "").replace(first, note + first))

        assert checked(repo, static=True).moves == (MOVED,)

    def test_a_module_alone_has_its_own_moves(self, repo: Repository) -> None:
        move(repo, INVOICES.replace("String(20)", "String(21)"))

        assert checked(repo, static=True, modules=["core"]).moves == (
            Move("invoices", "core", "billing", identical=False, ordered=True),
        )
        assert checked(repo, static=True, modules=["core"]).findings == ()
        assert len(checked(repo, static=True, modules=["billing"]).findings) == 1


class TestNotMoved:
    def test_nothing_moved_asks_no_server(self, tmp_path: Path) -> None:
        nowhere = "postgresql://nobody@localhost:1/nothing"
        repo = moves_shop(tmp_path / "shop", nowhere)

        report = checked(repo)

        assert (report.moves, report.findings) == ((), ())

    def test_a_class_and_a_file_may_get_other_names(self, repo: Repository) -> None:
        core = repo.project.root / "app/modules/core/models"
        core.joinpath("invoices.py").unlink()
        repo.project.file(
            "app/modules/core/models/bills.py",
            INVOICES.replace("class Invoice(", "class Bill("),
        )

        assert checked(repo, static=True).moves == ()

    @pytest.mark.parametrize("with_revisions", [True, False])
    def test_a_module_may_get_another_name(self, repo: Repository, *, with_revisions: bool) -> None:
        if not with_revisions:
            repo.git("rm", "-rq", "app/modules/billing/migrations")
            repo.commit()
            repo.git("branch", "--force", "main")
        repo.git("mv", "app/modules/billing", "app/modules/payments")

        report = checked(repo, static=True)

        assert (report.moves, report.findings) == ((), ())

    def test_a_table_that_leaves_a_module_with_a_new_name_moved(self, repo: Repository) -> None:
        repo.git("mv", "app/modules/core", "app/modules/kernel")
        repo.git("mv", "app/modules/kernel/models/invoices.py", "app/modules/billing/models/")
        manifest = repo.project.root / "app/modules/kernel/definition.py"
        manifest.write_text(manifest.read_text().replace("'core'", "'kernel'"))
        manifest = repo.project.root / "app/modules/billing/definition.py"
        manifest.write_text(manifest.read_text().replace("'core'", "'kernel'"))

        assert checked(repo, static=True).moves == (
            Move("invoices", "kernel", "billing", identical=True, ordered=True),
        )

    def test_a_re_export_is_no_second_owner(self, repo: Repository) -> None:
        repo.project.file(
            "app/modules/billing/models/__init__.py",
            "from app.modules.core.models.invoices import Invoice as Invoice\n",
        )

        report = checked(repo, static=True)

        assert (report.moves, report.findings) == ((), ())

    def test_a_change_in_place_is_listed(self, repo: Repository) -> None:
        changed = PEOPLE.replace(
            "primary_key=True)", "primary_key=True)\n    name = mapped_column(Integer)"
        )
        repo.project.file("app/modules/core/models/people.py", changed)

        [found] = checked(repo, static=True).findings

        assert (found.rule, found.severity) == ("moves/changed-in-place", "info")
        assert "column public.people.name is new" in found.message
        assert checked(repo, static=True).ok

    def test_pure_makes_it_a_finding(self, repo: Repository) -> None:
        changed = PEOPLE.replace(
            "primary_key=True)", "primary_key=True)\n    name = mapped_column(Integer)"
        )
        repo.project.file("app/modules/core/models/people.py", changed)

        report = checked(repo, static=True, pure=True)

        assert [(f.rule, f.severity) for f in report.findings] == [
            ("moves/changed-in-place", "error")
        ]
        assert not report.ok

    @pytest.mark.slow
    def test_pure_asks_postgres_for_everything_else(self, tmp_path: Path, server_url: str) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        move(repo)
        repo.project.module("billing").revision(
            "b2",
            down="b1",
            upgrade=executed("ALTER TABLE people ADD age int; CREATE VIEW old AS SELECT 1 AS x"),
        )

        report = checked(repo, pure=True)

        assert report.moves == (MOVED,)
        assert {(f.rule, f.name) for f in grave(report)} == {
            ("moves/changed-in-place", "public.people.age"),
            ("moves/changed-in-place", "public.old"),
        }
        assert grave(checked(repo)) == []


class TestOwners:
    def test_a_table_without_an_owner_after_the_move_is_a_finding(self, repo: Repository) -> None:
        (repo.project.root / "app/modules/core/models/invoices.py").unlink()
        repo.project.file("app/central.py", INVOICES)
        base = repo.project.root / "app/modules/core/models/people.py"
        base.write_text(base.read_text() + "import app.central\n")

        report = checked(repo, static=True)

        assert report.moves == (Move("invoices", "core", None, identical=True, ordered=None),)
        assert rules(grave(report)) == [("moves/no-owner", None, "public.invoices")]

    def test_the_configuration_settles_a_table_of_a_central_place(self, repo: Repository) -> None:
        (repo.project.root / "app/modules/core/models/invoices.py").unlink()
        repo.project.file("app/central.py", INVOICES)
        base = repo.project.root / "app/modules/core/models/people.py"
        base.write_text(base.read_text() + "import app.central\n")
        repo.project.configure(
            'modules = ["app/modules/*"]\n[tool.modalembic.owners]\ninvoices = "billing"\n'
        )

        report = checked(repo, static=True)

        assert (report.moves, grave(report)) == ((MOVED,), [])

    @pytest.mark.slow
    def test_a_table_that_no_model_defines_moves_with_the_configuration(
        self, tmp_path: Path, server_url: str
    ) -> None:
        configuration = '[tool.modalembic.owners]\nlog = "core"\n'
        repo = moves_shop(tmp_path / "shop", server_url, configuration)
        repo.project.module("core", tier="core").revision(
            "c2", down="c1", upgrade=executed("CREATE TABLE log (id int)")
        )
        repo.commit()
        repo.git("branch", "--force", "main")
        file = repo.project.root / "pyproject.toml"
        file.write_text(file.read_text().replace('log = "core"', 'log = "billing"'))

        report = checked(repo)

        assert report.moves == (Move("log", "core", "billing", identical=True, ordered=False),)
        [unordered] = grave(report)
        assert unordered.rule == "moves/unordered"
        assert rules(grave(checked(repo, static=True))) == [
            ("moves/not-proven", "billing", "public.log"),
            ("moves/unordered", "billing", "billing"),
        ]

    def test_a_table_in_two_modules_is_a_finding_that_names_it(self, repo: Repository) -> None:
        repo.project.file("app/modules/billing/models/invoices.py", INVOICES)

        report = checked(repo, static=True)

        [found] = grave(report)
        assert (found.rule, found.name) == ("moves/two-owners", "invoices")
        assert not report.ok

    def test_so_it_is_with_a_metadata_for_each(self, repo: Repository) -> None:
        own = INVOICES.replace(
            "from app.base import Base",
            "from app.base import CONVENTION\n\nclass Base(DeclarativeBase):\n"
            "    metadata = MetaData(naming_convention=CONVENTION)",
        )
        repo.project.file("app/modules/billing/models/invoices.py", own)

        [found] = grave(checked(repo, static=True))

        assert (found.rule, found.name) == ("moves/two-owners", "invoices")

    def test_models_that_do_not_import_are_a_finding(self, repo: Repository) -> None:
        move(repo, INVOICES + "\nraise RuntimeError('no')\n")

        [found] = grave(checked(repo, static=True))

        assert (found.rule, found.module) == ("moves/import-failed", "billing")
        assert found.line is not None


class TestAHistoryThatFails:
    def test_is_a_finding_and_leaves_the_proof_to_the_statements(
        self, tmp_path: Path, server_url: str
    ) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        move(repo)
        repo.project.module("billing").revision("b2", down="b1", upgrade=executed("NONSENSE"))

        report = checked(repo)

        assert [(f.rule, f.module) for f in grave(report)] == [
            ("moves/migration-failed", "billing")
        ]
        assert report.moves == (MOVED,)

    def test_at_the_base_is_an_error(self, tmp_path: Path, server_url: str) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        repo.project.module("billing").revision("b2", down="b1", upgrade=executed("NONSENSE"))
        repo.commit()
        repo.git("branch", "--force", "main")
        repo.project.module("billing").revision("b2", down="b1")
        move(repo)

        with pytest.raises(MigrationFailed, match="at the base"):
            checked(repo)
        assert checked(repo, static=True).moves == (MOVED,)


class TestGone:
    def test_a_table_that_nothing_drops_is_lost(self, repo: Repository) -> None:
        (repo.project.root / "app/modules/core/models/invoices.py").unlink()

        [found] = grave(checked(repo, static=True))

        assert (found.rule, found.module, found.name) == (
            "moves/lost-table",
            "core",
            "public.invoices",
        )

    def test_a_model_that_nothing_imports_any_more_is_named(self, repo: Repository) -> None:
        repo.git("mv", "app/modules/core/models/invoices.py", "app/modules/core/old_invoices.py")

        [found] = grave(checked(repo, static=True))

        assert (found.rule, found.name) == ("moves/not-imported", "public.invoices")
        assert str(found.path).endswith("core/old_invoices.py")
        assert found.line == INVOICES.splitlines().index("class Invoice(Base):") + 1
        assert found.message.startswith("Invoice, the model of invoices,")

    def test_a_revision_that_names_the_table_is_taken_to_drop_it_without_a_database(
        self, repo: Repository
    ) -> None:
        (repo.project.root / "app/modules/core/models/invoices.py").unlink()
        repo.project.module("core", tier="core").revision(
            "c2", down="c1", upgrade=executed("DROP TABLE invoices")
        )

        [found] = checked(repo, static=True).findings

        assert (found.rule, found.severity) == ("moves/dropped-table", "info")

    @pytest.mark.slow
    def test_postgres_knows_whether_it_is_dropped(self, tmp_path: Path, server_url: str) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        (repo.project.root / "app/modules/core/models/invoices.py").unlink()
        core = repo.project.module("core", tier="core")
        core.revision("c2", down="c1", upgrade=executed("COMMENT ON TABLE invoices IS 'old'"))

        assert [f.rule for f in checked(repo).findings] == ["moves/lost-table"]

        core.revision("c3", down="c2", upgrade=executed("DROP TABLE invoices"))
        assert [f.rule for f in checked(repo).findings] == ["moves/dropped-table"]


class TestNew:
    def test_a_new_table_is_listed(self, repo: Repository) -> None:
        new = PEOPLE.replace("Person", "Parcel").replace("people", "parcels")
        repo.project.file("app/modules/billing/models/parcels.py", new)

        [found] = checked(repo, static=True).findings
        [grave_] = checked(repo, static=True, pure=True).findings

        assert (found.rule, found.severity, found.module) == ("moves/new-table", "info", "billing")
        assert grave_.severity == "error"


class TestOrder:
    @pytest.mark.parametrize("static", [True, False], ids=["static", "postgres"])
    def test_a_new_owner_that_does_not_come_after_the_old_one_is_a_finding(
        self, tmp_path: Path, server_url: str, *, static: bool
    ) -> None:
        repo = moves_shop(tmp_path / "shop", server_url, ordered=False)
        move(repo)

        report = checked(repo, static=static)

        assert [m.ordered for m in report.moves] == [False]
        [found] = grave(report)
        assert (found.rule, found.module, found.part) == ("moves/unordered", "billing", "core")
        assert found.fix == (
            'modalembic revision --transfer core --module billing -m "take over invoices"'
        )
        assert found.path == repo.project.root / "app/modules/billing/migrations/versions/b1.py"
        assert found.line == 9

        repo.project.module("billing").revision("b2", down="b1", depends_on="c1")
        assert checked(repo, static=static).moves == (MOVED,)

    def test_revisions_that_do_not_touch_the_table_need_no_order(
        self, tmp_path: Path, server_url: str
    ) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        repo.project.module("core", tier="core").revision(
            "c2", down="c1", upgrade=executed("ALTER TABLE people ADD age int")
        )
        repo.commit()
        repo.git("branch", "--force", "main")
        move(repo)

        assert [m.ordered for m in checked(repo, static=True).moves] == [False]
        assert [m.ordered for m in checked(repo).moves] == [True]

    def test_two_revisions_that_touch_it_and_may_run_either_way_are_named(
        self, tmp_path: Path, server_url: str
    ) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        alter = "ALTER TABLE invoices ALTER due SET DEFAULT 30"
        core = repo.project.module("core", tier="core")
        core.revision("c2", down="c1", upgrade=executed(alter))
        repo.commit()
        repo.git("branch", "--force", "main")
        move(repo)
        billing = repo.project.module("billing").revision("b2", down="b1", upgrade=executed(alter))
        billing.revision("b3", down="b2", depends_on="c2")

        report = checked(repo)

        assert [m.ordered for m in report.moves] == [False]
        [found] = grave(report)
        assert found.rule == "moves/unordered"
        assert {"b2", "c2"} <= set(found.message.split())


class TestTheBase:
    def test_has_to_be_named(self, repo: Repository) -> None:
        with pytest.raises(UsageError, match="no base"):
            checked(repo, base=None)

    def test_is_the_merge_base(self, repo: Repository) -> None:
        repo.git("switch", "--quiet", "main")
        move(repo)
        repo.commit()
        repo.git("switch", "--quiet", "work")

        assert checked(repo, static=True).moves == ()

    def test_cannot_be_found_in_a_shallow_clone(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit()
        clone = tmp_path / "clone"
        repo.git("clone", "--quiet", "--depth", "1", f"file://{repo.top}", str(clone))
        shallow = Repository(clone, type(repo.project)(clone))

        with pytest.raises(BaseUnavailable) as caught:
            checked(shallow, static=True, base="HEAD~1")
        assert "fetch-depth: 0" in str(caught.value.hint)

    def test_without_any_project_is_a_finding(self, tmp_path: Path) -> None:
        repo = moves_shop(tmp_path / "shop")
        repo.git("switch", "--quiet", "--orphan", "empty")
        for name in ("app", "pyproject.toml"):
            assert not (repo.top / name).exists()
        repo.commit()
        repo.git("switch", "--quiet", "--create", "again")
        repo.git("checkout", "--quiet", "work", "--", ".")

        report = checked(repo, static=True, base="empty")

        assert rules(list(report.findings)) == [("moves/base-without-project", None, None)]
        assert [f.severity for f in report.findings] == ["warning"]


class TestListeners:
    GRANT = (
        "\nfrom sqlalchemy import DDL, event\n"
        "event.listen(Invoice.__table__, 'after_create', DDL('GRANT SELECT ON invoices TO public'))"
        "\n"
    )
    ASKING = (
        "\nfrom sqlalchemy import event\n"
        "@event.listens_for(Invoice.__table__, 'after_create')\n"
        "def ask(table, connection, **_):\n"
        "    connection.execute(text('SELECT 1')).scalar_one()\n"
    )

    def with_listener(self, repo: Repository, listener: str) -> None:
        repo.project.file("app/modules/core/models/invoices.py", INVOICES + listener)
        repo.commit()
        repo.git("branch", "--force", "main")
        move(repo, INVOICES + listener)

    @pytest.mark.slow
    def test_what_no_catalog_shows_is_told_by_the_statements(
        self, tmp_path: Path, server_url: str
    ) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        self.with_listener(repo, self.GRANT)
        assert checked(repo).moves == (MOVED,)

        repo.project.file("app/modules/billing/models/invoices.py", INVOICES)
        report = checked(repo)

        [found] = grave(report)
        assert (found.rule, found.object) == ("moves/changed", "statement")
        assert found.expected == "GRANT SELECT ON invoices TO public"

    def test_one_that_asks_the_database_leaves_the_proof_to_postgres(
        self, tmp_path: Path, server_url: str
    ) -> None:
        repo = moves_shop(tmp_path / "shop", server_url)
        self.with_listener(repo, self.ASKING)

        static = checked(repo, static=True)

        assert [move.identical for move in static.moves] == [None]
        assert rules(grave(static)) == [("moves/not-proven", "billing", "public.invoices")]
        assert not static.ok
        assert checked(repo).moves == (MOVED,)
