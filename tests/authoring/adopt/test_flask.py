"""Flask-Migrate's layout: `migrations/alembic.ini` without script_location, an `env.py` that finds
everything at `current_app`. Flask itself is small here; tests/corpora has the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from modalembic.project import Project
from tests.authoring.adopt.layouts import INVOICES, revision_of
from tests.projects import ProjectFiles
from tests.runtime.support import done, modalembic_process, tables, versions

ENV = """
from flask import current_app

from alembic import context

config = context.config


def get_engine():
    return current_app.extensions['migrate'].db.engine


config.set_main_option('sqlalchemy.url', str(get_engine().url).replace('%', '%%'))
target_db = current_app.extensions['migrate'].db


def get_metadata():
    return target_db.metadata


def run_migrations_online():
    conf_args = current_app.extensions['migrate'].configure_args
    connectable = get_engine()

    with connectable.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=get_metadata(),
            **conf_args
        )

        with context.begin_transaction():
            context.run_migrations()


run_migrations_online()
"""
FLASK = """
from contextlib import contextmanager
from types import SimpleNamespace

here = []


class Current:
    def __getattr__(self, name):
        if not here:
            raise RuntimeError("Working outside of application context.")
        return getattr(here[-1], name)


current_app = Current()


class Flask:
    def __init__(self, db, **configure_args):
        migrate = SimpleNamespace(db=db, configure_args=configure_args)
        self.extensions = {"migrate": migrate}

    @contextmanager
    def app_context(self):
        here.append(self)
        yield
        here.pop()
"""
SHOP = """
from types import SimpleNamespace

from flask import Flask
from sqlalchemy import MetaData, create_engine

engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
db = SimpleNamespace(engine=engine, metadata=MetaData())


def create_app():
    return Flask(db, version_table="shop_version")
"""


def flask_project(root: Path) -> ProjectFiles:
    project = ProjectFiles(root).file("flask.py", FLASK).file("shop.py", SHOP)
    project.file("migrations/alembic.ini", "[alembic]\n# file_template = %%(rev)s\n")
    project.file("migrations/env.py", ENV)
    project.location("migrations/versions").revision("aa1", **INVOICES)
    project.module("billing")
    return project


def test_the_application_is_found_and_its_context_entered(
    tmp_path: Path, make_database: Callable[[], str]
) -> None:
    project = flask_project(tmp_path / "shop").file(".flaskenv", "FLASK_APP=shop\n")
    project.file("boot.sh", "flask db upgrade\n")
    document = done(modalembic_process(project, "adopt", "--format", "json")).document
    configuration = Project.load(project.root).configuration
    assert configuration.context == "shop:create_app"
    assert configuration.alembic_config == "migrations/alembic.ini"
    assert configuration.script_location == "migrations"
    # It is an argument of the extension, which only the running application knows.
    assert configuration.version_table == "shop_version"
    assert [head["replacement"] for head in document["heads"]] == ["flask db upgrade heads"]
    assert "target_metadata is get_metadata()" in document["notes"][0]
    ini = (project.root / "migrations/alembic.ini").read_text()
    assert "    %(here)s/versions\n" in ini
    assert "    %(here)s/../app/modules/billing/migrations/versions\n" in ini
    url = make_database()
    done(modalembic_process(project, "upgrade", "heads", url=url))
    assert versions(url, "shop_version") == {revision_of(project, "billing")}
    assert "invoices" in tables(url)


def test_the_application_can_be_named(tmp_path: Path) -> None:
    project = flask_project(tmp_path / "shop")
    refused = modalembic_process(project, "adopt")
    assert refused.code == 2
    assert "FLASK_APP is not set" in refused.err
    assert "--context shop:create_app" in refused.err
    done(modalembic_process(project, "adopt", "--context", "shop:create_app", "--dry-run"))
