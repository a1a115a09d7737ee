"""`check dependencies` on a real Postgres."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.checks.finding import Finding
from modalembic.checks.report import find
from modalembic.checks.request import CheckRequest
from modalembic.postgres.url import DatabaseURL
from tests.projects import GLOB, ProjectFiles
from tests.runtime.support import Recorder, body, modalembic, new_project, sql

if TYPE_CHECKING:
    import psycopg

UNORDERED = "dependencies/unordered-touch"
MISSING = "dependencies/missing"


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    """Crm makes and alters the table customers, which billing is to take over."""
    files = new_project(tmp_path, f'{GLOB}\nscratch = "{server_url}"')
    crm = files.module("crm")
    crm.revision("c1", upgrade=sql("CREATE TABLE customers (id int PRIMARY KEY, name text)"))
    crm.revision("c2", down="c1", upgrade=sql("CREATE INDEX customers_name ON customers (name)"))
    return files


def found(shop: ProjectFiles, *checks: str) -> tuple[Finding, ...]:
    return find(CheckRequest(shop.load()), checks or ("dependencies",)).findings


def only(shop: ProjectFiles) -> Finding:
    (finding,) = found(shop)
    return finding


class TestTouches:
    def test_of_one_module_are_ordered(self, shop: ProjectFiles) -> None:
        assert found(shop) == ()

    def test_of_two_modules_have_to_be_ordered(self, shop: ProjectFiles) -> None:
        billing = shop.module("billing")
        billing.revision("b1", depends_on="c1", upgrade=sql("UPDATE customers SET name = ''"))
        finding = only(shop)
        assert (finding.rule, finding.severity, finding.module) == (UNORDERED, "error", "billing")
        assert (finding.object, finding.name) == ("table", "public.customers")
        assert (finding.path, finding.line) == (billing.revision_path("b1"), 9)
        assert "c2 of crm (app/modules/crm/migrations/versions/c2.py)" in finding.message
        assert "b1 of billing (app/modules/billing/migrations/versions/b1.py)" in finding.message
        assert finding.fix is not None
        assert 'add "c2" to depends_on of b1' in finding.fix
        assert "modalembic revision --transfer crm --module billing -m" in finding.fix

    def test_are_ordered_by_a_dependency_on_any_way(self, shop: ProjectFiles) -> None:
        shop.module("access").revision("a1", depends_on="c2")
        shop.module("billing").revision(
            "b1", depends_on="a1", upgrade=sql("ALTER TABLE customers ADD COLUMN vat text")
        )
        assert found(shop) == ()

    def test_of_a_later_revision_of_the_old_owner_are_no_more_ordered(
        self, shop: ProjectFiles
    ) -> None:
        billing = shop.module("billing").revision("b1", depends_on="c2")
        billing.revision("b2", down="b1", upgrade=sql("ALTER TABLE customers ADD COLUMN vat text"))
        assert found(shop) == ()
        # As after a merge in git: the other side went on where the table was.
        shop.module("crm").revision(
            "c3", down="c2", upgrade=sql("COMMENT ON TABLE customers IS 'x'")
        )
        assert only(shop).name == "public.customers"

    def test_are_told_once_for_a_table_and_two_modules(self, shop: ProjectFiles) -> None:
        shop.module("crm").revision("c3", down="c2", upgrade=sql("TRUNCATE customers"))
        billing = shop.module("billing").revision(
            "b1", depends_on="c1", upgrade=sql("COMMENT ON TABLE customers IS 'b'")
        )
        billing.revision("b2", down="b1", upgrade=sql("COMMENT ON TABLE customers IS 'c'"))
        finding = only(shop)
        assert (finding.part, finding.expected) == ("c3, b1", "b1 after c3")
        assert "(3 more such pairs)" in finding.message
        billing.revision("b1", depends_on=["c3"], upgrade=sql("TRUNCATE customers"))
        assert found(shop) == ()

    def test_of_a_table_that_is_made_again_come_after_the_drop(self, shop: ProjectFiles) -> None:
        crm = shop.module("crm")
        crm.revision("c3", down="c2", upgrade=sql("ALTER TABLE customers RENAME TO clients"))
        again = sql("CREATE TABLE customers (id int)")
        shop.module("billing").revision("b1", upgrade=again)
        # Either order fails or not by chance of what runs first: the replay says so.
        assert {finding.rule for finding in found(shop)} <= {UNORDERED, "dependencies/not-recorded"}
        shop.module("billing").revision("b1", depends_on="c3", upgrade=again)
        assert found(shop) == ()

    def test_do_not_count_what_only_refers_to_the_table(self, shop: ProjectFiles) -> None:
        refers = sql(
            "CREATE TABLE invoices (customer int REFERENCES customers)",
            "CREATE VIEW names AS SELECT name FROM customers",
            "INSERT INTO invoices SELECT id FROM customers",
        )
        shop.module("billing").revision("b1", depends_on="c1", upgrade=refers)
        assert found(shop) == ()

    def test_count_in_two_heads_of_one_module(self, shop: ProjectFiles) -> None:
        shop.configure(
            (shop.root / "pyproject.toml").read_text().partition("\n")[2]
            + "\n[tool.modalembic.module.crm]\nmultiple_heads = true\n"
        )
        shop.module("crm").revision("c3", down="c1", upgrade=sql("TRUNCATE customers"))
        finding = only(shop)
        assert finding.fix is not None
        assert "--transfer" not in finding.fix

    @pytest.mark.parametrize(
        ("kind", "make", "change"),
        [
            ("view", "CREATE VIEW o AS SELECT 1 AS n", "CREATE OR REPLACE VIEW o AS SELECT 2 AS n"),
            ("type", "CREATE TYPE o AS ENUM ('a')", "ALTER TYPE o ADD VALUE '{}'"),
            ("sequence", "CREATE SEQUENCE o", "ALTER SEQUENCE o CYCLE"),
        ],
    )
    def test_of_other_objects_have_to_be_ordered_too(
        self, shop: ProjectFiles, kind: str, make: str, change: str
    ) -> None:
        shop.module("core").revision("k1", upgrade=sql(make))
        for name in ("billing", "stock"):
            upgrade = sql(change.format(name))
            shop.module(name).revision(f"{name}1", depends_on="k1", upgrade=upgrade)
        finding = only(shop)
        assert (finding.rule, finding.object, finding.name) == (UNORDERED, kind, "public.o")

    def test_of_a_function_that_everybody_replaces_need_no_order(self, shop: ProjectFiles) -> None:
        function = sql("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        shop.module("billing").revision("b1", upgrade=function)
        shop.module("stock").revision("s1", upgrade=function)
        assert found(shop) == ()


class TestAFix:
    @pytest.mark.parametrize(
        ("crm", "billing", "fix"),
        [
            ("app/modules", "app/modules", 'add "b1" to depends_on of c1; before'),
            ("app/modules", "site-packages", 'add "b1" to depends_on of c1; before'),
            ("site-packages", "app/modules", 'add "c1" to depends_on of b1'),
            ("site-packages", "site-packages", "tell their authors"),
        ],
    )
    def test_changes_no_installed_package(
        self, tmp_path: Path, server_url: str, crm: str, billing: str, fix: str
    ) -> None:
        places = 'modules = ["app/modules/*", "site-packages/*"]'
        files = new_project(tmp_path, f'{places}\nscratch = "{server_url}"')
        files.module("core").revision("k1", upgrade=sql("CREATE TABLE t (id int)"))
        comment = sql("COMMENT ON TABLE t IS 'x'")
        for place, name, id_ in ((crm, "crm", "c1"), (billing, "billing", "b1")):
            module = files.module(name, at=f"{place}/{name}", requires=["core"])
            module.revision(id_, depends_on="k1", upgrade=comment)
        assert fix in (only(files).fix or "")


class TestAMissingDependency:
    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TABLE invoices (customer int REFERENCES customers)",
            "CREATE VIEW names AS SELECT name FROM customers",
            "CREATE TABLE invoices AS SELECT * FROM customers",
            "CREATE TABLE invoices (LIKE customers)",
            "DO $$BEGIN PERFORM 1 FROM customers; END$$",
        ],
    )
    def test_is_found_and_named(self, shop: ProjectFiles, statement: str) -> None:
        orders = shop.module("orders").revision("o1", upgrade=sql(statement))
        finding = only(shop)
        assert (finding.rule, finding.severity, finding.module) == (MISSING, "error", "orders")
        assert (finding.name, finding.expected) == ("o1", "c1")
        assert finding.path == orders.revision_path("o1")
        assert 'relation "customers" does not exist' in finding.message
        assert finding.fix == 'add "c1" to depends_on of o1'

        orders.revision("o1", depends_on="c1", upgrade=sql(statement))
        assert found(shop) == ()

    @pytest.mark.parametrize(
        ("make", "use"),
        [
            ("CREATE TYPE mood AS ENUM ('a')", "CREATE TABLE t (m mood)"),
            ("CREATE SEQUENCE n", "CREATE TABLE t (n int DEFAULT nextval('n'))"),
            (
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE TABLE t (n int DEFAULT f())",
            ),
            ("CREATE EXTENSION citext", "CREATE TABLE t (n citext)"),
            ("CREATE SCHEMA s", "CREATE TABLE s.t (n int)"),
        ],
    )
    def test_on_what_is_no_table_is_found(self, shop: ProjectFiles, make: str, use: str) -> None:
        shop.module("alpha").revision("x1", upgrade=sql(make))
        shop.module("beta").revision("y1", upgrade=sql(use))
        finding = only(shop)
        assert (finding.rule, finding.name, finding.expected) == (MISSING, "y1", "x1")

    @pytest.mark.parametrize(
        ("make", "use"),
        [
            ("CREATE EXTENSION IF NOT EXISTS citext", "CREATE TABLE {} (n citext)"),
            ("CREATE SCHEMA IF NOT EXISTS s", "CREATE TABLE s.{} (n int)"),
            (
                "DO $$BEGIN CREATE TYPE mood AS ENUM ('a'); EXCEPTION WHEN OTHERS THEN END$$",
                "CREATE TABLE {} (m mood)",
            ),
            (
                "CREATE TABLE IF NOT EXISTS k (n int UNIQUE)",
                "CREATE TABLE {} (n int REFERENCES k(n))",
            ),
        ],
    )
    def test_is_none_where_each_makes_what_is_not_there(
        self, shop: ProjectFiles, make: str, use: str
    ) -> None:
        for name in ("alpha", "beta"):
            shop.module(name).revision(f"{name}1", upgrade=sql(make, use.format(name)))
        assert found(shop) == ()

    def test_is_none_for_what_is_looked_at_only_if_it_is_there(self, shop: ProjectFiles) -> None:
        look = body("""
            if sa.inspect(op.get_bind()).has_table("customers"):
                op.execute("SELECT count(*) FROM customers")
        """)
        shop.module("orders").revision("o1", upgrade=look)
        assert found(shop) == ()

    def test_names_only_those_that_are_needed(self, shop: ProjectFiles) -> None:
        shop.module("alpha").revision("x1", upgrade=sql("CREATE TABLE x (id int PRIMARY KEY)"))
        shop.module("beta").revision("y1", upgrade=sql("CREATE EXTENSION IF NOT EXISTS citext"))
        use = sql(
            "CREATE EXTENSION IF NOT EXISTS citext",
            "CREATE TABLE o (n citext, x int REFERENCES x, c int REFERENCES customers)",
        )
        shop.module("orders").revision("o1", upgrade=use)
        assert {finding.expected for finding in found(shop)} == {"x1", "c1"}

    def test_is_told_where_it_came_about_and_not_of_what_follows(self, shop: ProjectFiles) -> None:
        orders = shop.module("orders").revision(
            "o1", upgrade=sql("CREATE TABLE o (c int REFERENCES customers)")
        )
        orders.revision("o2", down="o1", upgrade=sql("ALTER TABLE o ADD COLUMN n int"))
        orders.revision("o3", down="o2", upgrade=sql("CREATE TABLE p (c int REFERENCES customers)"))
        assert only(shop).name == "o1"


class TestWhereNothingCanBeSeen:
    @pytest.fixture
    def role(self, server: psycopg.Connection[Any]) -> Iterator[str]:
        name = f"modalembic_limited_{secrets.token_hex(4)}"
        server.execute(f"CREATE ROLE {name} LOGIN CREATEDB PASSWORD '{name}'".encode())
        yield name
        server.execute(f"DROP ROLE {name}".encode())

    def test_for_want_of_a_superuser_it_is_an_error(
        self, shop: ProjectFiles, server_url: str, role: str
    ) -> None:
        limited = replace(DatabaseURL.parse(server_url), user=role, password=role).conninfo
        shop.configure(f'{GLOB}\nscratch = "{limited}"')
        finding = only(shop)
        assert (finding.rule, finding.severity) == ("dependencies/not-recorded", "error")
        assert "superuser" in finding.message
        assert finding.line == 3

    def test_for_a_revision_that_fails_it_is_an_error(self, shop: ProjectFiles) -> None:
        broken = shop.module("billing").revision("b1", upgrade=sql("SELECT 1 / 0"))
        finding = only(shop)
        assert finding.rule == "dependencies/not-recorded"
        assert (finding.path, finding.module) == (broken.revision_path("b1"), "billing")


def test_without_revisions_there_is_nothing_to_say(tmp_path: Path, server_url: str) -> None:
    files = new_project(tmp_path, f'{GLOB}\nscratch = "{server_url}"')
    files.module("crm")
    assert find(CheckRequest(files.load()), ("dependencies",)).findings == ()


def test_one_replay_serves_all_checks_of_a_run(shop: ProjectFiles) -> None:
    shop.file(
        "app/modules/crm/models.py",
        """
        from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

        metadata = MetaData()
        id = Column("id", Integer, primary_key=True, autoincrement=False)
        customers = Table("customers", metadata, id, Column("name", Text))
        Index("customers_name", customers.c.name)
        """,
    )
    recorder = Recorder()
    request = CheckRequest(shop.load(), observer=recorder)
    assert find(request, ("dependencies", "drift")).findings == ()
    assert recorder.told.count("migrating a scratch database (2 revisions)") == 1
    # Another run needs no server at all.
    recorder = Recorder()
    assert found(shop) == ()
    assert recorder.told == []


def test_the_command_line_tells_it(shop: ProjectFiles) -> None:
    shop.module("billing").revision(
        "b1", depends_on="c1", upgrade=sql("ALTER TABLE customers ADD COLUMN vat text")
    )
    result = modalembic(shop, "check", "dependencies", "--format", "json")
    assert result.code == 1
    assert [finding["rule"] for finding in result.document["findings"]] == [UNORDERED]
    assert result.document["checks"] == ["dependencies"]
