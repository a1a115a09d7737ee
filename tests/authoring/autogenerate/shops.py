"""Small projects whose models change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from modalembic.authoring.autogenerate.command import (
    PlannedRevisions,
    plan_revisions,
    write_revisions,
)
from modalembic.checks.drift import check_drift
from modalembic.checks.finding import Finding
from tests.projects import GLOB, ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import ENV

BASE = """
from sqlalchemy import MetaData

M = MetaData()
"""
HEAD = """
from sqlalchemy import *
from sqlalchemy.dialects.postgresql import DOMAIN, JSONB

from app.base import M

"""


@dataclass
class Shop:
    """A project with a module for each name, each with an empty first revision."""

    files: ProjectFiles

    def models(self, **models: str) -> Shop:
        """The models of modules, from now on."""
        for name, text in models.items():
            path = f"app/modules/{name}/models.py"
            self.files.file(path, HEAD + dedent(text))
        return self

    def planned(self, message: str = "change", **options: Any) -> PlannedRevisions:
        """What would be written."""
        with forgotten("app"):
            return plan_revisions(self.files.load(), message, **options)

    def generated(self, message: str = "change", **options: Any) -> PlannedRevisions:
        """What was written."""
        with forgotten("app"):
            project = self.files.load()
            planned = plan_revisions(project, message, **options)
            write_revisions(project, planned)
            return planned

    def drift(self) -> list[Finding]:
        """What `check drift` has to say that is no mere remark."""
        with forgotten("app"):
            found = check_drift(self.files.load())
            return [each for each in found if each.severity != "info"]


def shop(root: Path, server_url: str, *names: str, base: str = BASE) -> Shop:
    """The project; its scratch databases are made on the server of `server_url`."""
    files = ProjectFiles(root).configure(f'{GLOB}\nscratch = "{server_url}"')
    files.file("migrations/env.py", ENV).file("app/base.py", base)
    files.file("app/__init__.py").file("app/modules/__init__.py")
    for name in names:
        files.module(name).revision(f"{name}1", labels=name)
    return Shop(files)


def bodies(planned: PlannedRevisions) -> Mapping[str, str]:
    """What the new files have from `upgrade` on, by module; of several, all together."""
    found: dict[str, str] = {}
    texts = {change.path: change.after or "" for change in planned.changes.changes}
    for each in planned.revisions:
        text = texts[each.path]
        found[each.module] = found.get(each.module, "") + text[text.index("def upgrade") :]
    return found
