"""`check drift`: models against migrations."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modalembic.checks.drift import check_drift
from modalembic.checks.drift_rules import RULES
from modalembic.errors import ConfigurationError
from tests.checks.drift_shop import BILLING, CORE, Told, drift_of, drift_shop, executed, meant
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import modalembic

if TYPE_CHECKING:
    import psycopg

LISTENERS = """
from sqlalchemy import DDL, event
event.listen(Base.metadata, "before_create", DDL("CREATE SCHEMA IF NOT EXISTS more"))
event.listen(Base.metadata, "after_create", DDL("CREATE VIEW dear AS SELECT 1 AS one"))
event.listen(Base.metadata, "after_create", DDL(
    "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"
))
"""
ASKING = """
from sqlalchemy import event, text

@event.listens_for(Base.metadata, "before_create")
def ask(target, connection, **_):
    assert connection.execute(text("SELECT 1")).scalar() == 1
"""
ENVIRONMENT = """
from modalembic import env

def include_name(name, type_, parents):
    return not (type_ == "table" and name.startswith("old_"))

def include_object(object_, name, type_, reflected, compare_to):
    return not (type_ in ("table", "index") and object_.info.get("skip")) and name != "balance"

env.run(include_name=include_name, include_object=include_object)
"""


@pytest.fixture
def shop(tmp_path: Path, server_url: str) -> ProjectFiles:
    return drift_shop(tmp_path / "shop", server_url)


def changed(shop: ProjectFiles, old: str, new: str) -> ProjectFiles:
    """The shop with other models of core."""
    assert old in CORE
    return shop.file("app/modules/core/models.py", CORE.replace(old, new))


def test_models_and_migrations_that_agree_have_no_findings(shop: ProjectFiles) -> None:
    told = Told()

    assert drift_of(shop, observer=told) == []
    assert told.events == [
        "migrating a scratch database (2 revisions)",
        "creating the models on a scratch database",
        "not compared, since only migrations make them: policy: 1, trigger: 1, view: 1",
    ]


def test_a_finding_says_what_is_expected_what_is_there_and_where(shop: ProjectFiles) -> None:
    (finding,) = drift_of(changed(shop, "String(80)", "String(81)"))

    assert finding.message == (
        "column public.people.name: type is character varying(81) in the models, "
        "character varying(80) in the migrations"
    )
    assert (finding.expected, finding.actual) == ("character varying(81)", "character varying(80)")
    assert finding.path == shop.root / "app/modules/core/models.py"
    line = 1 + CORE[: CORE.index("name = mapped_column")].count("\n")
    assert finding.line == line


def test_an_object_without_a_model_stands_where_its_revision_does(shop: ProjectFiles) -> None:
    shop.file("app/modules/billing/models.py", "from app.base import Base\n")

    (finding,) = drift_of(shop)

    assert (finding.rule, finding.module) == ("drift/extra-table", "billing")
    path = shop.root / "app/modules/billing/migrations/versions/b1.py"
    assert finding.path == path
    assert "invoices" in path.read_text(encoding="utf-8").splitlines()[(finding.line or 0) - 1]


def test_another_spelling_of_a_default_is_no_error(shop: ProjectFiles) -> None:
    (finding,) = drift_of(changed(shop, "func.now()", 'text("CURRENT_TIMESTAMP")'))

    assert (finding.severity, finding.rule) == ("info", "drift/spelling")


def test_models_that_do_not_import_are_an_error_that_names_their_module(
    shop: ProjectFiles,
) -> None:
    shop.file("app/modules/billing/models.py", "import nowhere_to_be_found\n")

    (finding,) = drift_of(shop)

    assert (finding.severity, finding.rule) == ("error", "drift/import-failed")
    assert finding.module == "billing"
    assert finding.path == shop.root / "app/modules/billing/models.py"
    assert finding.line == 1


@pytest.mark.parametrize("models", ["", "from app.base import Base\n"])
def test_to_have_compared_nothing_is_an_error(shop: ProjectFiles, models: str) -> None:
    for module in ("core", "billing"):
        shop.file(f"app/modules/{module}/models.py", models)

    (finding,) = drift_of(shop)

    assert (finding.severity, finding.rule) == ("error", "drift/nothing-to-compare")


def test_a_project_without_a_table_yet_is_told_that_nothing_was_compared(
    tmp_path: Path, server_url: str
) -> None:
    project = ProjectFiles(tmp_path / "new").configure(
        f'modules = ["app/modules/*"]\nscratch = "{server_url}"'
    )
    project.file("app/__init__.py").file("app/modules/__init__.py")
    project.module("core").file("models.py")

    (finding,) = drift_of(project)

    assert (finding.severity, finding.rule) == ("info", "drift/nothing-to-compare")
    assert "nothing was compared" in finding.message


def test_models_that_cannot_be_created_are_an_error_with_the_statement(
    shop: ProjectFiles,
) -> None:
    (finding,) = drift_of(changed(shop, 'ENUM(name="size"', 'ENUM(name="height"'))

    assert (finding.severity, finding.rule) == ("error", "drift/models-not-created")
    assert 'type "height" does not exist' in finding.message
    assert "CREATE TABLE people" in finding.message


def test_a_revision_that_fails_is_an_error_of_its_module(shop: ProjectFiles) -> None:
    shop.module("billing").revision("b1", depends_on="c1", upgrade=executed("SELECT 1/0"))

    (finding,) = drift_of(shop)

    assert (finding.severity, finding.rule) == ("error", "drift/migration-failed")
    assert finding.module == "billing"


def test_a_schema_that_no_migration_makes_yet_is_missing(shop: ProjectFiles) -> None:
    more = (
        "\nclass Leave(Base):\n    __tablename__ = 'leaves'\n"
        "    __table_args__ = {'schema': 'hr'}\n    id = mapped_column(Integer, primary_key=True)\n"
    )
    shop.file("app/modules/core/models.py", CORE + more)

    assert meant(drift_of(shop)) == {
        ("error", "drift/missing-schema", "core", "hr", None),
        ("error", "drift/missing-table", "core", "hr.leaves", None),
    }


def test_what_listeners_of_the_models_make_is_compared(shop: ProjectFiles) -> None:
    shop.file("app/modules/core/models.py", CORE + LISTENERS)

    assert meant(drift_of(shop)) == {
        ("error", "drift/missing-schema", None, "more", None),
        # Where the listener stands, and not where the revision does.
        ("error", "drift/view", "core", "public.dear", "definition"),
        ("error", "drift/function", "core", "public.stamp()", "body"),
    }


def test_a_listener_that_asks_the_database_hides_nothing(shop: ProjectFiles) -> None:
    shop.file("app/modules/core/models.py", CORE + ASKING)
    assert drift_of(shop) == []

    relabelled = CORE.replace('"calm", "cross"', '"cross", "calm"')
    shop.file("app/modules/core/models.py", relabelled + ASKING)
    assert meant(drift_of(shop)) == {("error", "drift/type", "core", "public.mood", "labels")}


def test_what_only_migrations_make_is_drift_where_that_is_configured(
    tmp_path: Path, server_url: str
) -> None:
    kinds = '[tool.modalembic.drift]\ncompare = ["function", "policy", "trigger", "view"]'

    findings = drift_of(drift_shop(tmp_path / "shop", server_url, kinds))

    assert meant(findings) == {
        ("error", "drift/extra-view", "billing", "public.dear", None),
        ("error", "drift/extra-function", "core", "public.stamp()", None),
        ("error", "drift/extra-policy", "core", "public.people.everybody", None),
        ("error", "drift/extra-trigger", "core", "public.people.stamped", None),
    }


def test_comments_that_no_model_can_make_are_no_drift(shop: ProjectFiles) -> None:
    shop.module("core", tier="core").revision(
        "c2",
        down="c1",
        upgrade=executed(
            "COMMENT ON INDEX ix_people_name IS 'i'; COMMENT ON SEQUENCE people_id_seq IS 's';"
            "COMMENT ON TYPE mood IS 't'; COMMENT ON CONSTRAINT pk_people ON people IS 'said'"
        ),
    )

    # Of a constraint a model has a word.
    assert meant(drift_of(shop)) == {
        ("warning", "drift/comment", "core", "public.people.pk_people", "comment")
    }


def test_what_env_py_leaves_out_is_counted_and_not_compared(shop: ProjectFiles) -> None:
    shop.file("migrations/env.py", ENVIRONMENT)
    core = shop.module("core", tier="core")
    core.revision("c2", down="c1", upgrade=executed("CREATE TABLE old_people (id int)"))
    skipped = (
        "\nclass Skipped(Base):\n    __tablename__ = 'skipped'\n"
        "    __table_args__ = {'info': {'skip': True}}\n"
        "    id = mapped_column(Integer, primary_key=True)\n"
    )
    models = CORE.replace("Numeric(10, 2)", "Numeric(10, 3)") + skipped
    shop.file("app/modules/core/models.py", models)

    (finding,) = drift_of(shop)

    assert (finding.severity, finding.rule) == ("info", "drift/left-out")
    assert finding.message.startswith("env.py leaves 2 tables out (include_name, include_object)")
    assert finding.message.endswith(": public.old_people, public.skipped")


FILTERS = """
from modalembic import env

