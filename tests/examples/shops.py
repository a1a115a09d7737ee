"""The two examples, and stock Alembic run on them from outside.

Both call their package `app`, so no test imports either: each runs in an interpreter of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Shop:
    name: str

    @property
    def directory(self) -> Path:
        return EXAMPLES / self.name

    def alembic(self, url: str, *arguments: str) -> str:
        return self.python(url, "-m", "alembic", *arguments)

    def python(self, url: str | None, *arguments: str) -> str:
        # The first is the applications' own; modalembic's template of env.py reads the second.
        environment = {"DATABASE_URL": url, "MODALEMBIC_DATABASE_URL": url} if url else {}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.directory,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
        return done.stdout


MONOLITH = Shop("monolith")
MARKETPLACE = Shop("marketplace")
