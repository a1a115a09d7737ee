"""Invenio: nine packages with a branch each, found by their entry points, none of them ours."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from modalembic.postgres.url import DatabaseURL
from tests.corpora.commands import Corpus, Look, Schema
from tests.corpora.environments import ASSETS, Environments

pytestmark = [pytest.mark.corpus]

MODULES = {
    "invenio_db": 3,
    "invenio_access": 7,
    "invenio_accounts": 11,
    "invenio_files_rest": 7,
    "invenio_oauth2server": 4,
    "invenio_oauthclient": 7,
    "invenio_pidstore": 3,
    "invenio_records": 5,
    "invenio_webhooks": 3,
}
# Others depend on the last revision of invenio_db, so it has no row.
ROWS = [
    "08e4a71525b6",
    "201faeb649c7",
    "23e196599f9f",
    "3d7f57a61d67",
    "66db9c49c699",
    "734dbec0f3f8",
    "edf0c0907f40",
    "f9843093f686",
]


@pytest.fixture(scope="session")
def invenio(environments: Environments, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    directory = tmp_path_factory.mktemp("invenio")
    shutil.copytree(ASSETS / "invenio", directory, dirs_exist_ok=True)
    environment = environments.with_packages("invenio")
    return Corpus(environment, directory / "project", directory / "stock")


@pytest.fixture(scope="session")
def kept() -> dict[str, Schema]:
    return {}


@pytest.fixture
def expected(
    invenio: Corpus, make_database: Callable[[], str], look: Look, kept: dict[str, Schema]
) -> Schema:
    """What stock Alembic makes of an empty database."""
    if "schema" not in kept:
        database = make_database()
        invenio.alembic(database, "upgrade", "heads")
        assert look.rows(database) == ROWS
        kept["schema"] = look.schema(database)
        # Its database is at the heads for modalembic, too.
        invenio.modalembic("current", "--check", database=database)
    return kept["schema"]


def test_entry_points_lead_to_all_modules(invenio: Corpus) -> None:
    document = invenio.modalembic("modules", "--format", "json").document
    modules = {module["name"]: module for module in document["modules"]}
    assert {name: module["revisions"] for name, module in modules.items()} == MODULES
    labels = {name: module["label"] for name, module in modules.items()}
    assert labels == {name: name for name in MODULES} | {"invenio_db": "default"}
    assert modules["invenio_pidstore"]["tables"] == [
        "pidstore_pid",
        "pidstore_recid",
        "pidstore_redirect",
    ]


def test_every_module_has_one_head_and_every_revision_a_step(invenio: Corpus) -> None:
    heads = invenio.modalembic("heads", "--format", "json").document["heads"]
    assert [head["module"] for head in heads] == list(MODULES)
    history = invenio.modalembic("history", "--format", "json").document["revisions"]
    steps = invenio.modalembic("plan", "--format", "json").document["steps"]
    assert len(steps) == len(history) == sum(MODULES.values())
    assert invenio.modalembic("plan", "default@head").out == (
        invenio.modalembic("plan", "invenio_db").out
    )


def test_the_one_trap_is_told(invenio: Corpus) -> None:
    told = invenio.modalembic("heads").err
    assert told.count("warning:") == 1
    assert "f2522cdd5fcd computes its depends_on" in told
    assert "here it is 842a62b56e60" in told
    assert "f2522cdd5fcd_change_accountsrole_primary_key_to_string.py:55" in told


def test_modalembic_and_stock_alembic_leave_the_same_database(
    invenio: Corpus, database_url: str, look: Look, expected: Schema
) -> None:
    invenio.modalembic("upgrade", "heads", database=database_url)
    assert look.schema(database_url) == expected
    assert len(expected["tables"]) == 31
    assert look.rows(database_url) == ROWS
    invenio.modalembic("current", "--check", database=database_url)
    again = invenio.modalembic("upgrade", "heads", database=database_url)
    assert again.out == "nothing to do: the database is at heads\n"


def test_down_to_base_again(invenio: Corpus, database_url: str, look: Look) -> None:
    invenio.modalembic("upgrade", database=database_url)
    invenio.modalembic("downgrade", "base", database=database_url)
    assert not any(look.schema(database_url).values())
    assert look.tables(database_url) == ["alembic_version", "modalembic_history"]
    assert look.rows(database_url) == []
    invenio.modalembic("current", "--check", database=database_url, code=1)


@pytest.mark.parametrize("target", ["invenio_files_rest@head", "invenio_access@head"])
def test_modalembic_goes_on_from_where_stock_alembic_stopped(
    invenio: Corpus, database_url: str, look: Look, expected: Schema, target: str
) -> None:
    invenio.alembic(database_url, "upgrade", target)
    invenio.modalembic("current", "--check", database=database_url, code=1)
    invenio.modalembic("upgrade", database=database_url)
    assert look.schema(database_url) == expected
    assert look.rows(database_url) == ROWS


def test_stock_alembic_goes_on_from_where_modalembic_stopped(
    invenio: Corpus, database_url: str, look: Look, expected: Schema
) -> None:
    one = ("upgrade", "--module", "invenio_oauthclient", "--format", "json")
    applied = invenio.modalembic(*one, database=database_url).document["applied"]
    assert {step["module"] for step in applied} == {
        "invenio_db",
        "invenio_accounts",
        "invenio_oauthclient",
    }
    modules = invenio.modalembic("modules", "--format", "json", database=database_url).document
    state = {module["name"]: module["state"] for module in modules["modules"]}
    assert state["invenio_oauthclient"] == "current"
    assert state["invenio_webhooks"] == "pending"

    invenio.alembic(database_url, "upgrade", "heads")
    assert look.schema(database_url) == expected
    assert look.rows(database_url) == ROWS


@pytest.mark.slow
def test_its_models_and_migrations_differ_in_one_index(invenio: Corpus, server_url: str) -> None:
    scratch = {"MODALEMBIC_SCRATCH_URL": server_url}
    result = invenio.modalembic("check", "drift", "--format", "json", environ=scratch, code=1)
    told = {
        (each["severity"], each["rule"], each["name"], each["module"])
        for each in result.document["findings"]
        if each["rule"] != "drift/column-order"
    }
    assert told == {
        # A listener of the model makes it, revision a29271fd78f8 as well; e172c837b036 drops it.
        (
            "error",
            "drift/missing-index",
            "public.files_object.ix_uq_partial_files_object_is_head",
            "invenio_files_rest",
        ),
        # The column has become a string, and its sequence has stayed.
        ("warning", "drift/extra-sequence", "public.accounts_role_id_seq", "invenio_accounts"),
    }
    orders = {each["severity"] for each in result.document["findings"]} - {"error", "warning"}
    assert orders == {"info"}


@pytest.mark.slow
def test_stock_alembic_cannot_see_that_index(invenio: Corpus, database_url: str) -> None:
    invenio.modalembic("upgrade", database=database_url)
    url = DatabaseURL.parse(database_url).sqlalchemy
    found = invenio.python(ASSETS / "compared_by_stock.py", {"DATABASE_URL": url}).out
    assert found == "compared: []"


@pytest.mark.slow
def test_a_database_that_stock_alembic_upgraded_has_no_drift(
    invenio: Corpus, server_url: str, database_url: str
) -> None:
    invenio.alembic(database_url, "upgrade", "heads")
    scratch = {"MODALEMBIC_SCRATCH_URL": server_url}
    against = ("check", "drift", "--against", database_url, "--format", "json")
    assert invenio.modalembic(*against, environ=scratch).document["findings"] == []


def test_what_is_wrong_with_its_history_is_told(invenio: Corpus) -> None:
    findings = invenio.modalembic("check", "history", "--format", "json").document["findings"]
    assert [(each["rule"], each["name"]) for each in findings] == [
        ("history/empty-downgrade", "f9843093f686"),
        ("history/empty-downgrade", "35c1075e6360"),
        ("history/redundant-dependency", "469925575192"),
        ("history/redundant-dependency", "a095bd179f5c"),
    ]