def include_name(name, type_, parents):
    return not (type_ == "index" and parents["table_name"] == "people" and name == "by_name")

def include_object(object_, name, type_, reflected, compare_to):
    return not (reflected and compare_to is None and name in ("by_object", "wish"))

env.run(include_name=include_name, include_object=include_object)
"""


def test_env_py_is_asked_about_what_only_migrations_have_of_a_table(shop: ProjectFiles) -> None:
    shop.file("migrations/env.py", FILTERS)
    shop.module("core", tier="core").revision(
        "c2",
        down="c1",
        upgrade=executed(
            "ALTER TABLE people ADD wish text;"
            "CREATE INDEX by_name ON people (name); CREATE INDEX by_object ON people (name);"
            "CREATE INDEX by_nobody ON people (name)"
        ),
    )

    assert meant(drift_of(shop)) == {
        ("error", "drift/extra-index", "core", "public.people.by_nobody", None)
    }


def test_leaving_every_table_out_is_an_error(shop: ProjectFiles) -> None:
    shop.file(
        "migrations/env.py",
        "from modalembic import env\nenv.run(include_object=lambda *arguments: False)\n",
    )

    (finding,) = drift_of(shop)

    assert (finding.severity, finding.rule) == ("error", "drift/nothing-to-compare")


def test_ignored_drift_is_let_pass_and_an_idle_entry_is_a_finding(
    tmp_path: Path, server_url: str
) -> None:
    ignore = "[[tool.modalembic.drift.ignore]]\n"
    entries = (
        f'{ignore}name = "public.people.na*"\nrule = "drift/column-*"\nreason = "on its way"\n'
        f'{ignore}name = "public.gone"\nreason = "long ago"\n'
    )
    shop = drift_shop(tmp_path / "shop", server_url, entries)

    (finding,) = drift_of(changed(shop, "String(80)", "String(81)"))

    assert (finding.severity, finding.rule) == ("warning", "drift/unused-ignore")
    assert finding.name == "public.gone"
    assert "long ago" in finding.message
    assert finding.path == shop.root / "pyproject.toml"
    assert finding.line is not None
    lines = (shop.root / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    assert lines[finding.line - 1 : finding.line + 1] == [ignore.strip(), 'name = "public.gone"']


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[tool.modalembic.drift.ignore]]\nname = "x"', "an entry has no reason"),
        ('[tool.modalembic.drift]\ncompare = ["data"]', "'data' is none of function, policy"),
        (
            '[[tool.modalembic.drift.ignore]]\nname = "x"\nreason = "y"\npart = "z"',
            "unknown key 'part'",
        ),
    ],
)
def test_a_wrong_configuration_is_refused(
    tmp_path: Path, server_url: str, text: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        drift_shop(tmp_path / "shop", server_url, text).load()


def test_every_finding_has_a_rule_of_the_list(shop: ProjectFiles) -> None:
    shop.file("app/modules/core/models.py", CORE.replace("people", "persons") + LISTENERS)
    shop.file("app/modules/billing/models.py", "")

    assert {finding.rule for finding in drift_of(shop)} <= RULES.keys()


def test_a_project_that_is_not_sound_is_not_said_to_be_right(shop: ProjectFiles) -> None:
    shop.module("core", tier="core").revision("c2", down="nowhere")

    (finding,) = drift_of(shop)

    assert (finding.severity, finding.rule) == ("error", "drift/nothing-to-compare")


def test_roles_that_migrations_name_are_there_for_as_long(
    shop: ProjectFiles, server: psycopg.Connection
) -> None:
    role = f"Drift reader {os.getpid()}"
    shop.module("core", tier="core").revision(
        "c2",
        down="c1",
        upgrade=executed(f'''GRANT SELECT ON people TO \\"{role}\\"'''),
    )

    assert drift_of(shop) == []
    found = server.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchall()
    assert found == []


def test_the_schema_of_the_version_table_is_made(tmp_path: Path, server_url: str) -> None:
    shop = drift_shop(tmp_path / "shop", server_url, 'version_table_schema = "meta"')

    assert drift_of(shop) == []


def test_a_relationship_that_leads_nowhere_is_a_warning(shop: ProjectFiles) -> None:
    astray = """
