"""The example's thirteen modules and its central history: every order of its branches works."""

from __future__ import annotations

from pathlib import Path

from tests.cli.commandline import finish, start
from tests.examples.shops import EXAMPLES


def test_every_order_of_the_branches_works(server_url: str, tmp_path: Path) -> None:
    environ = {"MODALEMBIC_SCRATCH_URL": server_url, "MODALEMBIC_CACHE_DIR": str(tmp_path)}
    arguments = ["--project", EXAMPLES / "marketplace", "check", "dependencies"]
    outcome = finish(start(arguments, environ=environ))
    assert (outcome.code, outcome.out) == (0, "no findings (dependencies)\n"), outcome.err
