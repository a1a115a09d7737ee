"""Commands of the project that run before and after a run, and when one fails.

Each gets a JSON document on stdin that says what is to run, or has run. No shell is between, and
nothing secret is on a command line; the database's URL is in the environment where the project asks
for that.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from modalembic.errors import (
    Interrupted,
    MigrationFailed,
    ModalembicError,
    ProjectWarning,
    RunHookFailed,
)
from modalembic.history.plan import Plan
from modalembic.postgres.redaction import redact, redact_urls
from modalembic.project import Project
from modalembic.runtime.options import Observer

if TYPE_CHECKING:
    from modalembic.postgres.url import DatabaseURL
    from modalembic.runtime.applied import AppliedStep

_GRACE_SECONDS = 2
_URL = "MODALEMBIC_DATABASE_URL"


class Hooks(Observer):
    """Runs the hooks of `project` around one call of `command`; `told` hears what they say.

    `before` and `after` run where there is something to do; `on_failure` whatever it is that
    failed, once the run has begun.
    """

    def __init__(self, project: Project, command: str, target: str, told: Observer) -> None:
        self._project = project
        self._settings = project.configuration.hooks
        self._told = told
        self._url: DatabaseURL | None = None
        self._at_work = False
        self._facts: dict[str, Any] = {
            "run_id": None,
            "command": command,
            "target": target,
            "project": str(project.root),
            "database": None,
            "revisions": None,
            "applied": [],
            "failed": None,
            "error": None,
        }

    def begun(self, run_id: str) -> None:
        self._facts["run_id"] = run_id

    def connecting(self, url: DatabaseURL | None) -> None:
        self._url = url
        self._facts["database"] = None if url is None else url.safe

    def planned(self, plan: Plan) -> None:
        self._begin(
            [
                {
                    "revision": step.revision.id,
                    "module": step.revision.module,
                    "direction": step.direction,
                }
                for step in plan.steps
            ]
        )

    def stamping(self, before: Sequence[str], after: Sequence[str]) -> None:
        graph = self._project.graph
        self._begin(
            [
                {"revision": row, "module": graph.revisions[row].module, "direction": "stamp"}
                for row in after
                if row not in before and row in graph.revisions
            ]
        )

    def finished(self, done: AppliedStep) -> None:
        self._facts["applied"].append(done.document)

    def ended(self) -> None:
        if self._at_work:
            self._run_and_go_on("after")

    def broken(self, error: BaseException) -> None:
        if isinstance(error, MigrationFailed):
            self._facts["failed"] = error.failed
        self._facts["error"] = _document(error)
        self._run_and_go_on("on_failure")

    def _begin(self, revisions: list[dict[str, Any]]) -> None:
        """Raise RunHookFailed where the hook `before` does not want the run."""
        self._facts["revisions"] = revisions
        self._at_work = True
        trouble = self._run("before")
        if trouble is not None:
            configuration = self._project.configuration
            raise RunHookFailed(
                f"the hook before {trouble}; nothing was run",
                hint="mend what it complains of, or the hook",
                path=configuration.file,
                line=configuration.line_of("hooks", "before"),
            )

    def _run_and_go_on(self, name: str) -> None:
        trouble = self._run(name)
        if trouble is not None:
            configuration = self._project.configuration
            self._told.warning(
                ProjectWarning(
                    "run-hook-failed",
                    f"the hook {name} {trouble}; what the run did stays as it is",
                    path=configuration.file,
                    line=configuration.line_of("hooks", name),
                )
            )

    def _run(self, name: str) -> str | None:
        """Run a hook; what went wrong, in words that follow its name."""
        command: tuple[str, ...] | None = getattr(self._settings, name)
        if command is None:
            return None
        facts = _scrubbed({"version": 1, "hook": name, **self._facts}, self._url)
        with tempfile.TemporaryFile() as document, tempfile.TemporaryFile() as output:
            document.write(json.dumps(facts, default=str).encode())
            document.seek(0)
            try:
                code = self._wait(name, command, document, output)
            except OSError as error:
                return f"cannot be run: {command[0]}: {error.strerror}"
            output.seek(0)
            lines = output.read().decode(errors="replace").splitlines()
        for line in lines:
            self._told.event(f"{name}: {_scrubbed(line, self._url)}")
        if code is None:
            return f"did not end within {self._settings.timeout:g} s"
        return f"ended with exit code {code}" if code else None

    def _wait(self, name: str, command: Sequence[str], document: Any, output: Any) -> int | None:
        """Its exit code; None where it took too long."""
        with _group(
            subprocess.Popen(
                command,
                cwd=self._project.root,
                env=self._environment(name),
                stdin=document,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        ) as process:
            try:
                return process.wait(self._settings.timeout or None)
            except subprocess.TimeoutExpired:
                return None

    def _environment(self, name: str) -> dict[str, str]:
        """That of the process, without URLs of databases unless the project asks for that."""
        environ = {
            key: value
            for key, value in os.environ.items()
            if not (key.startswith("MODALEMBIC_") and key.endswith("_URL"))
        }
        environ["MODALEMBIC_HOOK"] = name
        environ["MODALEMBIC_RUN_ID"] = self._facts["run_id"] or ""
        if self._settings.database_url and self._url is not None:
            environ[_URL] = self._url.conninfo
        return environ


@contextmanager
def _group(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, and all that it started if it has to be ended."""
    try:
        yield process
    finally:
        if process.poll() is None:
            _signal(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)
            _signal(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _document(error: BaseException) -> dict[str, Any]:
    if isinstance(error, KeyboardInterrupt):
        error = Interrupted("interrupted")
    if not isinstance(error, ModalembicError):
        error = ModalembicError(f"{type(error).__name__}: {error}")
    path = None if error.path is None else str(error.path)
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "path": path,
        "line": error.line,
    }


def _scrubbed(value: Any, url: DatabaseURL | None) -> Any:
    """`value` without passwords."""
    if isinstance(value, str):
        return redact_urls(value if url is None else redact(value, url))
    if isinstance(value, dict):
        return {key: _scrubbed(item, url) for key, item in value.items()}
    return [_scrubbed(item, url) for item in value] if isinstance(value, list) else value
