"""Many changes of `examples/marketplace` in one process of its own, since it is called `app`.

Run as a program it reads a job on stdin and writes the results to stdout, one JSON line for each.
A job names what to do (`ACTIONS`), and the URL of a database that the marketplace's migrations made
(`template`), of which each change gets a clone.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from modalembic.cli.main import run
from modalembic.postgres.url import DatabaseURL

ROOT = Path(__file__).parents[2]
MARKETPLACE = ROOT / "examples" / "marketplace"
FILE_COPY_SINCE = 150000
# What children share that import the application each for itself.
PRELOADED = (
    "alembic.autogenerate",
    "modalembic.checks.drift",
    "modalembic.runtime.drift.models",
    "modalembic.runtime.models.loaded",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.orm",
    "tests.checks.alembic_sees",
)


def perform(job: Mapping[str, Any], *, cache: Path, directory: Path = MARKETPLACE) -> list[Any]:
    """The results of a job, in the order of its items, run in `directory`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.checks.market"],
        cwd=directory,
        input=json.dumps(job),
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "MODALEMBIC_SCRATCH_URL": job["template"],
            "MODALEMBIC_CACHE_DIR": str(cache),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def upgrade(url: str, *, cache: Path) -> None:
    """Make the marketplace's database of an empty one."""
    (outcome,) = perform({"action": "upgrade", "template": url, "items": [None]}, cache=cache)
    assert outcome["code"] == 0, outcome["err"]


@contextmanager
def clone(template: str) -> Iterator[str]:
    """The URL of a copy of a database; nobody may be connected to that one."""
    url = DatabaseURL.parse(template)
    name = f"{url.database}_clone"
    of, to = sql.Identifier(str(url.database)), sql.Identifier(name)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(to)
    with psycopg.connect(url.with_database("postgres").conninfo, autocommit=True) as admin:
        copied = admin.info.server_version >= FILE_COPY_SINCE
        admin.execute(drop)
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(to, of)
            + sql.SQL(" STRATEGY file_copy" if copied else "")
        )
        try:
            yield url.with_database(name).conninfo
        finally:
            admin.execute(drop)


def execute(url: str, script: str) -> None:
    """Run statements as one."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script.encode())


def command(*arguments: str) -> dict[str, Any]:
    """A command line in this process: its exit code, what is on stdout, read, and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([*arguments, "--format", "json"])
    return {"code": code, "err": err.getvalue(), "out": json.loads(out.getvalue() or "null")}


def _upgrade(template: str, _: None) -> dict[str, Any]:
    return command("--database", template, "upgrade", "heads")


def _against(template: str, script: str) -> dict[str, Any]:
    """What the check says of a clone that SQL has changed."""
    with clone(template) as url:
        execute(url, script)
        return command("check", "drift", "--against", url)


def _check(_: str, arguments: Sequence[str]) -> dict[str, Any]:
    """What `check` says."""
    return command("check", *arguments)


def _command(_: str, arguments: Sequence[str]) -> dict[str, Any]:
    """What any command says."""
    return command(*arguments)


def _sees(template: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """What Alembic's comparison finds on a clone that SQL has changed."""
    with clone(template) as url:
        execute(url, item["sql"])
        return _compared(url, item["words"])


def _compared(url: str, words: Sequence[str]) -> dict[str, Any]:
    from tests.checks.alembic_sees import seen

    base = importlib.import_module("app.modules.base")
    base.import_models()
    return seen(url, importlib.import_module("app.db").Base.metadata, words)


def _edited(template: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """What `check drift` says of edited models; or Alembic's comparison, where the item has words.

    A child imports the application, and the parent never does.
    """
    path = Path(item["path"])
    text = path.read_text(encoding="utf-8")
    path.write_text(edited(text, item["edits"]), encoding="utf-8")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        words = item.get("words")
        found = command("check", "drift") if words is None else _compared(template, words)
        with os.fdopen(writing, "w") as pipe:
            pipe.write(json.dumps(found))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    path.write_text(text, encoding="utf-8")
    return dict(json.loads(answer))


def edited(text: str, edits: Sequence[Sequence[str]]) -> str:
    """A text in which each of the edits replaces what occurs once."""
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


ACTIONS: dict[str, Callable[[str, Any], dict[str, Any]]] = {
    "upgrade": _upgrade,
    "against": _against,
    "check": _check,
    "command": _command,
    "sees": _sees,
    "edited": _edited,
}


def main(job: Mapping[str, Any]) -> None:
    """Write the results of a job."""
    if job["action"] == "edited":
        for name in PRELOADED:
            importlib.import_module(name)
    items: Sequence[Any] = job["items"]
    action = ACTIONS[job["action"]]
    for item in items:
        print(json.dumps(action(job["template"], item)), flush=True)


if __name__ == "__main__":
    main(json.load(sys.stdin))
