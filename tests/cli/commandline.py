"""The command line as its users have it: in this process where that will do, else in its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.cli.main import run
from tests.projects import ProjectFiles

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that it wrote."""
        return self.out + self.err

    @property
    def json(self) -> dict[str, Any]:
        """The document on stdout."""
        document = json.loads(self.out)
        assert document["version"] == 1
        return dict(document)


@dataclass(frozen=True)
class CommandLine:
    """Runs commands on a project in this process."""

    project: ProjectFiles
    read: Callable[[], tuple[str, str]]

    def __call__(self, *arguments: object) -> Outcome:
        """The command with `--project` in front."""
        return self.bare("--project", self.project.root, *arguments)

    def bare(self, *arguments: object) -> Outcome:
        """The command as given."""
        self.read()
        code = run([str(argument) for argument in arguments])
        return Outcome(code, *self.read())


def start(
    arguments: Sequence[object],
    *,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **options: Any,
) -> subprocess.Popen[str]:
    """Start a command as a process of its own, with pipes for stdout and stderr."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, "-m", "modalembic", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        text=True,
        stdin=subprocess.DEVNULL,
        **{**pipes, **options},
    )


def finish(process: subprocess.Popen[str]) -> Outcome:
    """What the process left; it is given a minute."""
    try:
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()
    return Outcome(process.returncode, out, err)


def shop(root: Path, configuration: str = "") -> ProjectFiles:
    """A project of three modules: billing and shipping require core, shipping billing too."""
    project = ProjectFiles(root).configure(f'modules = ["app/modules/*"]\n{configuration}')
    core = project.module("core", tier="core")
    core.revision("core1", **table("people")).revision("core2", down="core1", **table("roles"))
    billing = project.module("billing", requires=["core"])
    billing.revision("bill1", depends_on="core2", **table("invoices"))
    billing.revision("bill2", down="bill1", **table("payments"))
    shipping = project.module("shipping", tier="internal", requires=["core", "billing"])
    shipping.revision("ship1", depends_on="bill1", **table("parcels"))
    return project


def table(name: str) -> dict[str, str]:
    """The bodies of a revision that creates a table."""
    return {
        "upgrade": f'op.execute("CREATE TABLE {name} (id int PRIMARY KEY)")',
        "downgrade": f'op.execute("DROP TABLE {name}")',
    }
