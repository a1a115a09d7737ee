"""Forks for each request a process that has everything imported and does what the program
`modalembic` (or `alembic`) does. Requests and answers are lines of JSON; see `zygote.py`.

To start Python and import Alembic takes ten times as long as a small upgrade; a forked process runs
the same code on the same input, from the entry point on.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

import modalembic

IMPORTED = (
    "alembic.command",
    "alembic.runtime.environment",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.ext.asyncio",
    "typer",
)


def serve() -> None:
    """Answer requests until there are no more: the pid at once, then how the process ended."""
    for name in IMPORTED:
        importlib.import_module(name)
    for name in _all_of_modalembic():
        with suppress(ImportError):  # what only an extra brings
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    say({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            become(request)
        say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        say({"code": os.waitstatus_to_exitcode(status)})


def _all_of_modalembic() -> Iterator[str]:
    """All of it, so that an edit of its source changes nothing while many processes run."""
    modules = pkgutil.walk_packages(modalembic.__path__, "modalembic.")
    return (each.name for each in modules if not each.name.endswith("__main__"))


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def become(request: dict[str, Any]) -> NoReturn:
    """Be the program that is asked for, to its end."""
    for number, name in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        opened = os.open(name, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    os.chdir(request["cwd"])
    os.environ.update(request["environ"])
    # As for `python -m`: the directory comes first.
    sys.path.insert(0, request["cwd"])
    sys.argv = [request["program"], *request["arguments"]]
    code = 70
    try:
        programs()[request["program"]]()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def programs() -> dict[str, Callable[[], Any]]:
    """The entry points of what can be run."""
    from alembic.config import main as alembic

    from modalembic.cli.main import main

    return {"alembic": alembic, "modalembic": main}


if __name__ == "__main__":
    serve()
