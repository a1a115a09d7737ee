"""What Invenio's models and revisions want around them: its application with translations, and with
the tables that SQLAlchemy-Continuum makes of those that are versioned."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from flask import Flask
from invenio_db import InvenioDB
from invenio_i18n import InvenioI18N


@cache
def application() -> Flask:
    app = Flask("app")
    app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql+psycopg://"
    InvenioI18N(app)
    InvenioDB(app)
    return app


def context() -> AbstractContextManager[object]:
    return application().app_context()
