"""`uninstall`: what is refused, what is saved, what goes, and what stays."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from modalembic.postgres.catalog import Connection, read_catalog
from modalembic.postgres.client import find_clients
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from tests.projects import ProjectFiles
from tests.runtime.support import (
    Result,
    done,
    execute,
    fetch,
    history,
    modalembic,
    new_project,
    sql,
    table,
    tables,
    versions,
)

HOSTILE = ['we"ird', "na%me", "$1 [a-z]*", "a.b", "Upper", "x:y", "ünï", "it's", "a\\b", "a\nb"]


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """core, billing and loyalty; gifts requires loyalty."""
    project = new_project(tmp_path)
    project.module("core", tier="core").revision("c1", **table("people"))
    project.module("billing", requires=["core"]).revision("b1", depends_on="c1", **table("bills"))
    project.module("loyalty", requires=["core"]).revision(
        "l1", depends_on="c1", **table("cards")
    ).revision("l2", down="l1", **table("points"))
    return project


@pytest.fixture
def url(project: ProjectFiles, database_url: str) -> str:
    """A database with everything, and two rows in cards."""
    done(modalembic(project, "upgrade", url=database_url))
    execute(database_url, "INSERT INTO cards VALUES (1), (2)")
    return database_url


def uninstall(project: ProjectFiles, url: str, module: str = "loyalty", *more: str) -> Result:
    return modalembic(
        project, "uninstall", module, "--yes", "--backup", str(backup(project)), *more, url=url
    )


def downgrades(project: ProjectFiles, *statements: str) -> None:
    """Let the downgrade of l2 run `statements`."""
    body = {**table("points"), "downgrade": sql(*statements) or "pass"}
    project.module("loyalty").revision("l2", down="l1", **body)


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def pg_restore(url: str, *arguments: object) -> str:
    major = int(fetch(url, "SHOW server_version_num")[0][0]) // 10000
    command = [str(find_clients(major).bin / "pg_restore"), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def listed(project: ProjectFiles, url: str) -> str:
    """What the backup holds."""
    return pg_restore(url, "--list", backup(project))


def restore(project: ProjectFiles, url: str) -> None:
    """Put the rows of the backup back."""
    pg_restore(url, "--data-only", f"--dbname={url}", backup(project))


def backup(project: ProjectFiles) -> Path:
    return project.root.parent / "loyalty.dump"


def facts(url: str) -> list[tuple[str, str]]:
    return fetch(url, "SELECT module, state FROM modalembic_modules ORDER BY module")


def catalog(url: str) -> object:
    with connect(DatabaseURL.parse(url)) as connection:
        own = ("alembic_version", "modalembic_history", "modalembic_modules")
        return read_catalog(Connection(connection), ignore_tables=own)


class TestUninstall:
    def test_takes_the_module_and_nothing_else(self, project: ProjectFiles, url: str) -> None:
        done(uninstall(project, url))
        assert tables(url) == {"people", "bills"}
        assert versions(url) == {"b1"}
        assert facts(url) == [("loyalty", "uninstalled")]

    def test_leaves_its_history(self, project: ProjectFiles, url: str) -> None:
        done(uninstall(project, url))
        rows = [row for row in history(url) if row[0].startswith("l")]
        assert rows == [
            ("l1", "upgrade"),
            ("l2", "upgrade"),
            ("l2", "downgrade"),
            ("l1", "downgrade"),
        ]

    def test_does_not_come_back_with_the_next_upgrade(
        self, project: ProjectFiles, url: str
    ) -> None:
        done(uninstall(project, url))
        assert "nothing to do" in done(modalembic(project, "upgrade", url=url)).out
        assert tables(url) == {"people", "bills"}

    def test_and_install_give_the_same_catalog_again(self, project: ProjectFiles, url: str) -> None:
        before = catalog(url)
        done(uninstall(project, url))
        done(modalembic(project, "install", "loyalty", url=url))
        assert catalog(url) == before
        assert facts(url) == [("loyalty", "installed")]

    def test_saves_rows_that_can_be_put_back(self, project: ProjectFiles, url: str) -> None:
        done(uninstall(project, url))
        done(modalembic(project, "install", "loyalty", url=url))
        restore(project, url)
        assert fetch(url, "SELECT id FROM cards ORDER BY id") == [(1,), (2,)]

    def test_twice_says_that_there_is_nothing_to_undo(
        self, project: ProjectFiles, url: str
    ) -> None:
        done(uninstall(project, url))
        backup(project).unlink()
        again = done(uninstall(project, url))
        assert "0 revisions undone" in again.out
        assert not backup(project).exists()

    def test_of_what_was_never_applied_keeps_it_away(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        done(uninstall(project, database_url))
        done(modalembic(project, "upgrade", url=database_url))
        assert tables(database_url) == {"people", "bills"}


class TestATableThatWasMoved:
    """From loyalty to billing, by a transfer."""

    @pytest.fixture
    def moved(self, project: ProjectFiles, database_url: str) -> str:
        project.module("billing").file(
            "models.py",
            """
            from sqlalchemy import Column, Integer, MetaData, Table

            cards = Table("cards", MetaData(), Column("id", Integer), Column("due", Integer))
            """,
        ).revision(
            "b2",
            down="b1",
            depends_on="l2",
            upgrade=sql("ALTER TABLE cards ADD COLUMN due int"),
            downgrade=sql("ALTER TABLE cards DROP COLUMN due"),
        )
        done(modalembic(project, "upgrade", url=database_url))
        return database_url

    def test_keeps_the_module_where_it_came_from(self, project: ProjectFiles, moved: str) -> None:
        result = uninstall(project, moved)
        assert (result.code, "b2 of billing depends on its l2" in result.err) == (2, True)
        assert "cards" in tables(moved)

    def test_outlives_the_module_that_it_went_to(self, project: ProjectFiles, moved: str) -> None:
        preview = done(modalembic(project, "uninstall", "billing", "--dry-run", url=moved))
        assert "public.cards stays (l1 of loyalty made it)" in preview.out
        done(uninstall(project, moved, "billing"))
        assert tables(moved) == {"people", "cards", "points"}
        assert "TABLE DATA public cards" in listed(project, moved)

    def test_goes_with_its_maker_in_the_end(self, project: ProjectFiles, moved: str) -> None:
        done(uninstall(project, moved, "billing"))
        backup(project).unlink()
        done(uninstall(project, moved))
        assert tables(moved) == {"people"}


class TestIsRefused:
    def refused(self, project: ProjectFiles, url: str, *words: str, module: str = "loyalty") -> str:
        before, rows = catalog(url), versions(url)
        result = uninstall(project, url, module)
        assert result.code == 2, result.out
        for word in words:
            assert word in result.err, result.err
        assert catalog(url) == before
        assert versions(url) == rows
        assert not list(backup(project).parent.glob("*.dump*"))
        assert fetch(url, "SELECT to_regclass('modalembic_modules')") == [(None,)]
        return result.err

    def test_where_a_module_requires_it(self, project: ProjectFiles, url: str) -> None:
        project.module("gifts", requires=["loyalty"])
        project.module("cards", requires=["gifts"])
        said = self.refused(project, url, "cards, gifts require it")
        assert "modalembic uninstall cards && modalembic uninstall gifts" in said

    def test_where_a_revision_depends_on_its(self, project: ProjectFiles, url: str) -> None:
        project.module("billing").revision("b2", down="b1", depends_on="l1", **table("refunds"))
        self.refused(project, url, "b2 of billing depends on its l1")
        done(modalembic(project, "upgrade", url=url))
        self.refused(project, url, "b2 of billing depends on its l1")

    def test_where_a_table_refers_to_its(self, project: ProjectFiles, url: str) -> None:
        execute(
            url,
            "ALTER TABLE cards ADD PRIMARY KEY (id)",
            "ALTER TABLE bills ADD card int CONSTRAINT of_card REFERENCES cards",
        )
        self.refused(project, url, "foreign key of_card of table public.bills", "cards")

    def test_where_a_view_shows_its_rows(self, project: ProjectFiles, url: str) -> None:
        execute(
            url,
            "CREATE VIEW shown AS SELECT id FROM cards",
            "CREATE VIEW again AS SELECT id FROM shown",
        )
        self.refused(project, url, "view public.again")

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("CREATE TABLE more (card cards)", "column of table public.more"),
            ("CREATE TABLE more (all_cards cards[])", "column of table public.more"),
            ("CREATE TYPE hand AS (one cards)", "attribute of type public.hand"),
            ("CREATE DOMAIN good AS cards", "domain public.good"),
            ("CREATE POLICY p ON bills USING (EXISTS (TABLE cards))", "policy of table"),
            ("CREATE MATERIALIZED VIEW kept AS SELECT id FROM cards", "materialized view"),
        ],
    )
    def test_where_something_else_needs_its(
        self, project: ProjectFiles, url: str, statement: str, said: str
    ) -> None:
        execute(url, statement)
        self.refused(project, url, said)

    def test_where_a_default_draws_from_its_sequence(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        up = sql("CREATE SEQUENCE card_numbers")
        project.module("loyalty").revision("l3", down="l2", upgrade=up)
        done(modalembic(project, "upgrade", url=database_url))
        execute(database_url, "ALTER TABLE bills ADD no int DEFAULT nextval('card_numbers')")
        self.refused(project, database_url, "default of a column of table public.bills of billing")

    def test_where_a_function_returns_its_rows(self, project: ProjectFiles, url: str) -> None:
        execute(url, "CREATE FUNCTION best() RETURNS cards LANGUAGE sql AS 'SELECT NULL::cards'")
        self.refused(project, url, "function public.best")

    def test_without_a_terminal_and_a_word(self, project: ProjectFiles, url: str) -> None:
        result = modalembic(project, "uninstall", "loyalty", "--no-backup", url=url)
        assert result.code == 2
        assert "not confirmed" in result.err
        assert "public.cards" in result.err
        assert "cards" in tables(url)

    def test_where_the_file_is_there(self, project: ProjectFiles, url: str) -> None:
        backup(project).write_text("precious")
        result = uninstall(project, url)
        assert result.code == 2
        assert "is there already" in result.err
        assert backup(project).read_text() == "precious"
        assert "cards" in tables(url)

    def test_where_the_code_is_gone(self, project: ProjectFiles, url: str) -> None:
        import shutil

        shutil.rmtree(project.module("loyalty").path)
        self.refused(project, url, "not in this code", "modalembic repair --retire loyalty")

    def test_where_nobody_knows_the_module(self, project: ProjectFiles, url: str) -> None:
        self.refused(project, url, "there is no module 'nothing'", module="nothing")


class TestDowngrades:
    def refused(self, project: ProjectFiles, url: str, *words: str) -> None:
        TestIsRefused().refused(project, url, *words)

    def test_that_fail_leave_everything(self, project: ProjectFiles, url: str) -> None:
        project.module("loyalty").revision(
            "l1", depends_on="c1", downgrade="raise NotImplementedError('no way back')"
        )
        self.refused(project, url, "no way back", "loyalty is as it was")

    def test_that_drop_the_table_of_another_module_are_refused(
        self, project: ProjectFiles, url: str
    ) -> None:
        downgrades(project, "DROP TABLE points", "DROP TABLE bills")
        self.refused(project, url, "drop the table public.bills, which belongs to billing")

    def test_that_drop_a_table_that_was_moved_away_are_refused(
        self, project: ProjectFiles, url: str
    ) -> None:
        project.module("billing").file(
            "models.py",
            """
            from sqlalchemy import Column, Integer, MetaData, Table

            points = Table("points", MetaData(), Column("id", Integer))
            """,
        )
        self.refused(project, url, "drop the table public.points, which belongs to billing")

    def test_that_drop_a_table_of_nobody_are_refused(self, project: ProjectFiles, url: str) -> None:
        execute(url, "CREATE TABLE somebody_else (id int)")
        downgrades(project, "DROP TABLE points", "DROP TABLE somebody_else")
        self.refused(
            project,
            url,
            "not known to be loyalty's",
            '[tool.modalembic.owners] "somebody_else" = "loyalty"',
        )

    def test_that_drop_the_view_of_others_are_refused(
        self, project: ProjectFiles, url: str
    ) -> None:
        execute(url, "CREATE VIEW shown AS SELECT id FROM people")
        downgrades(project, "DROP TABLE points", "DROP VIEW shown")
        self.refused(project, url, "public.shown", "of which its revisions do not speak")

    def test_that_change_the_table_of_another_module_are_refused(
        self, project: ProjectFiles, url: str
    ) -> None:
        downgrades(project, "DROP TABLE points", "ALTER TABLE bills DROP id")
        self.refused(project, url, "public.bills", "of which its revisions do not speak")

    def test_that_do_nothing_are_refused(self, project: ProjectFiles, url: str) -> None:
        downgrades(project)
        self.refused(project, url, "leave public.points, which its upgrades make")

    def test_may_leave_the_enum_of_a_table_which_goes_with_it(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        column = "sa.Column('state', sa.ARRAY(sa.Enum('new', 'used', name='card_state')))"
        project.module("core").revision(
            "c2",
            down="c1",
            upgrade=sql("CREATE TYPE shared AS ENUM ('a')", "CREATE DOMAIN d AS int"),
        )
        project.module("loyalty").revision(
            "l3",
            down="l2",
            depends_on="c2",
            upgrade=f"op.create_table('states', {column})\n"
            + sql("ALTER TABLE states ADD s shared, ADD t d"),
            downgrade="op.drop_table('states')",
        )
        done(modalembic(project, "upgrade", url=database_url))
        before = catalog(database_url)
        result = done(uninstall(project, database_url))
        assert "dropped the type public.card_state" in result.err
        assert fetch(
            database_url,
            "SELECT typname FROM pg_type WHERE typtype IN ('e', 'd') AND oid > 16384 "
            "AND typnamespace = 'public'::regnamespace ORDER BY 1",
        ) == [("d",), ("shared",)]
        done(modalembic(project, "install", "loyalty", url=database_url))
        assert catalog(database_url) == before

    @pytest.mark.parametrize(
        "upgrade",
        [
            sql("CREATE TABLE IF NOT EXISTS people (id int)"),
            "op.create_table('people', sa.Column('id', sa.Integer), if_not_exists=True)",
        ],
    )
    def test_that_drop_what_another_module_had_made_before_are_refused(
        self, project: ProjectFiles, url: str, upgrade: str
    ) -> None:
        """The table went with the rows of the other module."""
        downgrade = sql("DROP TABLE people")
        project.module("loyalty").revision("l3", down="l2", upgrade=upgrade, downgrade=downgrade)
        done(modalembic(project, "upgrade", url=url))
        self.refused(project, url, "drop the table public.people, which belongs to core")

    def test_are_refused_where_nobody_counts_the_rows_that_they_change(
        self, project: ProjectFiles, url: str
    ) -> None:
        """The rows of other modules went, and nothing was said."""
        downgrades(project, "DROP TABLE points", "DELETE FROM bills")
        execute(url, "INSERT INTO bills VALUES (1)")
        name = fetch(url, "SELECT current_database()")[0][0]
        execute(url, f'ALTER DATABASE "{name}" SET track_counts = off')
        self.refused(project, url, "track_counts is off in this database")
        assert fetch(url, "SELECT id FROM bills") == [(1,)]

    @pytest.mark.parametrize("statement", ["DELETE FROM bills", "TRUNCATE bills"])
    def test_that_change_the_rows_of_another_module_are_refused(
        self, project: ProjectFiles, url: str, statement: str
    ) -> None:
        execute(url, "INSERT INTO bills VALUES (1)")
        downgrades(project, "DROP TABLE points", statement)
        self.refused(project, url, "change rows of public.bills, which belongs to billing")
        assert fetch(url, "SELECT id FROM bills") == [(1,)]

    def test_may_take_back_the_rows_that_an_upgrade_has_put_elsewhere(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("loyalty").revision(
            "l3",
            down="l2",
            upgrade=sql("INSERT INTO bills VALUES (77)"),
            downgrade=sql("DELETE FROM bills WHERE id = 77"),
        )
        done(modalembic(project, "upgrade", "billing", url=database_url))
        done(modalembic(project, "upgrade", url=database_url))
        done(uninstall(project, database_url))
        assert fetch(database_url, "SELECT id FROM bills") == []

    def test_that_commit_by_themselves_are_run_one_by_one(
        self, project: ProjectFiles, url: str
    ) -> None:
        body = "with op.get_context().autocommit_block():\n    op.execute('DROP TABLE points')"
        project.module("loyalty").revision(
            "l2", down="l1", **{**table("points"), "downgrade": body}
        )
        result = done(uninstall(project, url))
        assert "leaves its transaction" in result.err
        assert tables(url) == {"people", "bills"}
        assert backup(project).exists()
        assert facts(url) == [("loyalty", "uninstalled")]

    @pytest.mark.parametrize(
        "body",
        [
            "op.execute('DROP TABLE points')\nop.get_bind().commit()",
            "op.execute('DROP TABLE points')\nop.execute('COMMIT')\nop.execute('SELECT 1')",
        ],
        ids=["commit()", "COMMIT"],
    )
    def test_that_commit_and_then_fail_say_where_the_rows_are(
        self, project: ProjectFiles, url: str, body: str
    ) -> None:
        project.module("loyalty").revision(
            "l2",
            down="l1",
            **{**table("points"), "downgrade": f"{body}\nraise ValueError('late')"},
        )
        result = uninstall(project, url)
        assert result.code == 2
        assert f"the backup is {backup(project)}" in result.err
        assert backup(project).exists()

    def test_that_would_touch_others_stop_before_that_is_committed(
        self, project: ProjectFiles, url: str
    ) -> None:
        block = "with op.get_context().autocommit_block():\n    op.execute('DROP TABLE points')"
        loyalty = project.module("loyalty")
        loyalty.revision("l2", down="l1", **{**table("points"), "downgrade": block})
        loyalty.revision(
            "l1",
            depends_on="c1",
            **{**table("cards"), "downgrade": sql("DROP TABLE cards", "DROP TABLE bills")},
        )
        result = uninstall(project, url)
        assert result.code == 2
        assert "belongs to billing" in result.err
        assert tables(url) == {"people", "bills", "cards"}
        assert versions(url) == {"b1", "l1"}


class TestWhatIsSaved:
    def test_has_partitions_that_nobody_wrote_down(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        up = sql("CREATE TABLE points (id int, at int) PARTITION BY RANGE (at)")
        project.module("loyalty").revision(
            "l2", down="l1", upgrade=up, downgrade=sql("DROP TABLE points")
        )
        done(modalembic(project, "upgrade", url=database_url))
        execute(
            database_url,
            "CREATE TABLE points_1 PARTITION OF points FOR VALUES FROM (1) TO (9)",
            "INSERT INTO points VALUES (1, 5)",
        )
        done(uninstall(project, database_url))
        assert tables(database_url) == {"people", "bills"}
        assert "TABLE DATA public points_1" in listed(project, database_url)

    def test_has_the_table_that_loses_a_column(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("loyalty").revision(
            "l3",
            down="l2",
            upgrade=sql("ALTER TABLE people ADD COLUMN card int"),
            downgrade=sql("ALTER TABLE people DROP COLUMN card"),
        )
        done(modalembic(project, "upgrade", url=database_url))
        before = catalog(database_url)
        preview = done(modalembic(project, "uninstall", "loyalty", "--dry-run", url=database_url))
        assert "public.people stays" in preview.out
        done(uninstall(project, database_url))
        assert "TABLE DATA public people" in listed(project, database_url)
        done(modalembic(project, "install", "loyalty", url=database_url))
        assert catalog(database_url) == before

    def test_has_sequences_that_belong_to_no_table(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("loyalty").revision(
            "l3",
            down="l2",
            upgrade=sql("CREATE SEQUENCE card_numbers"),
            downgrade=sql("DROP SEQUENCE card_numbers"),
        )
        done(modalembic(project, "upgrade", url=database_url))
        execute(database_url, "SELECT setval('card_numbers', 4711)")
        done(uninstall(project, database_url))
        done(modalembic(project, "install", "loyalty", url=database_url))
        restore(project, database_url)
        assert fetch(database_url, "SELECT last_value FROM card_numbers") == [(4711,)]

    def test_has_a_table_that_a_pending_revision_makes_anew(
        self, project: ProjectFiles, url: str
    ) -> None:
        again = sql("DROP TABLE cards", "CREATE TABLE cards (id int)")
        project.module("loyalty").revision("l3", down="l2", upgrade=again)
        done(uninstall(project, url))
        assert tables(url) == {"people", "bills"}
        assert "TABLE DATA public cards" in listed(project, url)

    def test_is_not_counted_where_the_role_does_not_see_all_rows(
        self, project: ProjectFiles, url: str
    ) -> None:
        """The rows that a policy hides were left out of the count."""
        role = f"{fetch(url, 'SELECT current_database()')[0][0]}_reader"
        execute(
            url,
            f"CREATE ROLE {role} LOGIN",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
            "ALTER TABLE cards ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY one ON cards USING (id = 1)",
        )
        try:
            shown = uninstall(project, f"{url}&options=-crole%3D{role}", "loyalty", "--dry-run")
            assert "public.cards   ?" in done(shown).out
        finally:
            execute(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")

    def test_can_be_read_by_its_owner_alone(self, project: ProjectFiles, url: str) -> None:
        done(uninstall(project, url))
        assert backup(project).stat().st_mode & 0o777 == 0o600

    def test_is_nothing_with_no_backup(self, project: ProjectFiles, url: str) -> None:
        done(modalembic(project, "uninstall", "loyalty", "--yes", "--no-backup", url=url))
        assert tables(url) == {"people", "bills"}
        assert not list(backup(project).parent.glob("*.dump"))


class TestHostileNames:
    def test_are_quoted_everywhere(self, project: ProjectFiles, database_url: str) -> None:
        schemas = [f"the {name}" for name in HOSTILE]
        pairs = [*zip(schemas, HOSTILE, strict=True)]
        project.module("loyalty").revision(
            "l3",
            down="l2",
            upgrade="\n".join(
                f"op.execute(sa.schema.CreateSchema({schema!r}))\n"
                f"op.create_table({name!r}, sa.Column('id', sa.Integer), schema={schema!r})"
                for schema, name in pairs
            ),
            downgrade="\n".join(
                f"op.drop_table({name!r}, schema={schema!r})\n"
                f"op.execute(sa.schema.DropSchema({schema!r}))"
                for schema, name in pairs
            ),
        )
        done(modalembic(project, "upgrade", url=database_url))
        names = [f"{quote(schema)}.{quote(name)}" for schema, name in pairs]
        execute(database_url, *(f"INSERT INTO {name} VALUES (7)" for name in names))
        before = catalog(database_url)
        done(uninstall(project, database_url))
        assert all(not tables(database_url, schema.replace("'", "''")) for schema in schemas)
        done(modalembic(project, "install", "loyalty", url=database_url))
        assert catalog(database_url) == before
        restore(project, database_url)
        for name in names:
            assert fetch(database_url, f"SELECT id FROM {name}") == [(7,)]
