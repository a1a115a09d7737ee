"""`check drift` on public applications with their own models: every error that it finds is a true
difference, named here with its reason, and whatever Alembic's comparison finds is found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from tests.corpora.commands import Corpus, Result
from tests.corpora.environments import ASSETS, Environments

if TYPE_CHECKING:
    import psycopg

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

Differences = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Application:
    """A project in `assets`, below the directory of its packages; the errors that are true of it,
    by rule and object, each with its reason; how many warnings (names, sequences) there are."""

    packages: str
    directory: str
    errors: Differences = field(default_factory=dict)
    warnings: int = 0
    driver: str = "psycopg"
    environ: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.directory.rpartition("/")[2]


PUBLIC = "public."
MARK = "compared: "  # Airflow logs on stdout too
ACCESS_RULE = "application_credential_access_rule"

BARBICAN = Application("openstack_models", "openstack_models/barbican", warnings=1)
PLACEMENT = Application("openstack_models", "openstack_models/placement")
# Keystone's env.py has a list of what its maintainers know to differ; all of it is here that is
# still true, and what the list has no word for (the order of a constraint's columns).
KEYSTONE = Application(
    "openstack_models",
    "openstack_models/keystone",
    {
        ("extra-foreign-key", "endpoint.fk_endpoint_region_id"): "without RESTRICT, see below",
        ("missing-foreign-key", "endpoint.endpoint_region_id_fkey"): "with RESTRICT in the model",
        ("extra-index", "access_token.ix_access_token_consumer_id"): "no index=True in the model",
        ("extra-index", "endpoint.service_id"): "no index=True in the model",
        ("extra-index", "user_group_membership.group_id"): "no index=True in the model",
        ("extra-table", "token"): "the model is gone, the table was not dropped",
        (
            "foreign-key",
            f"{ACCESS_RULE}.{ACCESS_RULE}_access_rule_id_fkey",
        ): "CASCADE in the revision alone",
        ("missing-foreign-key", '"limit".limit_registered_limit_id_fkey'): "in the model alone",
        ("missing-foreign-key", "registered_limit.registered_limit_region_id_fkey"): "as above",
        ("missing-foreign-key", "registered_limit.registered_limit_service_id_fkey"): "as above",
        ("missing-index", "system_assignment.ix_system_actor_id"): "in the model alone",
        (
            "unique",
            "application_credential.duplicate_app_cred_constraint",
        ): "its columns stand in another order",
    },
    warnings=15,
)
OPTUNA = Application(
    "optuna",
    "optuna",
    {
        ("column-nullability", "trial_values.trial_id"): "nullable in the first revision",
        ("missing-table", "trial_heartbeats"): "no revision makes it; create_all does, at runtime",
        ("type", "trialstate"): "v1.2.0.a alters the column to an enum of the same name, which "
        "changes no label",
    },
    warnings=2,
)
QUETZ = Application(
    "quetz",
    "quetz",
    {
        ("column-default", "api_keys.time_created"): "a fixed date in the revision that adds it",
        ("type", "taskstatus"): "a label was added at the end, and stands first in the model",
    },
)
ARGILLA = Application(
    "argilla",
    "argilla",
    {
        ("column-default", "fields.required"): "a default of Python's in the model",
        ("column-default", "questions.required"): "a default of Python's in the model",
    },
    environ={"ARGILLA_DATABASE_URL": "postgresql+asyncpg://nobody@localhost/nothing"},
)
AIRFLOW = Application(
    "airflow",
    "airflow",
    {
        **{
            ("extra-table", f"ab_{name}"): "of the provider FAB, which is not installed"
            for name in (
                "permission",
                "permission_view",
                "permission_view_role",
                "register_user",
                "role",
                "user",
                "user_role",
                "view_menu",
            )
        },
        ("extra-table", "_xcom_archive"): "what a revision puts aside",
        ("index", "dag_run.idx_dag_run_queued_dags"): "its WHERE is in the model alone",
        ("index", "dag_run.idx_dag_run_running_dags"): "its WHERE is in the model alone",
        (
            "primary-key",
            "dagrun_asset_event.dagrun_asset_event_pkey",
        ): "its columns stand in another order",
    },
    warnings=7,
    driver="psycopg2",
    environ={"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@localhost/no"},
)
APPLICATIONS = [BARBICAN, PLACEMENT, KEYSTONE, OPTUNA, QUETZ, ARGILLA, AIRFLOW]


@pytest.fixture(scope="session")
def server_url(icu_server_url: str) -> str:
    """Quetz asks for a collation of ICU."""
    return icu_server_url


@pytest.fixture(scope="session")
def server(server_url: str) -> Iterator[psycopg.Connection]:
    with connect(DatabaseURL.parse(server_url), application_name="tests") as connection:
        yield connection


@pytest.fixture
def corpus(
    application: Application,
    environments: Environments,
    tmp_path_factory: pytest.TempPathFactory,
) -> Corpus:
    root = tmp_path_factory.mktemp(str(application)) / "project"
    shutil.copytree(ASSETS / application.directory, root)
    return Corpus(environments.with_packages(application.packages), root, root)


@pytest.mark.parametrize("application", APPLICATIONS, ids=str)
def test_every_error_is_a_true_difference_and_nothing_is_missed_that_stock_alembic_finds(
    application: Application, corpus: Corpus, server_url: str, make_database: Callable[[], str]
) -> None:
    environ = {**application.environ, "AIRFLOW_HOME": str(corpus.root / "airflow")}
    scratch = {**environ, "MODALEMBIC_SCRATCH_URL": with_driver(server_url, application.driver)}
    code = 1 if application.errors else 0

    result = corpus.modalembic("check", "drift", "--format", "json", environ=scratch, code=code)
    assert errors(result) == set(application.errors)
    findings = result.document["findings"]
    assert sum(each["severity"] == "warning" for each in findings) == application.warnings

    url = with_driver(make_database(), application.driver)
    corpus.modalembic("upgrade", database=url, environ=environ)
    stock = corpus.python(ASSETS / "compared_by_stock.py", {**environ, "DATABASE_URL": url})
    assert set(json.loads(stock.out.rpartition(MARK)[2])) <= tables(result)


def with_driver(url: str, driver: str) -> str:
    return replace(DatabaseURL.parse(url), driver=driver).sqlalchemy


def errors(result: Result) -> set[tuple[str, str]]:
    """The rules and objects (without the schema) of the errors that a check found."""
    return {
        (
            each["rule"].removeprefix("drift/"),
            (each["name"] or each["message"]).removeprefix(PUBLIC),
        )
        for each in result.document["findings"]
        if each["severity"] == "error"
    }


def tables(result: Result) -> set[str]:
    """The first part of the names of all that a check found but for the order of columns."""
    return {
        each["name"].removeprefix(PUBLIC).partition(".")[0].strip('"')
        for each in result.document["findings"]
        if each["rule"] != "drift/column-order"
    }