from sqlalchemy.orm import relationship
Invoice.customer = relationship("Nobody")
"""
    shop.file("app/modules/billing/models.py", BILLING + astray)
    with forgotten("app"):
        try:
            (finding,) = check_drift(shop.load())
        finally:
            # Or else it is in the way of all other mappers of this process.
            sys.modules["app.base"].Base.registry.dispose()
    assert (finding.severity, finding.rule) == ("warning", "drift/mappers")
    assert "'Nobody'" in finding.message


def test_a_role_that_models_alone_name_is_there_for_as_long(
    shop: ProjectFiles, server: psycopg.Connection
) -> None:
    grant = """
from sqlalchemy import DDL, event
event.listen(Base.metadata, "after_create", DDL("GRANT SELECT ON invoices TO drift_auditor"))
"""
    shop.file("app/modules/billing/models.py", BILLING + grant)

    assert drift_of(shop) == []
    roles = "SELECT FROM pg_roles WHERE rolname = 'drift_auditor'"
    assert server.execute(roles).fetchone() is None


def test_what_the_application_prints_is_not_in_the_result(shop: ProjectFiles) -> None:
    shop.file("app/modules/core/models.py", CORE + "\nprint('models')\n")
    shop.file(
        "migrations/env.py",
        "from alembic import context\n"
        "print('env.py')\n"
        "context.configure(connection=context.config.attributes['connection'])\n"
        "context.run_migrations()\n",
    )
    with forgotten("app"):
        result = modalembic(shop, "check", "drift", "--format", "json")
    assert json.loads(result.out)["findings"] == []
    assert {"models", "env.py"} <= set(result.err.splitlines())
