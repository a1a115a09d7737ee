"""What Invenio's revisions want around them: an application with translations."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import Flask
from invenio_i18n import InvenioI18N


def context() -> AbstractContextManager[object]:
    app = Flask("app")
    InvenioI18N(app)
    return app.app_context()
